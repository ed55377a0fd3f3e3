//! `fdesetup list` and `showdeferralinfo`: who can unlock the volume, and what a deferral will do.

use serde::Serialize;

use super::lines::{Reply, is_uuid, said};
use super::nextstep::{self, Value};
use super::{Misread, Output};

/// Who can unlock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// In the order printed.
    pub users: Vec<Unlocker>,
}

/// One that can unlock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unlocker {
    /// Short name; `None` for keys.
    pub name: Option<String>,
    /// The account's, or the key's fixed one.
    pub uuid: String,
    /// What it is.
    pub kind: Kind,
}

/// What can unlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An account.
    User,
    /// The personal recovery key.
    PersonalRecovery,
    /// The institutional recovery key.
    InstitutionalRecovery,
    /// The bootstrap token.
    BootstrapToken,
}

/// What is to happen when the user logs out or in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deferral {
    /// Whether a deferral is set.
    pub deferred: bool,
    /// For whom; may be empty while nobody was chosen.
    pub usernames: Vec<String>,
}

/// Types in the extended list. The institutional one's wording is by analogy.
const TYPES: &[(&str, Kind)] = &[
    ("OS User", Kind::User),
    ("Personal Recovery Record", Kind::PersonalRecovery),
    ("Institutional Recovery Record", Kind::InstitutionalRecovery),
    ("Bootstrap Token", Kind::BootstrapToken),
];

/// Reads the answer of `fdesetup list`, with or without `-extended`.
///
/// # Errors
/// [`Misread`] for other than a known row in each line, and for no row.
pub(crate) fn parse_list(output: &Output) -> Result<Listing, Misread> {
    const EXPECTED: &str = "\"name,UUID\" lines, or the extended table";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let header = |line: &String| line.split_whitespace().eq(["ESCROW", "UUID", "TYPE", "USER"]);
    let users: Option<Vec<Unlocker>> = match reply.lines.split_first() {
        Some((first, rows)) if header(first) => rows.iter().map(|row| extended_row(row)).collect(),
        _ => reply.lines.iter().map(|row| plain_row(row)).collect(),
    };
    let users = users.filter(|users| !users.is_empty()).ok_or_else(|| reply.misread(EXPECTED))?;
    Ok(Listing { users })
}

fn plain_row(row: &str) -> Option<Unlocker> {
    let (name, uuid) = row.rsplit_once(',')?;
    let plain = !name.trim().is_empty() && is_uuid(uuid);
    plain.then(|| Unlocker { name: Some(name.to_owned()), uuid: uuid.to_owned(), kind: Kind::User })
}

/// Columns: an escrow mark that is mostly blank, UUID, type (right-aligned), user.
fn extended_row(row: &str) -> Option<Unlocker> {
    let mut words = row.split_whitespace();
    let first = words.next()?;
    let uuid = if is_uuid(first) { first } else { words.next().filter(|word| is_uuid(word))? };
    let (_, rest) = row.split_once(uuid)?;
    let rest = rest.trim_start();
    let (label, kind) = TYPES.iter().find(|(label, _)| rest.starts_with(label))?;
    let name = rest.strip_prefix(label)?;
    let name = match (kind, name.strip_prefix(' ').map(str::trim)) {
        (Kind::User, Some(name)) if !name.is_empty() => Some(name.to_owned()),
        (Kind::User, _) | (_, Some(_)) => return None,
        (_, None) if name.is_empty() => None,
        (_, None) => return None,
    };
    Some(Unlocker { name, uuid: uuid.to_owned(), kind: *kind })
}

/// Reads the answer of `fdesetup showdeferralinfo`.
///
/// # Errors
/// [`Misread`] for other than a whole description with `Defer`, or `Not found.`.
pub(crate) fn parse_deferral(output: &Output) -> Result<Deferral, Misread> {
    const EXPECTED: &str = "a description with Defer, or \"Not found.\"";
    let reply = Reply::of(output)?;
    if let [line] = reply.lines.as_slice()
        && said(line, "Not found.")
    {
        reply.status_in(&[0, 20], EXPECTED)?;
        return Ok(Deferral { deferred: false, usernames: Vec::new() });
    }
    reply.status_in(&[0], EXPECTED)?;
    let value = nextstep::whole(&reply.lines.join("\n"));
    value.as_ref().and_then(deferral).ok_or_else(|| reply.misread(EXPECTED))
}

fn deferral(value: &Value) -> Option<Deferral> {
    let map = value.dictionary()?;
    let deferred = match map.get("Defer")?.text()? {
        "1" => true,
        "0" => false,
        _ => return None,
    };
    let usernames = match map.get("Usernames") {
        None => Vec::new(),
        Some(Value::Array(list)) => {
            list.iter().map(|name| name.text().map(str::to_owned)).collect::<Option<Vec<String>>>()?
        }
        Some(_) => return None,
    };
    Some(Deferral { deferred, usernames })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    const ADA: &str = "0B7C6E5D-1111-4222-8333-944455556666";
    const KEY: &str = "EBC6C064-0000-11AA-AA11-00306543ECAC";

    #[test]
    fn both_lists_are_read() {
        let plain = parse_list(&out(&format!("ada,{ADA}\nbob b,{KEY}\n"))).unwrap();
        assert_eq!(plain.users[1].name.as_deref(), Some("bob b"));
        let text = format!(
            "ESCROW  UUID                  TYPE USER\n        {ADA}     OS User ada\n  yes   {KEY}  Personal Recovery Record\n"
        );
        let table = parse_list(&out(&text)).unwrap();
        assert_eq!(table.users[0].name.as_deref(), Some("ada"));
        assert_eq!((table.users[1].kind, table.users[1].name.as_deref()), (Kind::PersonalRecovery, None));
    }

    #[test]
    fn an_unclear_row_is_refused() {
        let header = "ESCROW  UUID  TYPE USER\n";
        for row in
            ["", "ada", &format!("{ADA} OS User"), &format!("{ADA} Odd Thing"), &format!("{ADA} Bootstrap Token x")]
        {
            assert!(parse_list(&out(&format!("{header}{row}\n"))).is_err(), "{row}");
        }
        assert!(parse_list(&out(&format!("ada,{}\n", &ADA[..30]))).is_err());
        assert!(parse_list(&out("")).is_err());
        assert!(parse_list(&out_with(1, &format!("ada,{ADA}\n"))).is_err());
    }

    #[test]
    fn a_deferral_is_read_whole() {
        let text = "{\n    Defer = 1;\n    Usernames =     (\n        ada,\n        \"bob b\"\n    );\n}\n";
        assert_eq!(parse_deferral(&out(text)).unwrap().usernames, ["ada", "bob b"]);
        for end in 0..text.trim_end().len() {
            assert!(parse_deferral(&out(&text[..end])).is_err(), "{}", &text[..end]);
        }
        assert!(!parse_deferral(&out_with(20, "Not found.\n")).unwrap().deferred);
        assert!(parse_deferral(&out("{ Usernames = ( ); }\n")).is_err());
    }
}
