//! Words, colour and width of what people read.

pub use crate::text::count;
use crate::text::visible;

/// Whether and how to decorate.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether to use colour. Only ever true for a terminal without `NO_COLOR`.
    pub colour: bool,
    /// Columns available.
    pub width: usize,
}

impl Style {
    /// The fewest columns that text is made for; a narrower terminal breaks lines itself.
    pub const NARROWEST: usize = 60;
    /// The most: longer lines are hard to read.
    pub const WIDEST: usize = 120;

    /// Without colour, 100 columns: for files and pipes.
    pub const PLAIN: Self = Self { colour: false, width: 100 };

    /// `word`, made safe to show, in the colour of `tone`.
    #[must_use]
    pub fn paint(&self, word: &str, tone: Tone) -> String {
        let word = visible(word);
        if !self.colour {
            return word;
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Changed => "36",
            Tone::Bad => "31",
            Tone::Unsure => "33",
            Tone::Quiet => "2",
            Tone::Heading => "1",
        };
        format!("\u{1b}[{code}m{word}\u{1b}[0m")
    }

    /// `text`, made safe to show, wrapped to the width with every line behind `indent` columns.
    #[must_use]
    pub fn wrap(&self, text: &str, indent: usize) -> String {
        self.wrap_after(text, indent, indent)
    }

    /// The same with the first line behind `first` columns, for text that begins behind others.
    #[must_use]
    pub fn wrap_after(&self, text: &str, first: usize, indent: usize) -> String {
        let mut lines: Vec<String> = vec![String::new()];
        for word in visible(text).split_whitespace() {
            let before = if lines.len() == 1 { first } else { indent };
            let room = self.width.saturating_sub(before).max(20);
            let line = lines
                .last_mut()
                .filter(|line| line.is_empty() || line.chars().count() + 1 + word.chars().count() <= room);
            match line {
                Some(line) => {
                    if !line.is_empty() {
                        line.push(' ');
                    }
                    line.push_str(word);
                }
                None => lines.push(word.to_owned()),
            }
        }
        lines.join(&format!("\n{}", " ".repeat(indent)))
    }
}

/// What a word says.
#[derive(Clone, Copy, Debug)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Was mended.
    Changed,
    /// Is weak.
    Bad,
    /// Could not be told.
    Unsure,
    /// Of no concern here.
    Quiet,
    /// A heading.
    Heading,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_keeps_every_word_and_the_width() {
        let style = Style { colour: false, width: 40 };
        let text = "one two three four five six seven eight nine ten eleven twelve";
        let wrapped = style.wrap(text, 10);
        assert!(wrapped.lines().all(|line| line.trim_start().chars().count() <= 30), "{wrapped}");
        assert_eq!(wrapped.split_whitespace().collect::<Vec<_>>().join(" "), text);
    }

    #[test]
    fn a_first_line_behind_others_has_less_room() {
        let style = Style { colour: false, width: 40 };
        let wrapped = style.wrap_after("one two three four five six seven eight", 22, 4);
        assert_eq!(wrapped, "one two three four\n    five six seven eight");
    }

    #[test]
    fn what_came_from_outside_cannot_steer_the_terminal() {
        let hostile = "a\u{1b}[2Jb\rc\u{9b}d\u{202e}e";
        assert!(!Style::PLAIN.wrap(hostile, 0).chars().any(crate::text::is_unsafe));
        assert_eq!(Style::PLAIN.paint(hostile, Tone::Bad), visible(hostile));
        let coloured = Style { colour: true, width: 80 }.paint(hostile, Tone::Bad);
        assert_eq!(coloured, format!("\u{1b}[31m{}\u{1b}[0m", visible(hostile)));
    }
}
