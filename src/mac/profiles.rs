//! `profiles`: enrolment in device management, and the bootstrap token.

use serde::Serialize;

use plist::{Dictionary, Value};

use super::lines::{Reply, after, either, said};
use super::{Invocation, Misread, Output, Question, xml};

const PROGRAM: &str = "/usr/bin/profiles";

/// Whether and how the Mac is enrolled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Enrollment {
    /// Whether by automated device enrolment; `None` in the wording of 10.13 to 10.13.3, which does not tell.
    pub automated: Option<bool>,
    /// Whether a device management server manages the Mac.
    pub mdm: Mdm,
    /// The server's address: told from macOS 11 on, where enrolled.
    pub server: Option<String>,
}

/// Enrolment in device management.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mdm {
    /// Not enrolled.
    No,
    /// Enrolled.
    Yes,
    /// Enrolled, and approved by the user or by automated enrolment.
    UserApproved,
}

/// The bootstrap token, as the server and the Mac agreed on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BootstrapToken {
    /// Whether the server supports it.
    pub supported: bool,
    /// Whether it is kept there; `None` where not supported and not told.
    pub escrowed: Option<bool>,
}

/// The profiles that are installed for the whole Mac.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Installed {
    /// In the order of the answer.
    pub profiles: Vec<Profile>,
}

/// An installed profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// `ProfileIdentifier`.
    pub identifier: String,
    /// `ProfileRemovalDisallowed`: the user cannot remove it.
    pub locked: bool,
    /// The types of its payloads.
    pub payloads: Vec<String>,
}

impl Profile {
    /// Whether it is the profile that enrols the Mac.
    #[must_use]
    pub fn is_enrollment(&self) -> bool {
        self.payloads.iter().any(|payload| payload == "com.apple.mdm")
    }
}

/// Which profiles are installed? Needs root; on an enrolled Mac there is one at least.
#[must_use]
pub fn installed() -> Question<Installed> {
    let args = ["show", "-type", "configuration", "-output", "stdout-xml"];
    Question::closed(Invocation::new(PROGRAM, &args), parse_installed)
}

/// Is the Mac enrolled? Needs no root.
#[must_use]
pub fn enrollment() -> Question<Enrollment> {
    Question::lines(Invocation::new(PROGRAM, &["status", "-type", "enrollment"]), parse_enrollment)
}

/// Is the bootstrap token escrowed? Needs root.
#[must_use]
pub fn bootstrap_token() -> Question<BootstrapToken> {
    Question::lines(Invocation::new(PROGRAM, &["status", "-type", "bootstraptoken"]), parse_bootstrap_token)
}

/// Reads the answer.
///
/// # Errors
/// [`Misread`] for other than the known lines, each once.
pub(crate) fn parse_enrollment(output: &Output) -> Result<Enrollment, Misread> {
    const EXPECTED: &str = "\"Enrolled via DEP:\" and \"MDM enrollment:\"";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    if let [line] = reply.lines.as_slice() {
        // macOS 10.13 to 10.13.3.
        let no = ("There is no enrollment profile installed on this system", Mdm::No);
        let yes = ("An enrollment profile is currently installed on this system", Mdm::Yes);
        if let Some(mdm) = either(line, no, yes) {
            return Ok(Enrollment { automated: None, mdm, server: None });
        }
    }
    let (mut automated, mut mdm, mut server) = (None, None, None);
    for line in &reply.lines {
        let repeated = if let Some(word) = after(line, "Enrolled via DEP: ") {
            automated.replace(either(word, ("Yes", true), ("No", false)).ok_or_else(fail)?).is_some()
        } else if let Some(word) = after(line, "MDM enrollment: ") {
            let approved = said(word, "Yes (User Approved)").then_some(Mdm::UserApproved);
            let read = approved.or_else(|| either(word, ("Yes", Mdm::Yes), ("No", Mdm::No)));
            mdm.replace(read.ok_or_else(fail)?).is_some()
        } else {
            let address =
                after(line, "MDM server: ").map(str::trim).filter(|text| !text.is_empty()).ok_or_else(fail)?;
            server.replace(address.to_owned()).is_some()
        };
        if repeated {
            return Err(fail());
        }
    }
    let (automated, mdm) = (Some(automated.ok_or_else(fail)?), mdm.ok_or_else(fail)?);
    // "Yes" without its line end may be the beginning of "Yes (User Approved)"; a server is named only where enrolled.
    let cut = !reply.ended && mdm == Mdm::Yes && server.is_none();
    if cut || (mdm == Mdm::No && server.is_some()) {
        return Err(fail());
    }
    Ok(Enrollment { automated, mdm, server })
}

/// Reads the answer.
///
/// # Errors
/// [`Misread`] for other than the known lines: where the token is supported, whether it is escrowed must be told too.
pub(crate) fn parse_bootstrap_token(output: &Output) -> Result<BootstrapToken, Misread> {
    const EXPECTED: &str = "\"Bootstrap Token supported on server:\", then \"Bootstrap Token escrowed to server:\"";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    let answer = |line: &str, prefixes: &[&str]| {
        let line = after(line, "profiles: ").unwrap_or(line);
        let word = prefixes.iter().find_map(|prefix| after(line, prefix))?;
        either(word, ("YES", true), ("NO", false))
    };
    let is_supported = |line: &str| answer(line, &["Bootstrap Token supported on server: "]);
    let is_escrowed =
        |line: &str| answer(line, &["Bootstrap Token escrowed to server: ", "Bootstrap Token escrowed on server: "]);
    match reply.lines.as_slice() {
        [first] => match is_supported(first) {
            Some(false) => Ok(BootstrapToken { supported: false, escrowed: None }),
            _ => Err(fail()),
        },
        [first, second] => match (is_supported(first), is_escrowed(second)) {
            (Some(false), Some(true)) | (None, _) | (_, None) => Err(fail()),
            (Some(supported), escrowed) => Ok(BootstrapToken { supported, escrowed }),
        },
        _ => Err(fail()),
    }
}

/// Reads the answer: the profiles of the whole Mac are in the array `_computerlevel`. The form is that of the tool's predecessor
/// `profiles -C -o stdout-xml`, as management tools read it; a capture of a supported macOS was not found.
///
/// # Errors
/// [`Misread`] where there is no such array, or a profile in it lacks its identifier or payloads.
pub(crate) fn parse_installed(output: &Output) -> Result<Installed, Misread> {
    const NONE: &str = "There are no configuration profiles installed in the system domain";
    let fail = |what: &str| Misread::new(what, "a property list without it");
    if output.status == 0 && Reply::of(output)?.only("a property list").is_ok_and(|line| said(line, NONE)) {
        return Ok(Installed { profiles: Vec::new() });
    }
    let mut root = xml::printed_dictionary(output)?;
    let list = root.remove("_computerlevel").and_then(Value::into_array);
    let list = list.filter(|list| !list.is_empty()).ok_or_else(|| fail("profiles in _computerlevel"))?;
    let read = |value: &Value| value.as_dictionary().and_then(profile);
    let profiles = list.iter().map(|value| read(value).ok_or_else(|| fail("ProfileIdentifier and ProfileItems")));
    Ok(Installed { profiles: profiles.collect::<Result<_, _>>()? })
}

fn profile(list: &Dictionary) -> Option<Profile> {
    let text =
        |list: &Dictionary, key: &str| list.get(key)?.as_string().filter(|text| !text.is_empty()).map(str::to_owned);
    // Absent is no lock; the tool prints words where the profile has a truth value.
    let locked = match list.get("ProfileRemovalDisallowed") {
        None => false,
        Some(Value::Boolean(locked)) => *locked,
        Some(Value::String(word)) => either(word, ("true", true), ("false", false))?,
        Some(_) => return None,
    };
    let items = list.get("ProfileItems")?.as_array()?;
    let payloads = items.iter().map(|item| text(item.as_dictionary()?, "PayloadType")).collect::<Option<_>>()?;
    Some(Profile { identifier: text(list, "ProfileIdentifier")?, locked, payloads })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    #[test]
    fn enrolment_is_read_in_both_wordings() {
        let read = |text: &str| parse_enrollment(&out(text)).map(|read| (read.automated, read.mdm, read.server));
        let url = "https://mdm.example.org/x";
        let text = format!("Enrolled via DEP: Yes\r\nMDM enrollment: Yes (User Approved)\r\nMDM server: {url}\r\n");
        assert_eq!(read(&text), Ok((Some(true), Mdm::UserApproved, Some(url.to_owned()))));
        assert_eq!(read("Enrolled via DEP: No\nMDM enrollment: Yes\n"), Ok((Some(false), Mdm::Yes, None)));
        assert_eq!(read("There is no enrollment profile installed on this system\n"), Ok((None, Mdm::No, None)));
    }

    #[test]
    fn unclear_enrolment_is_refused() {
        for bad in [
            "",
            "Enrolled via DEP: No\n",
            "MDM enrollment: No\n",
            "Enrolled via DEP: No\nMDM enrollment: Yes",
            "Enrolled via DEP: No\nMDM enrollment: Yes (User Appr",
            "Enrolled via DEP: No\nMDM enrollment: No\nMDM server: https://x\n",
            "Enrolled via DEP: No\nMDM enrollment: No\nMDM enrollment: Yes\n",
            "Enrolled via DEP: No\nMDM enrollment: No\nError: x\n",
            "xEnrolled via DEP: No\nMDM enrollment: No\n",
        ] {
            assert!(parse_enrollment(&out(bad)).is_err(), "{bad}");
        }
        assert!(parse_enrollment(&out_with(99, "Enrolled via DEP: No\nMDM enrollment: No\n")).is_err());
    }

    #[test]
    fn the_token_is_read() {
        let read = |text: &str| parse_bootstrap_token(&out(text)).map(|read| (read.supported, read.escrowed));
        let yes = "profiles: Bootstrap Token supported on server: YES\n";
        let no = "profiles: Bootstrap Token supported on server: NO\n";
        assert_eq!(read(no), Ok((false, None)));
        assert_eq!(read(&format!("{yes}profiles: Bootstrap Token escrowed to server: NO\n")), Ok((true, Some(false))));
        assert_eq!(read(&format!("{yes}profiles: Bootstrap Token escrowed on server: YES\n")), Ok((true, Some(true))));
        assert!(read(yes).is_err(), "the second line is missing");
        assert!(read(&format!("{no}profiles: Bootstrap Token escrowed to server: YES\n")).is_err());
        assert!(read(&format!("{yes}{no}")).is_err());
        let refused = parse_bootstrap_token(&err(1, "profiles: this command requires root privileges\n"));
        assert!(matches!(refused, Err(Misread::Refused { .. })));
    }

    #[test]
    fn installed_profiles_are_read_with_lock_and_payloads() {
        let one = |locked: &str| {
            format!(
                "<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict><key>_computerlevel</key><array><dict>\
                 <key>ProfileIdentifier</key><string>a.b</string>{locked}<key>ProfileItems</key><array><dict>\
                 <key>PayloadType</key><string>com.apple.mdm</string></dict></array></dict></array></dict></plist>\n"
            )
        };
        let key = "<key>ProfileRemovalDisallowed</key>";
        for (lock, expected) in [
            (String::new(), Some(false)),
            (format!("{key}<true/>"), Some(true)),
            (format!("{key}<string>true</string>"), Some(true)),
            (format!("{key}<string>false</string>"), Some(false)),
            (format!("{key}<string>perhaps</string>"), None),
            (format!("{key}<integer>1</integer>"), None),
        ] {
            let read = parse_installed(&out(&one(&lock))).ok();
            assert_eq!(read.as_ref().map(|read| read.profiles[0].locked), expected, "{lock}");
            assert!(read.is_none_or(|read| read.profiles[0].is_enrollment()));
        }
        let whole = one("");
        for bad in [
            String::new(),
            "There are no configuration profiles installed\n".to_owned(),
            whole.replace("ProfileIdentifier", "Other"),
            whole.replace("_computerlevel", "alice"),
            whole.replace("ProfileItems", "Other"),
            "<plist version=\"1.0\"><dict><key>_computerlevel</key><array/></dict></plist>\n".to_owned(),
        ] {
            assert!(parse_installed(&out(&bad)).is_err(), "{bad}");
        }
        assert!(parse_installed(&out_with(1, &whole)).is_err());
    }
}
