//! Property list files: preferences that a profile forces, local ones, and what macOS itself keeps.

use std::path::Path;

use plist::Dictionary;

use super::{FileAnswer, Misread, Question, xml};

/// What is in the property list at `path`? `None` where there is no such file.
#[must_use]
pub fn file(path: impl AsRef<Path>) -> Question<Option<Dictionary>> {
    Question::file(path, parse)
}

/// Reads the file.
///
/// # Errors
/// [`Misread`] where it is not root's, others may write it, or it is not a whole dictionary.
pub(crate) fn parse(file: &FileAnswer) -> Result<Option<Dictionary>, Misread> {
    let FileAnswer::Present { bytes, owner, mode } = file else { return Ok(None) };
    if *owner != 0 || mode & 0o022 != 0 {
        let saw = format!("owner {owner}, mode {mode:04o}");
        return Err(Misread::new("a file of root's that nobody else may write", saw));
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
