//! Finding out what kind of Mac this is.

use super::{Look, ToolError, ask};
use crate::facts::{Facts, Form, Processor, Version};
use crate::mac::{sw_vers, system_profiler};

/// Asks for the macOS version and the hardware.
///
/// # Errors
/// [`ToolError`] where one of them could not be told.
pub fn survey(look: &dyn Look) -> Result<Facts, ToolError> {
    let question = sw_vers::version();
    let os = ask(look, &question)?;
    let Some(macos) = Version::parse(&os.version) else {
        return Err(ToolError::Unsupported { what: format!("macOS version \"{}\"", os.version) });
    };
    let hardware = ask(look, &system_profiler::hardware())?;
    let form = if hardware.is_virtual() {
        Form::Virtual
    } else if hardware.name.starts_with("MacBook") {
        Form::Laptop
    } else {
        Form::Desktop
    };
    let processor = if hardware.apple_silicon { Processor::AppleSilicon } else { Processor::Intel };
    Ok(Facts { macos, build: os.build, processor, form, model: hardware.model })
}
