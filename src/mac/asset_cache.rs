//! `AssetCacheManagerUtil`: content caching.

use serde::Serialize;

use super::changes::Single;
use super::lines::{self, misread, quiet};
use super::{Change, Invocation, Misread, Output, Question};

const PROGRAM: &str = "/usr/bin/AssetCacheManagerUtil";

/// Content caching.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Caching {
    /// Whether it is switched on, be it at work or not.
    pub activated: bool,
}

/// Is content caching on?
#[must_use]
pub fn status() -> Question<Caching> {
    Question::closed(Invocation::new(PROGRAM, &["-j", "status"]), parse)
}

/// Switches content caching on or off.
#[must_use]
pub fn set(on: bool) -> Change {
    Change { run: Invocation::new(PROGRAM, &[if on { "activate" } else { "deactivate" }]), read: lines::unrefused }
}

/// The command `args` as a change of the agent's own: [`set`].
pub(super) fn own(args: &[&str]) -> Option<Vec<Single>> {
    let [word @ ("activate" | "deactivate")] = args else { return None };
    let is = |word: &str, output: &Output| Ok(parse(output)?.activated == (word == "activate"));
    let holds = Question::about(Invocation::new(PROGRAM, &["-j", "status"]), word, is);
    Some(vec![Single::new("content caching", set(*word == "activate"), vec![holds])])
}

/// Reads the answer of `-j status`: one JSON object, whose `result` says `Activated`.
///
/// # Errors
/// [`Misread`] for other than that, whole.
pub(crate) fn parse(output: &Output) -> Result<Caching, Misread> {
    const EXPECTED: &str = "{\"name\":\"status\",\"result\":{\"Activated\":true or false, ...}}";
    quiet(output, EXPECTED)?;
    let text = output.stdout()?;
    let fail = || misread(EXPECTED, text);
    let value: serde_json::Value = serde_json::from_str(text).map_err(|_| fail())?;
    let about = value.get("name").and_then(serde_json::Value::as_str);
    let activated = value.get("result").and_then(|result| result.get("Activated")?.as_bool());
    activated.filter(|_| about == Some("status")).map(|activated| Caching { activated }).ok_or_else(fail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    #[test]
    fn one_whole_object_says_whether_it_is_on() {
        let text = "{\"name\":\"status\",\"result\":{\"Activated\":true,\"Active\":false,\"Parents\":[]}}\n";
        let read = |text: &str| parse(&out(text)).map(|read| read.activated).ok();
        assert_eq!(read(text), Some(true));
        assert_eq!(read(&text.replace("true", "false")), Some(false));
        for end in 0..text.trim_end().len() {
            assert_eq!(read(&text[..end]), None, "{}", &text[..end]);
        }
        for (from, to) in [("true", "1"), ("Activated", "Active"), ("status", "settings"), ("result", "error")] {
            assert_eq!(read(&text.replacen(from, to, 1)), None, "{from}");
        }
        assert!(parse(&out_with(1, text)).is_err());
    }
}
