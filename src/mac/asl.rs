//! What asl.conf(5) says about `install.log`: how long it is kept.

use super::{FileAnswer, Misread, Question};

/// Where macOS keeps it. `/etc` is a link to `/private/etc`.
pub const INSTALL: &str = "/private/etc/asl/com.apple.install";

/// The log that it is about.
const LOG: &str = "/var/log/install.log";

/// How a log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// For how many days; `None` where the line does not say.
    pub days: Option<i64>,
    /// Whether older files go once all of them reach a size.
    pub capped: bool,
}

/// How is `install.log` kept? `None` where the file is not there.
#[must_use]
pub fn install_log() -> Question<Option<Retention>> {
    Question::file(INSTALL, parse)
}

/// Reads the line that writes the log.
///
/// # Errors
/// [`Misread`] where there is not one such line, a number is none, a quotation or the last line does not end.
fn parse(file: &FileAnswer) -> Result<Option<Retention>, Misread> {
    let FileAnswer::Present { bytes, .. } = file else { return Ok(None) };
    let fail = || Misread::new("one line that writes install.log, all lines ended", String::from_utf8_lossy(bytes));
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.ends_with('\n')).ok_or_else(fail)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let mut found = None;
    for words in lines.map(|line| words(line).ok_or_else(fail)) {
        let words = words?;
        let writes = words.windows(2).any(|pair| matches!(pair, [verb, path] if verb == "file" && path == LOG));
        if writes && found.replace(words).is_some() {
            return Err(fail());
        }
    }
    let words = found.ok_or_else(fail)?;
    let mut retention = Retention { days: None, capped: false };
    for word in &words {
        match word.split_once('=') {
            Some(("ttl", days)) => retention.days = Some(days.parse().ok().filter(|days| *days >= 0).ok_or_else(fail)?),
            Some(("all_max", _)) => retention.capped = true,
            _ => {}
        }
    }
    Ok(Some(retention))
}

/// The words of a line; blanks between single quotation marks part none.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let (mut word, mut quoted) = (String::new(), false);
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    (!quoted).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Retention>, Misread> {
        parse(&FileAnswer::Present { bytes: text.into(), owner: 0, mode: 0o644 })
    }

    #[test]
    fn the_line_about_the_log_counts_and_its_words_alone() {
        let line = "* file /var/log/install.log format='$((Time)(JZ)) ttl=9 $Message' rotate=utc";
        let says = |more: &str| read(&format!("# ttl=1\n? [= Facility install] claim only\n{line} {more}\n"));
        assert_eq!(says("ttl=365"), Ok(Some(Retention { days: Some(365), capped: false })));
        assert_eq!(says("ttl=365 all_max=150M"), Ok(Some(Retention { days: Some(365), capped: true })));
        assert_eq!(says("file_max=50M"), Ok(Some(Retention { days: None, capped: false })));
        assert_eq!(parse(&FileAnswer::Absent), Ok(None));
        for bad in ["ttl=long", "ttl=", "ttl=-1", "it's"] {
            assert!(says(bad).is_err(), "{bad}");
        }
        for bad in [String::new(), "? x\n".into(), line.into(), format!("{line}\n{line}\n")] {
            assert!(read(&bad).is_err(), "{bad}");
        }
    }
}
