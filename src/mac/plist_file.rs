//! Property list files: preferences that a profile forces, local ones, and what macOS itself keeps.

use std::path::Path;

use plist::Dictionary;

use super::{FileAnswer, Misread, Question, UserFile, xml};

/// What is in the property list at `path`? `None` where there is no such file.
#[must_use]
pub fn file(path: impl AsRef<Path>) -> Question<Option<Dictionary>> {
    Question::file(path, parse)
}

/// What is in the property list at `path`, which a service of macOS may keep under an account of its own? `None` where there
/// is no such file.
///
/// For state under System Integrity Protection, whose owner is not documented: software update's is root or
/// `_softwareupdate` (200). People's accounts begin at 501 and none of them can log in as a system account, so a system
/// account's file is no weaker than root's against them; a person's own file is still refused.
#[must_use]
pub fn system_file(path: impl AsRef<Path>) -> Question<Option<Dictionary>> {
    Question::file(path, parse_system)
}

/// What is in the property list that is a user's own? `None` where there is no such file.
///
/// Others may be let write it: what it says is in force for the user all the same.
#[must_use]
pub fn user_file(file: UserFile) -> Question<Option<Dictionary>> {
    Question::user_file(file, |file| match file {
        FileAnswer::Absent => Ok(None),
        FileAnswer::Present { bytes, .. } => xml::dictionary(bytes).map(Some),
    })
}

/// Reads the file.
///
/// # Errors
/// [`Misread`] where it is not root's, others may write it, or it is not a whole dictionary.
pub(crate) fn parse(file: &FileAnswer) -> Result<Option<Dictionary>, Misread> {
    kept_by(file, 0, "a file of root's that nobody else may write")
}

/// The last user id of macOS's own accounts.
const LAST_SYSTEM_ACCOUNT: u32 = 499;

fn parse_system(file: &FileAnswer) -> Result<Option<Dictionary>, Misread> {
    kept_by(file, LAST_SYSTEM_ACCOUNT, "a file of a system account's that nobody else may write")
}

fn kept_by(file: &FileAnswer, last_owner: u32, expected: &str) -> Result<Option<Dictionary>, Misread> {
    let FileAnswer::Present { bytes, owner, mode } = file else { return Ok(None) };
    if *owner > last_owner || mode & 0o022 != 0 {
        return Err(Misread::new(expected, format!("owner {owner}, mode {mode:04o}")));
    }
    xml::dictionary(bytes).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn present(text: &str, owner: u32, mode: u32) -> FileAnswer {
        FileAnswer::Present { bytes: text.into(), owner, mode }
    }

    #[test]
    fn only_a_whole_file_that_root_alone_may_write_is_read() {
        let text = "<plist version=\"1.0\"><dict><key>A</key><integer>1</integer></dict></plist>";
        assert_eq!(parse(&FileAnswer::Absent), Ok(None));
        assert!(parse(&present(text, 0, 0o644)).unwrap().unwrap().contains_key("A"));
        for bad in [
            present(text, 501, 0o644),
            present(text, 0, 0o664),
            present(text, 0, 0o646),
            present("", 0, 0o644),
            present(&text[..40], 0, 0o644),
        ] {
            assert!(parse(&bad).is_err(), "{bad:?}");
            assert!(parse_system(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_what_macos_keeps_may_be_a_system_accounts() {
        let text = "<plist version=\"1.0\"><dict/></plist>";
        for (owner, mode, ours, systems) in
            [(0, 0o644, true, true), (200, 0o600, false, true), (500, 0o600, false, false), (200, 0o660, false, false)]
        {
            let file = present(text, owner, mode);
            assert_eq!((parse(&file).is_ok(), parse_system(&file).is_ok()), (ours, systems), "{owner} {mode:o}");
        }
    }

    #[test]
    fn the_binary_form_is_read_and_a_cut_one_is_not() {
        let mut dict = Dictionary::new();
        dict.insert("A".into(), plist::Value::Boolean(true));
        let mut bytes = Vec::new();
        plist::Value::Dictionary(dict.clone()).to_writer_binary(&mut bytes).unwrap();
        let file = |bytes: &[u8]| FileAnswer::Present { bytes: bytes.to_vec(), owner: 0, mode: 0o600 };
        assert_eq!(parse(&file(&bytes)), Ok(Some(dict)));
        for end in 0..bytes.len() {
            assert!(parse(&file(&bytes[..end])).is_err(), "{end}");
        }
    }
}
