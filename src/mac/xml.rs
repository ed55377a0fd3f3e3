//! Property lists in XML or binary form, as tools print them and files hold them.

use plist::{Dictionary, Value};

use super::lines::{self, misread};
use super::plist_bounds::{self, Ordinary, Refused};
use super::{Misread, Output};
use crate::text;

/// Reads a whole property list.
///
/// # Errors
/// [`Misread`] for anything else, a cut one included.
pub(crate) fn value(bytes: &[u8]) -> Result<Value, Misread> {
    let fail = || misread("a whole property list", &text::excerpt_bytes(bytes));
    if bytes.starts_with(b"bplist00") {
        return bounded(bytes);
    }
    let body = bytes.trim_ascii();
    let begins = [&b"<?xml"[..], b"<!DOCTYPE plist", b"<plist"].iter().any(|head| body.starts_with(head));
    if begins && body.ends_with(b"</plist>") { bounded(body) } else { Err(fail()) }
}

/// Reads a property list within the limits that all have.
fn bounded(bytes: &[u8]) -> Result<Value, Misread> {
    match plist_bounds::read::<Ordinary>(bytes) {
        Ok(read) => Ok(read.value),
        Err(refused @ Refused::Malformed(_)) => {
            Err(misread("a whole property list", &format!("{} ({refused})", text::excerpt_bytes(bytes))))
        }
        Err(refused) => Err(misread("a whole property list", &refused.to_string())),
    }
}

/// Reads a whole property list whose root is a dictionary.
///
/// # Errors
/// [`Misread`] for anything else.
pub(crate) fn dictionary(bytes: &[u8]) -> Result<Dictionary, Misread> {
    value(bytes)?
        .into_dictionary()
        .ok_or_else(|| Misread::new("a property list with a dictionary at its root", text::excerpt_bytes(bytes)))
}

/// The property list that a tool printed, having said nothing else and ended well.
///
/// # Errors
/// [`Misread`] for anything else.
pub(crate) fn printed(output: &Output) -> Result<Value, Misread> {
    lines::quiet(output, "a property list")?;
    value(&output.stdout)
}

/// The same with a dictionary at its root.
pub(crate) fn printed_dictionary(output: &Output) -> Result<Dictionary, Misread> {
    printed(output)?.into_dictionary().ok_or_else(|| {
        Misread::new("a property list with a dictionary at its root", text::excerpt_bytes(&output.stdout))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    const SAMPLE: &str =
        "<?xml version=\"1.0\"?>\n<plist version=\"1.0\">\n<dict>\n<key>A</key>\n<true/>\n</dict>\n</plist>\n";

    #[test]
    fn only_a_whole_list_is_read() {
        assert_eq!(dictionary(SAMPLE.as_bytes()).unwrap().get("A"), Some(&Value::Boolean(true)));
        for end in 0..SAMPLE.trim_end().len() {
            assert!(value(&SAMPLE.as_bytes()[..end]).is_err(), "{}", &SAMPLE[..end]);
        }
        assert!(value(format!("{SAMPLE}x").as_bytes()).is_err());
        assert!(value(b"{ A = 1; }").is_err());
    }

    #[test]
    fn another_root_status_or_word_is_refused() {
        assert!(dictionary(b"<plist version=\"1.0\"><array/></plist>").is_err());
        assert!(printed(&out_with(1, SAMPLE)).is_err());
        let mut output = out(SAMPLE);
        output.stderr = b"Error: -69808\n".to_vec();
        assert!(printed(&output).is_err());
    }

    #[test]
    fn a_deep_list_is_refused_without_overflow() {
        let deep = format!("<plist>{}{}</plist>", "<array>".repeat(200_000), "</array>".repeat(200_000));
        assert!(value(deep.as_bytes()).is_err());
        let hidden = format!("<plist>{}</plist>", "<array><!-- </array> -->".repeat(200_000));
        assert!(value(hidden.as_bytes()).is_err());
        assert!(value(b"<plist version=\"1.0\"><!-- note --><dict/></plist>").is_ok());
        let why = value(deep.as_bytes()).unwrap_err();
        assert!(format!("{why:?}").contains("nested more than 64 levels deep"), "{why:?}");
    }
}
