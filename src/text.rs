//! Text that came from elsewhere, made safe to show: control and bidirectional characters are escaped, length is bounded.

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
}
