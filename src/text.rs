//! Text that came from elsewhere, made safe to show: control and bidirectional characters are escaped, length is bounded.

use std::any::Any;

/// Longest piece of observed text that is kept in a message, in characters.
pub const EXCERPT: usize = 200;

/// `text` on one line, with control, bidirectional-override and invisible formatting characters written as `\u{..}`, cut to
/// [`EXCERPT`] characters.
#[must_use]
pub fn excerpt(text: &str) -> String {
    let mut out = String::new();
    for (n, c) in text.trim().chars().enumerate() {
        if n == EXCERPT {
            out.push('…');
            break;
        }
        push_visible(&mut out, c);
    }
    out
}

/// `bytes` as [`excerpt`] shows them; bytes that are not UTF-8 become the replacement character.
#[must_use]
pub fn excerpt_bytes(bytes: &[u8]) -> String {
    excerpt(&String::from_utf8_lossy(bytes))
}

/// The whole of `text` with dangerous characters escaped (a line break becomes `\n`).
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push_visible(&mut out, c);
    }
    out
}

fn push_visible(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if is_unsafe(c) => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
        c => out.push(c),
    }
}

/// Whether `c` can hide, reorder or overwrite text on a terminal: C0 and C1 controls, bidirectional controls, zero-width
/// and other invisible format characters.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `json` with everything but printable ASCII and line breaks as `\uXXXX`. Outside of strings JSON has nothing else, and in
/// strings no line breaks, so this is the same JSON: nothing in it can steer a terminal or pass for another character.
#[must_use]
pub fn ascii_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\n' | ' '..='~' => out.push(c),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out
}

/// `argv` as a person would type it: arguments with other than plain characters in single quotes. For reading only: nothing
/// ever executes this text.
#[must_use]
pub fn command_line(argv: &[String]) -> String {
    let word = |argument: &String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
        if !argument.is_empty() && argument.chars().all(plain) {
            return argument.clone();
        }
        format!("'{}'", visible(argument).replace('\'', "'\\''"))
    };
    argv.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// `n` of something, in words.
#[must_use]
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The known word that `typed` was most likely meant to be; `None` where nothing is near.
#[must_use]
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let reach = typed.chars().take(MEANT_CHARS + 1).count();
    if reach > MEANT_CHARS {
        return None;
    }
    let near = known.into_iter().map(|word| (distance(&typed, &word.to_lowercase()), word)).min_by_key(|(far, _)| *far);
    near.filter(|(far, _)| *far <= (reach / 3).max(if reach < 4 { 1 } else { 2 })).map(|(_, word)| word)
}

/// The longest word, in characters, that is compared with the known ones; none of them is nearly as long.
const MEANT_CHARS: usize = 96;

/// How many characters must be put in, taken out or replaced to make `a` into `b`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (n, from) in a.chars().enumerate() {
        let mut left = n + 1;
        let mut next = vec![left];
        for (to, above) in b.iter().zip(row.windows(2)) {
            if let [diagonal, above] = above {
                left = (diagonal + usize::from(from != *to)).min(above + 1).min(left + 1);
                next.push(left);
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// An error with all its causes on one line, the context first.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}

/// What a panic said.
#[must_use]
pub fn panic_words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidi_characters_are_written_out() {
        assert_eq!(visible("a\u{1b}[31mb\u{202e}c\nd"), "a\\u{1b}[31mb\\u{202e}c\\nd");
    }

    #[test]
    fn an_excerpt_is_bounded() {
        let long = "x".repeat(10_000);
        assert_eq!(excerpt(&long).chars().count(), EXCERPT + 1);
    }

    #[test]
    fn json_in_ascii_is_the_same_json() {
        let value = serde_json::json!({ "a\u{9b}31m": ["\u{202e}\u{7f}é", "😀\n\t\"\\"], "n": 1 });
        for json in [value.to_string(), format!("{value:#}")] {
            let ascii = ascii_json(&json);
            assert!(ascii.chars().all(|c| matches!(c, '\n' | ' '..='~')), "{ascii}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&ascii).unwrap(), value);
        }
    }

    #[test]
    fn distance_counts_edits() {
        for (a, b, edits) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("mode", "mode", 0)]
        {
            assert_eq!(distance(a, b), edits, "{a} {b}");
        }
    }

    #[test]
    fn only_something_near_is_suggested() {
        let known = ["Level", "Controls", "Ledger"];
        for (typed, meant) in [
            ("level", Some("Level")),
            ("Control", Some("Controls")),
            ("Leger", Some("Ledger")),
            ("Levle", Some("Level")),
            ("Lvl", None),
            ("Exempt", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
        assert_eq!(nearest(&"Level".repeat(100), known), None);
    }
}
