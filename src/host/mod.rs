//! The one door to the system, and the wrappers around it.

mod as_user;
mod error;
pub mod files;
mod once;
pub mod real;
pub mod removal;
pub mod sessions;
pub mod status;
pub mod survey;
pub mod transcript;
pub mod trust;

pub use as_user::as_user;
pub use error::ToolError;
pub use once::Once;
pub use real::Real;

use crate::mac::{Answer, Ask, Change, Question};

/// Looks at the Mac. Nothing that only has this can change anything.
pub trait Look: Sync {
    /// Asks, and gives back whatever came.
    ///
    /// # Errors
    /// [`ToolError`] where the tool or file could not be asked: missing, hung, killed, too long, unsafe.
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError>;
}

/// Changes the Mac. Only the engine is ever handed one.
pub trait Touch {
    /// Makes one change. `Ok` says that the tool did not object, not that the setting now holds.
    ///
    /// # Errors
    /// [`ToolError::Managed`] where the tool says that an MDM governs the setting, [`ToolError::Refused`] and the others
    /// where the change was not made.
    fn touch(&self, change: &Change) -> Result<(), ToolError>;
}

/// Asks `question` of `look` and reads the answer.
///
/// # Errors
/// Whatever [`Look::look`] gives, and [`ToolError::Misread`] or [`ToolError::Refused`] for an answer that was not understood.
pub fn ask<T>(look: &dyn Look, question: &Question<T>) -> Result<T, ToolError> {
    let answer = look.look(&question.ask)?;
    question.read(&answer).map_err(|why| ToolError::misread(&question.ask, &answer, why))
}
