//! Who is logged in: at the screen, and behind it by fast user switching.

use super::{Look, ToolError, ask};
use crate::mac::{dscl, ps, stat};

/// A login session of a person's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The person's short name.
    pub name: String,
    /// Their user id.
    pub uid: u32,
    /// Whether it is the one on the screen.
    pub at_screen: bool,
}

/// Runs for every session in the window system, as its user (root's own, at the login window, is no person's).
const LOGINWINDOW: &str = "/System/Library/CoreServices/loginwindow.app/Contents/MacOS/loginwindow";

/// The first user id that macOS gives to people.
const FIRST_PERSON: i64 = 501;

/// The login sessions, the one at the screen first, the others by user id. None at the login window and in Setup
/// Assistant, unless somebody's session waits behind it.
///
/// That `loginwindow` runs as the user whose session it is is seen on Macs and not documented. Whoever names a process of
/// their own so can only make their own session seem to be there.
///
/// # Errors
/// [`ToolError`] where a question was not answered; [`ToolError::Contradiction`] where the user at the screen has no
/// account.
pub fn sessions(look: &dyn Look) -> Result<Vec<Session>, ToolError> {
    let at_screen = ask(look, &stat::console_user())?.console_user;
    let accounts = ask(look, &dscl::users())?;
    let processes = ask(look, &ps::processes())?;
    let session = |account: &dscl::Account, at_screen| {
        let uid = u32::try_from(account.uid).ok()?;
        Some(Session { name: account.name.clone(), uid, at_screen })
    };
    let mut sessions = Vec::new();
    if let Some(name) = at_screen {
        let account = accounts.iter().find(|account| account.name == name);
        let missing = || ToolError::Contradiction {
            what: format!("\"{name}\" is logged in at the screen and is no account that dscl lists"),
        };
        sessions.push(account.and_then(|account| session(account, true)).ok_or_else(missing)?);
    }
    let mut behind: Vec<Session> = accounts
        .iter()
        .filter(|account| account.uid >= FIRST_PERSON)
        .filter_map(|account| session(account, false))
        .filter(|session| processes.iter().any(|p| p.uid == session.uid && p.path == LOGINWINDOW))
        .filter(|session| sessions.iter().all(|at_screen| at_screen.uid != session.uid))
        .collect();
    behind.sort_by_key(|session| session.uid);
    sessions.extend(behind);
    Ok(sessions)
}
