//! `dscl`: the local accounts.

use plist::{Dictionary, Value};
use serde::Serialize;

use super::changes::{Single, is_plain_path};
use super::lines::{self, Reply, after, integer, is_uuid};
use super::{Change, Invocation, Misread, Output, Question, xml};

const PROGRAM: &str = "/usr/bin/dscl";

/// A local account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Short name; other names of the same record are left out.
    pub name: String,
    /// User id; system accounts are below 500, some negative.
    pub uid: i64,
    /// The UUID by which FileVault and tokens know the account.
    pub generated_uid: String,
    /// Full name.
    pub real_name: Option<String>,
    /// Whether the account is hidden from the login window.
    pub hidden: bool,
    /// Home folder, an absolute path; `None` where the directory names none.
    pub home: Option<String>,
}

impl Account {
    /// Whether it is a person's: macOS gives people user ids from 501 on, and hides service accounts with such an id.
    #[must_use]
    pub fn is_person(&self) -> bool {
        self.uid >= 501 && !self.hidden
    }
}

/// Which accounts are there?
#[must_use]
pub fn users() -> Question<Vec<Account>> {
    let keys = ["RecordName", "UniqueID", "GeneratedUID", "RealName", "IsHidden", "NFSHomeDirectory"];
    let args = [&["-plist", ".", "-readall", "/Users"][..], &keys].concat();
    Question::closed(Invocation::new(PROGRAM, &args), parse)
}

/// An account, and whether it has a password hint. What the hint says is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hint {
    /// Short name.
    pub name: String,
    /// Whether there is a hint.
    pub has_hint: bool,
}

/// Which accounts have a password hint?
#[must_use]
pub fn hints() -> Question<Vec<Hint>> {
    Question::closed(
        Invocation::new(PROGRAM, &["-plist", ".", "-readall", "/Users", "RecordName", "hint"]),
        parse_hints,
    )
}

/// Who is in the group `admin`, by short name?
///
/// Those who belong to it by another group are not among them.
#[must_use]
pub fn administrators() -> Question<Vec<String>> {
    Question::lines(Invocation::new(PROGRAM, &[".", "-read", "/Groups/admin", "GroupMembership"]), parse_members)
}

const ROOT: &str = "/Users/root";
const AUTHORITY: &str = "AuthenticationAuthority";

/// By what can root prove to be root? Nothing, where the account was never enabled.
#[must_use]
pub fn root_authority() -> Question<Vec<String>> {
    Question::lines(Invocation::new(PROGRAM, &[".", "-read", ROOT, AUTHORITY]), parse_authority)
}

/// Lets root prove to be root by `values`; by nothing where there are none.
#[must_use]
pub fn set_root_authority(values: &[String]) -> Change {
    let mut args = vec![".", if values.is_empty() { "-delete" } else { "-create" }, ROOT, AUTHORITY];
    args.extend(values.iter().map(String::as_str));
    Change { run: Invocation::new(PROGRAM, &args), read: lines::silence }
}

/// What the agent calls the one attribute that it changes.
pub const ROOT_SETTING: &str = "AuthenticationAuthority of root";

/// The command `args` as a change of the agent's own.
pub(super) fn own(args: &[&str]) -> Option<Vec<Single>> {
    let values = match args {
        [".", "-delete", ROOT, AUTHORITY] => Vec::new(),
        [".", "-create", ROOT, AUTHORITY, values @ ..] if !values.is_empty() => {
            values.iter().map(|value| (*value).to_owned()).collect()
        }
        _ => return None,
    };
    if !values.iter().all(|value| is_authority(value)) {
        return None;
    }
    let run = Invocation::new(PROGRAM, &[".", "-read", ROOT, AUTHORITY]);
    let holds =
        Question::about(run, &values.join("\n"), |wanted, output| Ok(parse_authority(output)?.join("\n") == wanted));
    Some(vec![Single::new(ROOT_SETTING, set_root_authority(&values), vec![holds])])
}

/// Whether `value` has the form of an authority: `;ShadowHash;...`, on one line.
fn is_authority(value: &str) -> bool {
    value.starts_with(';') && !value.chars().any(char::is_control)
}

/// Reads who is in a group: `GroupMembership: ` and the names.
///
/// # Errors
/// [`Misread`] for anything but one such line; a group without members is such.
pub(crate) fn parse_members(output: &Output) -> Result<Vec<String>, Misread> {
    const EXPECTED: &str = "\"GroupMembership:\" and names";
    let reply = Reply::merged(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let names = after(reply.only(EXPECTED)?, "GroupMembership: ").ok_or_else(|| reply.misread(EXPECTED))?;
    let names: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
    if names.is_empty() { Err(reply.misread(EXPECTED)) } else { Ok(names) }
}

/// Reads an account's `AuthenticationAuthority`: its values on the line of the name, or one on each line after it; or, on
/// either stream, that there is no such key.
///
/// # Errors
/// [`Misread`] for anything else.
pub(crate) fn parse_authority(output: &Output) -> Result<Vec<String>, Misread> {
    const EXPECTED: &str = "AuthenticationAuthority and its values, or that there is no such key";
    let reply = Reply::merged(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let (first, more) = reply.lines.split_first().ok_or_else(|| reply.misread(EXPECTED))?;
    if first == "No such key: AuthenticationAuthority" && more.is_empty() {
        return Ok(Vec::new());
    }
    let beside = first.strip_prefix("AuthenticationAuthority:").ok_or_else(|| reply.misread(EXPECTED))?;
    let values: Vec<String> =
        beside.split_whitespace().chain(more.iter().map(|line| line.trim())).map(str::to_owned).collect();
    let mixed = !beside.trim().is_empty() && !more.is_empty();
    if mixed || values.is_empty() || !values.iter().all(|value| is_authority(value)) {
        return Err(reply.misread(EXPECTED));
    }
    Ok(values)
}

/// A property list that is no list of account records with `what`.
fn without(what: &str) -> Misread {
    Misread::new(format!("account records with {what}"), "a property list without it")
}

/// The account records of an answer, of which there is at least one.
fn records(output: &Output) -> Result<Vec<Value>, Misread> {
    let list = xml::printed(output)?.into_array().ok_or_else(|| without("an array at its root"))?;
    if list.is_empty() { Err(without("at least one account")) } else { Ok(list) }
}

/// Reads which accounts have a hint.
///
/// # Errors
/// [`Misread`] where a record lacks its name, or there is none.
pub(crate) fn parse_hints(output: &Output) -> Result<Vec<Hint>, Misread> {
    let hint = |record: &Value| {
        let record = record.as_dictionary()?;
        let name = first(record, "RecordName")?.to_owned();
        // The directory knows it by either name.
        let has_hint = ["hint", "AuthenticationHint"].iter().any(|key| first(record, key).is_some());
        Some(Hint { name, has_hint })
    };
    records(output)?.iter().map(|record| hint(record).ok_or_else(|| without("RecordName"))).collect()
}

/// Reads the answer.
///
/// # Errors
/// [`Misread`] where a record lacks its name, number or UUID, or there is none.
pub(crate) fn parse(output: &Output) -> Result<Vec<Account>, Misread> {
    let lacks = || without("RecordName, UniqueID and GeneratedUID");
    records(output)?.iter().map(|record| account(record).ok_or_else(lacks)).collect()
}

fn account(record: &Value) -> Option<Account> {
    let record = record.as_dictionary()?;
    let name = first(record, "RecordName")?.to_owned();
    let generated_uid = first(record, "GeneratedUID").filter(|uuid| is_uuid(uuid))?.to_owned();
    let uid = integer(first(record, "UniqueID")?)?;
    let real_name = first(record, "RealName").map(str::to_owned);
    let hidden = match first(record, "IsHidden") {
        None => false,
        Some(text) if ["1", "yes", "true"].contains(&text.to_ascii_lowercase().as_str()) => true,
        Some(text) if ["0", "no", "false"].contains(&text.to_ascii_lowercase().as_str()) => false,
        Some(_) => return None,
    };
    let home = first(record, "NFSHomeDirectory").filter(|path| is_plain_path(path)).map(str::to_owned);
    Some(Account { name, uid, generated_uid, real_name, hidden, home })
}

/// The first value of an attribute, whichever of the two name spaces it is in.
fn first<'a>(record: &'a Dictionary, key: &str) -> Option<&'a str> {
    let values = ["dsAttrTypeStandard:", "dsAttrTypeNative:"].iter().find_map(|space| {
        let values = record.get(&format!("{space}{key}"))?;
        values.as_array()?.first()?.as_string()
    });
    values.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    fn list(rows: &[(&str, &str)]) -> String {
        let attribute =
            |(key, value): &(&str, &str)| format!("<key>{key}</key><array><string>{value}</string></array>");
        let rows: String = rows.iter().map(attribute).collect();
        format!("<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><array><dict>{rows}</dict></array></plist>\n")
    }

    const ADA: [(&str, &str); 4] = [
        ("dsAttrTypeStandard:RecordName", "ada"),
        ("dsAttrTypeStandard:UniqueID", "501"),
        ("dsAttrTypeStandard:GeneratedUID", "0B7C6E5D-1111-4222-8333-944455556666"),
        ("dsAttrTypeStandard:RealName", "Ada L."),
    ];

    #[test]
    fn an_account_is_read() {
        let read = parse(&out(&list(&ADA))).unwrap();
        assert_eq!((read[0].name.as_str(), read[0].uid, read[0].hidden), ("ada", 501, false));
        assert_eq!(read[0].home, None);
        for (path, home) in [("/Users/ada", Some("/Users/ada")), ("Users/ada", None), ("/Users/../private", None)] {
            let mut housed = ADA.to_vec();
            housed.push(("dsAttrTypeStandard:NFSHomeDirectory", path));
            assert_eq!(parse(&out(&list(&housed))).unwrap()[0].home.as_deref(), home);
        }
        let mut hidden = ADA.to_vec();
        hidden.push(("dsAttrTypeNative:IsHidden", "YES"));
        assert!(parse(&out(&list(&hidden))).unwrap()[0].hidden);
        hidden[4].1 = "perhaps";
        assert!(parse(&out(&list(&hidden))).is_err());
    }

    #[test]
    fn hints_are_told_and_not_kept() {
        let mut hinted = ADA.to_vec();
        assert!(!parse_hints(&out(&list(&hinted))).unwrap()[0].has_hint);
        hinted.push(("dsAttrTypeNative:hint", "my dog"));
        let read = parse_hints(&out(&list(&hinted))).unwrap();
        assert_eq!(read, [Hint { name: "ada".into(), has_hint: true }]);
        assert!(parse_hints(&out(&list(&hinted[1..]))).is_err());
        assert!(parse_hints(&out("<plist version=\"1.0\"><array/></plist>")).is_err());
    }

    #[test]
    fn members_and_authorities_are_read_whole_or_not_at_all() {
        assert_eq!(parse_members(&out("GroupMembership: root ada\n")).unwrap(), ["root", "ada"]);
        for bad in ["", "GroupMembership:\n", "No such key: GroupMembership\n", "GroupMembership: a\nb\n"] {
            assert!(parse_members(&out(bad)).is_err(), "{bad}");
        }
        let none = "No such key: AuthenticationAuthority\n";
        assert_eq!(parse_authority(&out(none)), Ok(Vec::new()));
        assert_eq!(parse_authority(&err(0, none)), Ok(Vec::new()));
        let two = [";ShadowHash;HASHLIST:<A,B>", ";SecureToken;"];
        for words in [
            format!("AuthenticationAuthority: {} {}\n", two[0], two[1]),
            format!("AuthenticationAuthority:\n {}\n {}\n", two[0], two[1]),
        ] {
            assert_eq!(parse_authority(&out(&words)).unwrap(), two, "{words}");
        }
        for bad in
            ["", "AuthenticationAuthority:\n", "AuthenticationAuthority: Shadow\n", "<dscl_cmd> DS Error: -14136\n"]
        {
            assert!(parse_authority(&out(bad)).is_err(), "{bad}");
        }
        assert!(parse_authority(&out_with(56, none)).is_err());
    }

    #[test]
    fn only_roots_authority_is_a_change_of_the_agents() {
        let values = [";ShadowHash;HASHLIST:<A>".to_owned()];
        for change in [set_root_authority(&[]), set_root_authority(&values)] {
            let args: Vec<&str> = change.run.argv[1..].iter().map(String::as_str).collect();
            assert_eq!(own(&args).unwrap()[0].change.run.argv, change.run.argv);
        }
        for other in [
            &[".", "-delete", "/Users/ada", "AuthenticationAuthority"][..],
            &[".", "-delete", "/Users/root"],
            &[".", "-create", "/Users/root", "AuthenticationAuthority", "x"],
            &[".", "-create", "/Users/root", "UserShell", ";x"],
        ] {
            assert!(own(other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn a_record_without_its_uuid_is_refused() {
        assert!(parse(&out(&list(&ADA[..2]))).is_err());
        assert!(parse(&out("<plist version=\"1.0\"><array/></plist>")).is_err());
        assert!(parse(&out_with(1, &list(&ADA))).is_err());
        assert!(parse(&out_with(0, "<dscl_cmd> DS Error: -14120 (eDSPermissionError)\n")).is_err());
    }
}
