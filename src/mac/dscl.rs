//! `dscl`: the local accounts.

use plist::{Dictionary, Value};
use serde::Serialize;

use super::changes::is_plain_path;
use super::lines::{integer, is_uuid};
use super::{Invocation, Misread, Output, Question, xml};

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
    Question::closed(Invocation::new("/usr/bin/dscl", &args), parse)
}

/// Reads the answer.
///
/// # Errors
/// [`Misread`] where a record lacks its name, number or UUID, or there is none.
pub(crate) fn parse(output: &Output) -> Result<Vec<Account>, Misread> {
    let fail = |what: &str| Misread::new(format!("account records with {what}"), "a property list without it");
    let list = xml::printed(output)?.into_array().ok_or_else(|| fail("an array at its root"))?;
    if list.is_empty() {
        return Err(fail("at least one account"));
    }
    list.iter().map(|record| account(record).ok_or_else(|| fail("RecordName, UniqueID and GeneratedUID"))).collect()
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
    use crate::mac::lines::tests::{out, out_with};

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
    fn a_record_without_its_uuid_is_refused() {
        assert!(parse(&out(&list(&ADA[..2]))).is_err());
        assert!(parse(&out("<plist version=\"1.0\"><array/></plist>")).is_err());
        assert!(parse(&out_with(1, &list(&ADA))).is_err());
        assert!(parse(&out_with(0, "<dscl_cmd> DS Error: -14120 (eDSPermissionError)\n")).is_err());
    }
}
