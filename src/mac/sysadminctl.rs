//! `sysadminctl`: screen lock, secure tokens, guest access, automatic login. It answers on standard error, each line with
//! the prefix of `NSLog`, and other frameworks log there as well; some sources show the words without the prefix.

use serde::Serialize;

use super::changes::Single;
use super::lines::{self, Number, Reply, after, misread, said};
use super::{Change, Invocation, Misread, Output, Question};

const PROGRAM: &str = "/usr/sbin/sysadminctl";

/// When the screen asks for the password.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScreenLock {
    /// Whether it does.
    pub required: bool,
    /// How many seconds after the screen went dark; 0 is at once. `None` where not required.
    pub delay_seconds: Option<Number>,
}

/// Whether an account can unlock and pass on that right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecureToken {
    /// The account's full name, whatever name was asked for.
    pub name: String,
    /// Whether it holds a secure token.
    pub secure_token: bool,
}

/// The guest account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct GuestAccount {
    /// Whether it is enabled.
    pub guest_account: bool,
}

/// Guests on shared folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SmbGuestAccess {
    /// Whether they are let in over SMB.
    pub smb_guest_access: bool,
}

/// Automatic login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AutoLogin {
    /// Whether somebody is logged in without a password when the Mac starts.
    pub autologin: bool,
    /// Who.
    pub user: Option<String>,
}

/// When does the screen of user `uid` ask for the password? Only that user's own session knows.
#[must_use]
pub fn screen_lock(uid: u32) -> Question<ScreenLock> {
    Question::lines(Invocation::new(PROGRAM, &["-screenLock", "status"]).as_user(uid), parse_screen_lock)
}

/// Does `user` (a short name) hold a secure token?
#[must_use]
pub fn secure_token(user: &str) -> Question<SecureToken> {
    Question::lines(Invocation::new(PROGRAM, &["-secureTokenStatus", user]), parse_secure_token)
}

/// Can somebody log in as a guest?
#[must_use]
pub fn guest_account() -> Question<GuestAccount> {
    Question::lines(guest_status(), parse_guest_account)
}

/// Lets guests log in, or not.
#[must_use]
pub fn set_guest_account(on: bool) -> Change {
    Change {
        run: Invocation::new(PROGRAM, &["-guestAccount", if on { "on" } else { "off" }]),
        read: |output| parse_setter("Guest account ", output),
    }
}

/// The command `args` as a change of the agent's own.
pub(super) fn own(args: &[&str]) -> Option<Vec<Single>> {
    let (change, holds) = match args {
        ["-guestAccount", "on"] => (set_guest_account(true), "on"),
        ["-guestAccount", "off"] => (set_guest_account(false), "off"),
        ["-smbGuestAccess", ..] => return own_smb(args),
        _ => return None,
    };
    let is = Question::about(guest_status(), holds, |wanted, output| {
        Ok(parse_guest_account(output)?.guest_account == (wanted == "on"))
    });
    Some(vec![Single::new("guest account", change, vec![is])])
}

fn guest_status() -> Invocation {
    Invocation::new(PROGRAM, &["-guestAccount", "status"])
}

/// Reads what a setter said: nothing, or lines about its own subject. Which it is, and in what words, is not on record.
fn parse_setter(subject: &str, output: &Output) -> Result<(), Misread> {
    let expected = format!("silence, or \"{subject}...\"");
    let reply = reply(output, &expected)?;
    let plain = reply.lines.iter().all(|line| after(line, subject).is_some());
    // A refusal that begins with the subject is one all the same.
    let refused = reply.lines.iter().find(|line| matches!(misread("", line), Misread::Refused { .. }));
    match refused {
        Some(line) => Err(Misread::refused(line)),
        None if plain => Ok(()),
        None => Err(reply.misread(expected)),
    }
}

/// Are guests let in to shared folders over SMB?
#[must_use]
pub fn smb_guest_access() -> Question<SmbGuestAccess> {
    Question::lines(Invocation::new(PROGRAM, &["-smbGuestAccess", "status"]), parse_smb_guest_access)
}

/// Lets guests in to shared folders over SMB, or not.
#[must_use]
pub fn set_smb_guest_access(on: bool) -> Change {
    let run = Invocation::new(PROGRAM, &["-smbGuestAccess", if on { "on" } else { "off" }]);
    Change { run, read: lines::unrefused }
}

/// The command `args` as a change of the agent's own: [`set_smb_guest_access`].
fn own_smb(args: &[&str]) -> Option<Vec<Single>> {
    let ["-smbGuestAccess", word @ ("on" | "off")] = args else { return None };
    let status = Invocation::new(PROGRAM, &["-smbGuestAccess", "status"]);
    let is = |word: &str, output: &Output| Ok(parse_smb_guest_access(output)?.smb_guest_access == (word == "on"));
    let holds = Question::about(status, word, is);
    Some(vec![Single::new("guest access over SMB", set_smb_guest_access(*word == "on"), vec![holds])])
}

/// The answer without what other frameworks log, where the exit status is 0.
fn reply(output: &Output, expected: &str) -> Result<Reply, Misread> {
    let mut reply = Reply::merged(output)?;
    reply.status_in(&[0], expected)?;
    let noise = |line: &str| {
        after(line, "AOSKit INFO: ").is_some() || line.starts_with("objc[") || lines::is_framework_error(line)
    };
    reply.lines.retain(|line| !noise(line));
    Ok(reply)
}

/// Reads the answer of `-screenLock status`.
///
/// # Errors
/// [`Misread`] for anything but one known line.
pub(crate) fn parse_screen_lock(output: &Output) -> Result<ScreenLock, Misread> {
    const EXPECTED: &str = "\"screenLock is off\" or \"screenLock delay is ...\"";
    const OFF: ScreenLock = ScreenLock { required: false, delay_seconds: None };
    let reply = reply(output, EXPECTED)?;
    let line = reply.only(EXPECTED)?;
    if said(line, "screenLock is off") {
        return Ok(OFF);
    }
    let delay = after(line, "screenLock delay is ").ok_or_else(|| reply.misread(EXPECTED))?;
    if said(delay, "immediate") {
        return Ok(ScreenLock { required: true, delay_seconds: Some(Number::Whole(0)) });
    }
    let (number, unit) = delay.split_once(' ').ok_or_else(|| reply.misread(EXPECTED))?;
    let unit = said(unit, "seconds") || said(unit, "second");
    match Number::parse(number).filter(|_| unit) {
        Some(Number::Whole(-1)) => Ok(OFF),
        Some(delay) if delay.value() >= 0.0 => Ok(ScreenLock { required: true, delay_seconds: Some(delay) }),
        _ => Err(reply.misread(EXPECTED)),
    }
}

/// Reads the answer of `-secureTokenStatus`. The name is not compared: it is the full one.
///
/// # Errors
/// [`Misread`] for anything but one known line; `Unknown user` is such.
pub(crate) fn parse_secure_token(output: &Output) -> Result<SecureToken, Misread> {
    const EXPECTED: &str = "\"Secure token is ENABLED for user\" or \"DISABLED\", and a name";
    let reply = reply(output, EXPECTED)?;
    let line = reply.only(EXPECTED)?;
    let (secure_token, name) = match after(line, "Secure token is ENABLED for user ") {
        Some(name) => (true, name),
        None => (false, after(line, "Secure token is DISABLED for user ").ok_or_else(|| reply.misread(EXPECTED))?),
    };
    if name.trim().is_empty() {
        return Err(reply.misread(EXPECTED));
    }
    Ok(SecureToken { name: name.to_owned(), secure_token })
}

/// Reads the answer of `-guestAccount status`.
///
/// # Errors
/// [`Misread`] for anything but one known line.
pub(crate) fn parse_guest_account(output: &Output) -> Result<GuestAccount, Misread> {
    let wordings = [("Guest account enabled", true), ("Guest account disabled", false)];
    reply(output, "the guest account's state")?.choose(&wordings).map(|guest_account| GuestAccount { guest_account })
}

/// Reads the answer of `-smbGuestAccess status`.
///
/// # Errors
/// [`Misread`] for anything but one known line.
pub(crate) fn parse_smb_guest_access(output: &Output) -> Result<SmbGuestAccess, Misread> {
    let wordings = [("SMB guest access enabled", true), ("SMB guest access disabled", false)];
    let reply = reply(output, "the state of SMB guest access")?;
    reply.choose(&wordings).map(|smb_guest_access| SmbGuestAccess { smb_guest_access })
}

/// Reads the answer of `-autologin status`, in the wording that scripts on macOS 13 to 26 match.
///
/// # Errors
/// [`Misread`] for anything but one known line.
pub(crate) fn parse_auto_login(output: &Output) -> Result<AutoLogin, Misread> {
    const EXPECTED: &str = "\"Automatic login is OFF.\" or \"Automatic login user:\" and a name";
    let reply = reply(output, EXPECTED)?;
    let line = reply.only(EXPECTED)?;
    if said(line, "Automatic login is OFF") {
        return Ok(AutoLogin { autologin: false, user: None });
    }
    let user = after(line, "Automatic login user: ").map(str::trim).filter(|name| !name.is_empty());
    let user = user.ok_or_else(|| reply.misread(EXPECTED))?;
    Ok(AutoLogin { autologin: true, user: Some(user.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out};

    const STAMP: &str = "2026-02-03 04:05:06.789 sysadminctl[321:9f0a] ";

    fn lock(words: &str) -> Option<(bool, Option<Number>)> {
        let read = parse_screen_lock(&err(0, &format!("{STAMP}{words}\n"))).ok()?;
        Some((read.required, read.delay_seconds))
    }

    #[test]
    fn every_screen_lock_wording_is_read() {
        assert_eq!(lock("screenLock is off"), Some((false, None)));
        assert_eq!(lock("ScreenLock delay is immediate."), Some((true, Some(Number::Whole(0)))));
        assert_eq!(lock("screenLock delay is 300 seconds"), Some((true, Some(Number::Whole(300)))));
        assert_eq!(lock("screenLock delay is 300.000000 seconds"), Some((true, Some(Number::Whole(300)))));
        assert_eq!(lock("screenLock delay is -1 seconds"), Some((false, None)));
        assert_eq!(lock("screenLock delay is -1.000000 seconds"), Some((false, None)));
        assert_eq!(lock("screenLock delay is 2147483647 seconds"), Some((true, Some(Number::Whole(2_147_483_647)))));
    }

    #[test]
    fn no_other_screen_lock_text_is_read() {
        for bad in [
            "screenLock is offline",
            "screenLock delay is 5",
            "screenLock delay is -2 seconds",
            "screenLock is o",
            "screenLock delay is five seconds",
        ] {
            assert_eq!(lock(bad), None, "{bad}");
        }
        let two = format!("{STAMP}screenLock delay is immediate\n{STAMP}screenLock is off\n");
        assert!(parse_screen_lock(&err(0, &two)).is_err());
        assert!(parse_screen_lock(&err(99, &format!("{STAMP}screenLock is off\n"))).is_err());
        assert!(parse_screen_lock(&Output::default()).is_err());
    }

    #[test]
    fn a_token_is_read_with_the_full_name() {
        let read = |words: &str| parse_secure_token(&err(0, &format!("{STAMP}{words}\n")));
        let noise = format!("AOSKit INFO: no zone\n{STAMP}Secure token is ENABLED for user Ada L. Jr.");
        let token = read(&noise).unwrap();
        assert_eq!((token.name.as_str(), token.secure_token), ("Ada L. Jr.", true));
        assert!(!read("Secure token is DISABLED for user bob").unwrap().secure_token);
        for bad in ["Unknown user ghost", "Secure token is EN", "Secure token is ENABLED for user ", "### Error"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(read(&format!("Secure token is ENABLED for user a\n{STAMP}### Error")).is_err());
        let framework = "### Error:-14090 File:/Sources/Admin/DSAuthenticator.m Line:94";
        assert!(read(&format!("{framework}\n{STAMP}Secure token is ENABLED for user a")).unwrap().secure_token);
        assert!(read(framework).is_err());
    }

    #[test]
    fn guest_access_and_automatic_login_are_read() {
        assert!(!parse_guest_account(&err(0, "Guest account disabled.\n")).unwrap().guest_account);
        assert!(parse_smb_guest_access(&out("SMB guest access enabled\n")).unwrap().smb_guest_access);
        assert!(parse_guest_account(&err(0, "Guest account dis")).is_err());
        assert!(!parse_auto_login(&err(0, &format!("{STAMP}Automatic login is OFF.\n"))).unwrap().autologin);
        let on = parse_auto_login(&err(0, "Automatic login user: ada\n")).unwrap();
        assert_eq!((on.autologin, on.user.as_deref()), (true, Some("ada")));
        let refused = "errAuthorizationInteractionNotAllowed: The authorization was denied.\n";
        assert!(matches!(parse_guest_account(&err(0, refused)), Err(Misread::Refused { .. })));
        let set = set_guest_account(false).read;
        for obeyed in ["".to_owned(), format!("{STAMP}Guest account disabled.\n")] {
            assert_eq!(set(&err(0, &obeyed)), Ok(()), "{obeyed}");
        }
        assert!(matches!(set(&err(0, refused)), Err(Misread::Refused { .. })));
        let governed = format!("{STAMP}Guest account disabled by your system administrator.\n");
        assert!(matches!(set(&err(0, &governed)), Err(Misread::Refused { .. })));
        assert!(set(&err(0, "Usage: sysadminctl\n")).is_err());
        assert!(set(&err(1, "")).is_err());
    }
}
