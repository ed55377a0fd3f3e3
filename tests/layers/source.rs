//! A Rust source file read just far enough to see which modules of its own crate it uses: comments and literals are
//! blanked, `#[cfg(test)]` items passed over, and every path from `crate` or `super` resolved, groups unfolded.

/// One path used, from the crate's root.
pub struct Use {
    /// The segments after `crate`; a glob ends in `*`, and `use crate as x` is the one segment `as`.
    pub path: Vec<String>,
    /// Where it starts, counted from 1.
    pub line: usize,
}

/// What one source file holds.
pub struct Source {
    /// Its path from the project's folder, with `/`.
    pub name: String,
    /// Its module path from the crate's root; `lib` and `main` for the crate's own roots.
    pub module: Vec<String>,
    /// The paths that it uses outside tests.
    pub uses: Vec<Use>,
    /// The names outside tests that paths begin with, of crates among them; each path is that one name.
    pub roots: Vec<Use>,
    /// The files that may hold the modules it declares for tests only.
    pub test_files: Vec<String>,
    /// How many of its lines are outside tests.
    pub lines: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Token<'a> {
    text: &'a str,
    line: usize,
}

impl Source {
    /// Reads one file.
    pub fn read(name: &str, text: &str) -> Self {
        let blank = without_comments_and_literals(text);
        let tokens = tokens(&blank);
        let (kept, tests) = without_tests(&tokens);
        let module = module_of(name);
        let folder = match name.strip_suffix("/mod.rs").or_else(|| name.strip_suffix("/lib.rs")) {
            Some(folder) => folder.to_owned(),
            None => name.strip_suffix(".rs").unwrap_or(name).to_owned(),
        };
        let test_files = tests
            .iter()
            .filter_map(|item| item.declares)
            .flat_map(|module| [format!("{folder}/{module}.rs"), format!("{folder}/{module}/mod.rs")])
            .collect();
        let in_tests: usize = tests.iter().map(|item| item.last_line + 1 - item.first_line).sum();
        let lines = text.lines().count().saturating_sub(in_tests);
        Self { name: name.to_owned(), uses: uses(&kept, &module), roots: roots(&kept), module, test_files, lines }
    }
}

/// The module path of a file below `src/`.
fn module_of(name: &str) -> Vec<String> {
    let path = name.strip_prefix("src/").unwrap_or(name).trim_end_matches(".rs");
    let mut module: Vec<String> = path.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    module
}

/// The text with every comment, string and character literal turned into spaces, its lines kept.
fn without_comments_and_literals(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let mut end_of = vec![0usize; chars.len()];
    let mut index = 0;
    while index < chars.len() {
        let word_before = index > 0 && (at(index - 1).is_alphanumeric() || at(index - 1) == '_');
        let end = match at(index) {
            '/' if at(index + 1) == '/' => (index..chars.len()).find(|&i| at(i) == '\n').unwrap_or(chars.len()),
            '/' if at(index + 1) == '*' => end_of_block_comment(&chars, index),
            '"' => end_of_string(&chars, index),
            'r' | 'b' | 'c' if !word_before => end_of_prefixed_string(&chars, index),
            '\'' => end_of_char(&chars, index),
            _ => index,
        };
        end_of[index] = end;
        index = end.max(index + 1);
    }
    let mut out = String::with_capacity(text.len());
    let mut index = 0;
    while index < chars.len() {
        let end = end_of[index];
        if end > index {
            out.extend((index..end).map(|i| if at(i) == '\n' { '\n' } else { ' ' }));
            index = end;
        } else {
            out.push(at(index));
            index += 1;
        }
    }
    out
}

fn end_of_block_comment(chars: &[char], start: usize) -> usize {
    let (mut depth, mut index) = (0usize, start);
    while index < chars.len() {
        match (chars[index], chars.get(index + 1)) {
            ('/', Some('*')) => (depth, index) = (depth + 1, index + 2),
            ('*', Some('/')) => (depth, index) = (depth - 1, index + 2),
            _ => index += 1,
        }
        if depth == 0 {
            break;
        }
    }
    index
}

fn end_of_string(chars: &[char], quote: usize) -> usize {
    let mut index = quote + 1;
    while index < chars.len() && chars[index] != '"' {
        index += if chars[index] == '\\' { 2 } else { 1 };
    }
    (index + 1).min(chars.len())
}

/// The end of `b"…"`, `r#"…"#`, `br"…"`, `c"…"` and `b'…'`; the start itself where it is a plain word.
fn end_of_prefixed_string(chars: &[char], start: usize) -> usize {
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let letters = (start..start + 2).take_while(|&i| matches!(at(i), 'r' | 'b' | 'c')).count();
    let raw = (start..start + letters).any(|i| at(i) == 'r');
    let after = start + letters;
    let hashes = if raw { (after..chars.len()).take_while(|&i| at(i) == '#').count() } else { 0 };
    let quote = after + hashes;
    match at(quote) {
        '"' if raw => (quote + 1..chars.len())
            .find(|&i| at(i) == '"' && (1..=hashes).all(|h| at(i + h) == '#'))
            .map_or(chars.len(), |i| i + 1 + hashes),
        '"' => end_of_string(chars, quote),
        '\'' if letters == 1 && at(start) == 'b' => end_of_char(chars, quote),
        _ => start,
    }
}

/// The end of a character literal; the start itself where it is a lifetime.
fn end_of_char(chars: &[char], quote: usize) -> usize {
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    match at(quote + 1) {
        '\\' => (quote + 3..chars.len()).find(|&i| at(i) == '\'').map_or(chars.len(), |i| i + 1),
        _ if at(quote + 2) == '\'' => quote + 3,
        _ => quote,
    }
}

/// Words, `::` as one, and every other sign alone.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            let length = match word {
                0 if rest.starts_with("::") => 2,
                0 => first.len_utf8(),
                word => word,
            };
            let (text, after) = rest.split_at(length);
            found.push(Token { text, line: number + 1 });
            rest = after.trim_start();
        }
    }
    found
}

/// One `#[cfg(test)]` item.
struct TestItem<'a> {
    first_line: usize,
    last_line: usize,
    /// The module's name where the item is `mod name;`.
    declares: Option<&'a str>,
}

/// The tokens without `#[cfg(test)]` items, and those items.
fn without_tests<'a>(tokens: &[Token<'a>]) -> (Vec<Token<'a>>, Vec<TestItem<'a>>) {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut items, mut index) = (Vec::new(), Vec::new(), 0);
    while index < tokens.len() {
        let marked = tokens[index..].iter().map(|token| token.text).take(MARK.len()).eq(MARK);
        if !marked {
            kept.push(tokens[index]);
            index += 1;
            continue;
        }
        let end = end_of_item(tokens, index + MARK.len());
        let item = &tokens[index..end];
        let declares = match item {
            [.., keyword, name, semicolon] if keyword.text == "mod" && semicolon.text == ";" => Some(name.text),
            _ => None,
        };
        let last_line = item.last().map_or(tokens[index].line, |token| token.line);
        items.push(TestItem { first_line: tokens[index].line, last_line, declares });
        index = end;
    }
    (kept, items)
}

/// Where the item that starts here ends: after its `;`, or after its body's `}`. The braces of a `use` are no body.
fn end_of_item(tokens: &[Token], start: usize) -> usize {
    let (mut depth, mut is_use, mut index) = (0usize, false, start);
    while index < tokens.len() {
        match tokens[index].text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && !is_use {
                    return index + 1;
                }
            }
            ";" if depth == 0 => return index + 1,
            "use" if depth == 0 => is_use = true,
            _ => {}
        }
        index += 1;
    }
    index
}

/// Every path from `crate` or `super` in a file of this module.
fn uses(tokens: &[Token], module: &[String]) -> Vec<Use> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text);
    let mut found = Vec::new();
    // The inline modules around the current token, each with the depth of its braces.
    let mut inside: Vec<(String, usize)> = Vec::new();
    let mut depth = 0usize;
    for index in 0..tokens.len() {
        match text(index) {
            "{" => {
                depth += 1;
                if index >= 2 && text(index - 2) == "mod" {
                    inside.push((text(index - 1).to_owned(), depth));
                }
            }
            "}" => {
                if inside.last().is_some_and(|(_, opened)| *opened == depth) {
                    inside.pop();
                }
                depth = depth.saturating_sub(1);
            }
            "crate" | "super" if index == 0 || text(index - 1) != "::" => {
                let mut base: Vec<String> = Vec::new();
                let mut next = index;
                if text(index) == "super" {
                    base = module.iter().cloned().chain(inside.iter().map(|(name, _)| name.clone())).collect();
                    while text(next) == "super" {
                        base.pop();
                        next += if text(next + 1) == "::" { 2 } else { 1 };
                    }
                    next -= 1;
                } else {
                    next += 1;
                }
                let line = tokens[index].line;
                match text(next) {
                    "::" => unfold(tokens, next + 1, base, line, &mut found),
                    "as" if base.is_empty() => found.push(Use { path: vec!["as".to_owned()], line }),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    found
}

/// Every word that a path begins with, or that a `use` names alone.
fn roots(tokens: &[Token]) -> Vec<Use> {
    let text = |index: Option<usize>| index.and_then(|index| tokens.get(index)).map_or("", |token| token.text);
    let is_word = |text: &str| text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '>');
    let found = tokens.iter().enumerate().filter(|(index, token)| {
        let (before, after) = (text(index.checked_sub(1)), text(Some(index + 1)));
        // `::notify` names the crate too, wherever no path leads up to it.
        let is_root = match before {
            "::" => !is_word(text(index.checked_sub(2))) || text(index.checked_sub(2)) == "use",
            _ => true,
        };
        is_word(token.text) && is_root && (after == "::" || matches!(before, "use" | "::" | "crate"))
    });
    found.map(|(_, token)| Use { path: vec![token.text.to_owned()], line: token.line }).collect()
}

/// Adds every path of the use tree that starts here, and says where it ends.
fn unfold(tokens: &[Token], mut index: usize, mut base: Vec<String>, line: usize, found: &mut Vec<Use>) {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text);
    loop {
        match text(index) {
            "{" => {
                for start in branches(tokens, index) {
                    unfold(tokens, start, base.clone(), tokens[start].line, found);
                }
                return;
            }
            "self" => return found.push(Use { path: base, line }),
            segment => base.push(segment.to_owned()),
        }
        if text(index + 1) != "::" || text(index + 2) == "<" {
            return found.push(Use { path: base, line });
        }
        index += 2;
    }
}

/// Where each branch of a `{…}` group starts.
fn branches(tokens: &[Token], open: usize) -> Vec<usize> {
    let (mut starts, mut depth) = (Vec::new(), 0usize);
    for (index, token) in tokens.iter().enumerate().skip(open) {
        let before = depth;
        match token.text {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        let opens_branch = before == 1 && index > open && matches!(tokens[index - 1].text, "{" | ",");
        if opens_branch && token.text != "," && !(token.text == "{" && depth == 1) {
            starts.push(index);
        }
    }
    starts
}
