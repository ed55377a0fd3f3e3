//! `diskutil`: the startup volume, and who can unlock it.

use plist::{Dictionary, Value};
use serde::Serialize;

use super::lines::{Reply, after, either, is_uuid};
use super::{Invocation, Misread, Output, Question, xml};

const PROGRAM: &str = "/usr/sbin/diskutil";

/// Who can unlock a volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CryptoUsers {
    /// In the order printed, which means nothing.
    pub users: Vec<CryptoUser>,
}

/// One that can unlock a volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CryptoUser {
    /// The account's `GeneratedUID`, or the key's fixed UUID.
    pub uuid: String,
    /// What it is.
    pub kind: Kind,
    /// Whether it may authorise changes to the startup security policy; told from macOS 11 on.
    pub volume_owner: Option<bool>,
}

/// What can unlock a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A local account.
    LocalUser,
    /// The personal recovery key.
    PersonalRecovery,
    /// The institutional recovery key.
    InstitutionalRecovery,
    /// The iCloud account.
    IcloudRecovery,
    /// The bootstrap token.
    BootstrapToken,
    /// A type that this release does not know.
    Unknown,
}

/// The startup volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Volume {
    /// Whether FileVault protects it. On a T2 chip or Apple silicon an encrypted volume may say no: then no password does.
    pub filevault: Option<bool>,
    /// Whether it is encrypted at rest.
    pub encryption: Option<bool>,
    /// The seal of the system volume.
    pub sealed: Option<Seal>,
    /// `apfs`.
    pub file_system: Option<String>,
    /// Whether the disk is built in.
    pub internal: Option<bool>,
}

/// The cryptographic seal over a system volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Seal {
    /// Whole.
    Yes,
    /// There is none.
    No,
    /// The content was changed.
    Broken,
}

/// Who can unlock the startup volume?
#[must_use]
pub fn crypto_users() -> Question<CryptoUsers> {
    Question::closed(Invocation::new(PROGRAM, &["apfs", "listcryptousers", "-plist", "/"]), parse_crypto_users)
}

/// What is the startup volume? Needs no root.
#[must_use]
pub fn startup_volume() -> Question<Volume> {
    Question::closed(Invocation::new(PROGRAM, &["info", "-plist", "/"]), parse_volume)
}

/// Types as the text form prints them; the shorter ones are of the 10.13 betas. Institutional ones are by analogy.
const LABELS: &[(&str, Kind)] = &[
    ("Local Open Directory User", Kind::LocalUser),
    ("Local Open Directory", Kind::LocalUser),
    ("Personal Recovery User", Kind::PersonalRecovery),
    ("Personal Recovery", Kind::PersonalRecovery),
    ("Institutional Recovery User", Kind::InstitutionalRecovery),
    ("Institutional Recovery External Key", Kind::InstitutionalRecovery),
    ("Institutional User", Kind::InstitutionalRecovery),
    ("iCloud Recovery User", Kind::IcloudRecovery),
    ("iCloud Recovery External Key", Kind::IcloudRecovery),
    ("iCloud User", Kind::IcloudRecovery),
    ("MDM Bootstrap Token External Key", Kind::BootstrapToken),
    ("MDM Recovery External Key", Kind::BootstrapToken),
];

/// Types as the property list form has them.
const TOKENS: &[(&str, Kind)] = &[
    ("LocalOpenDirectory", Kind::LocalUser),
    ("PersonalRecovery", Kind::PersonalRecovery),
    ("InstitutionalRecovery", Kind::InstitutionalRecovery),
    ("Institutional", Kind::InstitutionalRecovery),
    ("ICloud", Kind::IcloudRecovery),
    ("ICloudRecovery", Kind::IcloudRecovery),
    ("MDMRecovery", Kind::BootstrapToken),
];

fn kind(text: &str, table: &[(&str, Kind)]) -> Kind {
    table.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map_or(Kind::Unknown, |(_, kind)| *kind)
}

/// Reads the property list form of `apfs listcryptousers`.
///
/// # Errors
/// [`Misread`] where the list, or a type or UUID in it, is missing.
pub(crate) fn parse_crypto_users(output: &Output) -> Result<CryptoUsers, Misread> {
    let fail = || Misread::new("Users with APFSCryptoUserType and APFSCryptoUserUUID", "a property list without them");
    let root = xml::printed_dictionary(output)?;
    let list = root.get("Users").and_then(Value::as_array).ok_or_else(fail)?;
    let user = |value: &Value| {
        let user = value.as_dictionary()?;
        let uuid = user.get("APFSCryptoUserUUID")?.as_string().filter(|uuid| is_uuid(uuid))?;
        let token = user.get("APFSCryptoUserType")?.as_string()?;
        let volume_owner = match user.get("VolumeOwner") {
            None => None,
            Some(value) => Some(flag(value)?),
        };
        Some(CryptoUser { uuid: uuid.to_owned(), kind: kind(token, TOKENS), volume_owner })
    };
    Ok(CryptoUsers { users: list.iter().map(user).collect::<Option<_>>().ok_or_else(fail)? })
}

/// Reads the text form of `apfs listcryptousers`.
///
/// # Errors
/// [`Misread`] for other than known lines, and where there are not as many records as the first line says.
pub(crate) fn parse_crypto_users_text(output: &Output) -> Result<CryptoUsers, Misread> {
    const EXPECTED: &str = "\"Cryptographic users for ... (N found)\" and N records";
    let reply = Reply::of(output)?;
    let fail = || reply.misread(EXPECTED);
    let (first, rest) = reply.lines.split_first().ok_or_else(fail)?;
    let count = announced(first).ok_or_else(fail)?;
    // With what status it says that there is none is not known.
    reply.status_in(if count == 0 { &[0, 1] } else { &[0] }, EXPECTED)?;
    let mut users: Vec<(String, Option<Kind>, Option<bool>)> = Vec::new();
    for line in rest {
        if line == "|" {
            continue;
        }
        if let Some(uuid) = line.strip_prefix("+-- ") {
            if !is_uuid(uuid) {
                return Err(fail());
            }
            users.push((uuid.to_owned(), None, None));
            continue;
        }
        let (_, kind_slot, owner_slot) = users.last_mut().ok_or_else(fail)?;
        let field = line.strip_prefix("|   ").or_else(|| line.strip_prefix("    ")).ok_or_else(fail)?;
        let repeated = if let Some(label) = after(field, "Type: ") {
            kind_slot.replace(kind(label, LABELS)).is_some()
        } else {
            let word = after(field, "Volume Owner: ").ok_or_else(fail)?;
            owner_slot.replace(either(word, ("Yes", true), ("No", false)).ok_or_else(fail)?).is_some()
        };
        if repeated {
            return Err(fail());
        }
    }
    // A macOS that tells owners tells them of every record: one without is a cut. So is a last type whose line did not
    // end, where a longer one begins like it.
    let owners = users.iter().filter(|(_, _, owner)| owner.is_some()).count();
    let last = reply.lines.last().and_then(|line| after(line.trim_start_matches(['|', ' ']), "Type: "));
    let cut = !reply.ended && last.is_some_and(|label| !is_complete(label));
    if users.len() != count || (owners != 0 && owners != count) || cut {
        return Err(fail());
    }
    let whole = |(uuid, kind, volume_owner): (String, Option<Kind>, Option<bool>)| {
        Some(CryptoUser { uuid, kind: kind?, volume_owner })
    };
    Ok(CryptoUsers { users: users.into_iter().map(whole).collect::<Option<_>>().ok_or_else(fail)? })
}

/// Whether `label` is a known type and not the beginning of a longer one.
fn is_complete(label: &str) -> bool {
    kind(label, LABELS) != Kind::Unknown
        && !LABELS.iter().any(|(name, _)| name.len() > label.len() && after(name, label).is_some())
}

/// How many records the first line announces.
fn announced(line: &str) -> Option<usize> {
    if let Some(device) = after(line, "No cryptographic users for ") {
        return (!device.is_empty() && !device.contains(' ')).then_some(0);
    }
    let rest = after(line, "Cryptographic user")?;
    let (before, count) = rest.strip_suffix(" found)")?.rsplit_once(" (")?;
    let whose = before.strip_prefix('s').unwrap_or(before);
    let device = whose.strip_prefix(" for ").is_some_and(|device| !device.is_empty() && !device.contains(' '));
    (whose.is_empty() || device).then(|| super::lines::integer(count)?.try_into().ok()).flatten()
}

/// Reads `info -plist`.
///
/// # Errors
/// [`Misread`] where none of the keys is there, or one has another type or word.
pub(crate) fn parse_volume(output: &Output) -> Result<Volume, Misread> {
    let root = xml::printed_dictionary(output)?;
    let fail = |key: &str| Misread::new(format!("{key} in a known form"), format!("{:?}", root.get(key)));
    let known = ["FileVault", "Encryption", "Sealed", "FilesystemType", "Internal"];
    if !known.iter().any(|key| root.contains_key(key))
        || root.get("Error").is_some_and(|error| flag(error) != Some(false))
    {
        return Err(Misread::new(
            "what is known about a volume",
            format!("the keys {:?}", root.keys().collect::<Vec<_>>()),
        ));
    }
    let truth = |key: &str| root.get(key).map(|value| flag(value).ok_or_else(|| fail(key))).transpose();
    let sealed = match root.get("Sealed") {
        None => None,
        Some(value) if value.as_string().is_some_and(|text| text.eq_ignore_ascii_case("broken")) => Some(Seal::Broken),
        Some(value) => Some(if flag(value).ok_or_else(|| fail("Sealed"))? { Seal::Yes } else { Seal::No }),
    };
    Ok(Volume {
        filevault: truth("FileVault")?,
        encryption: truth("Encryption")?,
        sealed,
        file_system: file_system(&root).ok_or_else(|| fail("FilesystemType"))?,
        internal: truth("Internal")?,
    })
}

/// The file system's name if there is one; `None` where it is not text.
fn file_system(root: &Dictionary) -> Option<Option<String>> {
    match root.get("FilesystemType") {
        None => Some(None),
        Some(value) => value.as_string().map(|text| (!text.is_empty()).then(|| text.to_owned())),
    }
}

/// A truth value as `diskutil` gives them: a boolean, or a word that may have a note in parentheses.
fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Boolean(flag) => Some(*flag),
        Value::String(text) => {
            let word = match text.split_once(" (") {
                Some((word, note)) if note.ends_with(')') => word,
                Some(_) => return None,
                None => text,
            };
            either(word, ("Yes", true), ("No", false))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    const ADA: &str = "0B7C6E5D-1111-4222-8333-944455556666";
    const KEY: &str = "2457711A-523C-4604-B75A-F48A571D5036";

    fn text(body: &str) -> Result<CryptoUsers, Misread> {
        parse_crypto_users_text(&out(body))
    }

    #[test]
    fn the_text_form_is_read() {
        let two = format!(
            "Cryptographic users for disk3s1s1 (2 found)\n|\n+-- {ADA}\n|   Type: Local Open Directory User\n|   Volume Owner: Yes\n|\n+-- {KEY}\n    Type: MDM Bootstrap Token External Key\n    Volume Owner: No\n"
        );
        let read = text(&two).unwrap().users;
        assert_eq!((read[0].kind, read[0].volume_owner), (Kind::LocalUser, Some(true)));
        assert_eq!((read[1].kind, read[1].volume_owner), (Kind::BootstrapToken, Some(false)));
        let one = format!("Cryptographic user for disk1s1 (1 found)\n|\n+-- {ADA}\n    Type: Something New\n");
        assert_eq!(text(&one).unwrap().users[0].kind, Kind::Unknown);
        assert_eq!(text("No cryptographic users for disk1s1\n").unwrap().users, []);
        for end in 0..two.trim_end().len() {
            assert!(text(&two[..end]).is_err(), "{}", &two[..end]);
        }
    }

    #[test]
    fn an_unclear_text_is_refused() {
        let record = format!("+-- {ADA}\n    Type: Local Open Directory User\n");
        for head in [
            "Cryptographic users (2 found)",
            "Cryptographic users for disk1s1 (0 found)",
            "Cryptographic users for",
            "",
        ] {
            assert!(text(&format!("{head}\n{record}")).is_err(), "{head}");
        }
        let head = "Cryptographic users (1 found)\n";
        assert!(text(&format!("{head}{record}")).is_ok());
        assert!(text(&format!("{head}{record}Error: x\n")).is_err());
        assert!(text(&format!("{head}+-- {ADA}\n")).is_err());
        assert!(text(&format!("{head}{record}    Type: iCloud Recovery User\n")).is_err());
        assert!(text(&format!("No cryptographic users for disk1s1\n{record}")).is_err());
    }

    fn dict(rows: &str) -> Output {
        out(&format!("<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict>{rows}</dict></plist>\n"))
    }

    #[test]
    fn the_property_list_form_is_read() {
        let user = |rows: &str| {
            dict(&format!(
                "<key>Users</key><array><dict><key>APFSCryptoUserUUID</key><string>{ADA}</string>{rows}</dict></array>"
            ))
        };
        let kind = |token: &str| {
            let row = format!("<key>APFSCryptoUserType</key><string>{token}</string>");
            parse_crypto_users(&user(&row)).map(|read| read.users[0].kind)
        };
        assert_eq!(kind("LocalOpenDirectory"), Ok(Kind::LocalUser));
        assert_eq!(kind("MDMRecovery"), Ok(Kind::BootstrapToken));
        assert_eq!(kind("Quantum"), Ok(Kind::Unknown));
        assert!(parse_crypto_users(&user("")).is_err());
        assert!(parse_crypto_users(&dict("")).is_err());
        assert_eq!(parse_crypto_users(&dict("<key>Users</key><array/>")).unwrap().users, []);
    }

    #[test]
    fn the_volume_is_read_with_flags_as_words_or_booleans() {
        let rows = "<key>FileVault</key><true/><key>Encryption</key><string>Yes</string><key>Sealed</key><string>Broken</string><key>FilesystemType</key><string>apfs</string><key>Internal</key><true/>";
        let read = parse_volume(&dict(rows)).unwrap();
        assert_eq!((read.filevault, read.encryption, read.sealed), (Some(true), Some(true), Some(Seal::Broken)));
        let rested = parse_volume(&dict("<key>FileVault</key><string>No (Encrypted at rest)</string>")).unwrap();
        assert_eq!((rested.filevault, rested.sealed, rested.internal), (Some(false), None, None));
        assert!(parse_volume(&dict("<key>Sealed</key><string>Perhaps</string>")).is_err());
        assert!(parse_volume(&dict("<key>FileVault</key><integer>1</integer>")).is_err());
        assert!(parse_volume(&dict("<key>Error</key><true/>")).is_err());
        assert!(parse_volume(&out_with(1, "Could not find disk: /\n")).is_err());
    }
}
