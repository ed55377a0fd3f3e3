//! The old property list text that `NSDictionary` prints as its description: `{ Key = value; List = ( a, "b c" ); }`.
//!
//! Strict: the whole text must be one value, so a cut answer is never read. Besides the old grammar it knows how macOS
//! describes data: `<3082 0576>` and `{length = 32, bytes = 0x0011 ... ff}`.

use std::collections::BTreeMap;

/// How deep values may lie in each other.
const DEPTH: usize = 64;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text in quotes.
    Quoted(String),
    /// A word without quotes: numbers are such.
    Bare(String),
    /// Data, as it was described.
    Data(String),
    /// Values in order.
    Array(Vec<Value>),
    /// Values by key.
    Dictionary(BTreeMap<String, Value>),
}

impl Value {
    /// The text of a string or word.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Quoted(text) | Self::Bare(text) => Some(text),
            _ => None,
        }
    }

    /// The number that a word without quotes is: whole, in plain decimal form.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Bare(text) => super::lines::integer(text).filter(|number| number.to_string() == *text),
            _ => None,
        }
    }

    /// The values by key of a dictionary.
    #[must_use]
    pub fn dictionary(&self) -> Option<&BTreeMap<String, Value>> {
        match self {
            Self::Dictionary(map) => Some(map),
            _ => None,
        }
    }
}

/// Reads the value at the beginning of `text`, and gives back what follows it.
pub(crate) fn prefix(text: &str) -> Option<(Value, &str)> {
    let mut parser = Parser { rest: text };
    let value = parser.value(0)?;
    Some((value, parser.rest))
}

/// Reads `text`, which must be one value and nothing else.
pub(crate) fn whole(text: &str) -> Option<Value> {
    let (value, rest) = prefix(text)?;
    rest.trim().is_empty().then_some(value)
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, c: char) -> Option<()> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(c)?;
        Some(())
    }

    /// Everything up to `end`, which is taken as well.
    fn until(&mut self, end: char) -> Option<&'a str> {
        let (inside, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(inside)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        self.skip_space();
        match self.rest.chars().next()? {
            '{' => {
                self.eat('{')?;
                if self.rest.starts_with("length = ") { self.described_data() } else { self.dictionary(depth) }
            }
            '(' => self.array(depth),
            '<' => {
                self.eat('<')?;
                let inside = self.until('>')?;
                let hex = inside.chars().all(|c| c.is_ascii_hexdigit() || c == ' ' || c == '.');
                hex.then(|| Value::Data(inside.to_owned()))
            }
            '"' => self.quoted().map(Value::Quoted),
            _ => self.bare().map(Value::Bare),
        }
    }

    fn dictionary(&mut self, depth: usize) -> Option<Value> {
        let mut map = BTreeMap::new();
        loop {
            self.skip_space();
            if self.rest.starts_with('}') {
                self.eat('}')?;
                return Some(Value::Dictionary(map));
            }
            let key = if self.rest.starts_with('"') { self.quoted()? } else { self.bare()? };
            self.eat('=')?;
            let value = self.value(depth + 1)?;
            self.eat(';')?;
            if map.insert(key, value).is_some() {
                return None;
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        self.eat('(')?;
        let mut list = Vec::new();
        loop {
            self.skip_space();
            if self.rest.starts_with(')') {
                self.eat(')')?;
                return Some(Value::Array(list));
            }
            if !list.is_empty() {
                self.eat(',')?;
                self.skip_space();
                if self.rest.starts_with(')') {
                    continue;
                }
            }
            list.push(self.value(depth + 1)?);
        }
    }

    fn described_data(&mut self) -> Option<Value> {
        let inside = self.until('}')?;
        let (length, bytes) = inside.strip_prefix("length = ")?.split_once(", bytes = 0x")?;
        let hex = bytes.chars().all(|c| c.is_ascii_hexdigit() || c == ' ' || c == '.');
        let counted = !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
        (hex && counted).then(|| Value::Data(inside.to_owned()))
    }

    fn bare(&mut self) -> Option<String> {
        let stops = |c: char| !(c.is_alphanumeric() || "_$/:.-+@".contains(c));
        let end = self.rest.find(stops).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!word.is_empty()).then(|| word.to_owned())
    }

    fn quoted(&mut self) -> Option<String> {
        self.eat('"')?;
        let mut text = String::new();
        let mut units: Vec<u16> = Vec::new();
        let mut chars = self.rest.char_indices();
        loop {
            let (at, c) = chars.next()?;
            let escape = if c == '\\' { Some(chars.next()?.1) } else { None };
            if matches!(escape, Some('U' | 'u')) {
                let mut unit = 0_u16;
                for _ in 0..4 {
                    let digit = u16::try_from(chars.next()?.1.to_digit(16)?).ok()?;
                    unit = (unit << 4) | digit;
                }
                units.push(unit);
                continue;
            }
            text.push_str(&String::from_utf16(&std::mem::take(&mut units)).ok()?);
            match (c, escape) {
                ('"', _) => {
                    self.rest = self.rest.get(at + 1..)?;
                    return Some(text);
                }
                (_, None) => text.push(c),
                (_, Some('n')) => text.push('\n'),
                (_, Some('t')) => text.push('\t'),
                (_, Some('r')) => text.push('\r'),
                (_, Some(first @ '0'..='7')) => {
                    let mut code = first.to_digit(8)?;
                    for _ in 0..2 {
                        code = code * 8 + chars.next()?.1.to_digit(8)?;
                    }
                    text.push(char::from_u32(code)?);
                }
                (_, Some(other)) => text.push(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = "{\n    \"A-1\" = \"x \\\"y\\\" \\U00e9\\n\";\n\tFlag = 1;\n    List =     (\n        en,\n        \"b,c\"\n    );\n    Raw = <3082 0576>;\n    Token = {length = 32, bytes = 0x00112233 ... ff00 };\n    Empty = ( );\n    Sub =     {\n        Deep = none;\n    };\n}\n";

    #[test]
    fn a_description_is_read_whole() {
        let value = whole(SAMPLE).expect("sample");
        let map = value.dictionary().expect("dictionary");
        assert_eq!(map["A-1"].text(), Some("x \"y\" é\n"));
        assert_eq!(map["Flag"].number(), Some(1));
        assert_eq!(map["List"], Value::Array(vec![Value::Bare("en".into()), Value::Quoted("b,c".into())]));
        assert!(matches!(map["Token"], Value::Data(_)));
        assert_eq!(map["Sub"].dictionary().expect("sub")["Deep"].text(), Some("none"));
    }

    #[test]
    fn no_cut_is_read() {
        for end in 0..SAMPLE.trim_end().len() {
            if let Some(cut) = SAMPLE.get(..end) {
                assert_eq!(whole(cut), None, "{cut}");
            }
        }
    }

    #[test]
    fn what_follows_and_what_comes_twice_is_refused() {
        for bad in ["{ A = 1; } x", "{ A = 1; A = 0; }", "{ A = 1 }", "( a b )", "{ A 1; }", "", "{ = 1; }", "\"a"] {
            assert_eq!(whole(bad), None, "{bad}");
        }
        assert_eq!(whole(&"(".repeat(100_000)), None);
    }

    #[test]
    fn numbers_are_plain_words() {
        assert_eq!(whole("007").and_then(|v| v.number()), None);
        assert_eq!(whole("\"7\"").and_then(|v| v.number()), None);
        assert_eq!(whole("-7").and_then(|v| v.number()), Some(-7));
    }

    proptest! {
        #[test]
        fn anything_is_survived(text in "\\PC*", braces in "[{}()=;,\"\\\\a<> ]*") {
            let _ = whole(&text);
            let _ = whole(&braces);
        }
    }
}
