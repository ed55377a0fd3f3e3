//! Jamf Pro's extension attributes, one for each of [`FACTS`]: the script, and the file that Jamf Pro imports it from.

use super::{CANNOT_TELL, FACTS, Fact, NOT_INSTALLED, NOTHING_TO_ASK, Shape, UNREADABLE};

/// One file, below `pkg/jamf`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// Every file, the script of each fact before what imports it.
#[must_use]
pub fn files() -> Vec<File> {
    let of = |fact: &Fact| {
        let file = |kind: &str, text: String| File { name: format!("holdfast-{}.{kind}", fact.name), text };
        [file("sh", script(fact)), file("xml", import(fact))]
    };
    FACTS.iter().flat_map(of).collect()
}

/// What all scripts have in common. They run on every Mac of a fleet at each inventory, and with whatever environment is there.
const SCRIPT: &str = r#"#!/bin/sh
# Jamf Pro extension attribute "@TITLE@", data type @TYPE@.
@DOC@
# Made from the agent's own table of facts: changes to this file are lost.

# First, so that in bash no function of the environment stands in for one of the words used below.
POSIXLY_CORRECT=1
PATH=/usr/bin:/bin:/usr/sbin:/sbin
LC_ALL=C
export POSIXLY_CORRECT PATH LC_ALL
unset ENV BASH_ENV CDPATH IFS
set +efux
exec 2>/dev/null

agent=/Library/Holdfast/bin/holdfast
value=@ABSENT@

# Named again are those that are root's, are no links, and can be written by nobody else. The program must be a file to run.
safe=$(/usr/bin/find / /Library /Library/Holdfast /Library/Holdfast/bin "$agent" -prune -user 0 \
    ! -perm -0020 ! -perm -0002 \( -type d ! -path "$agent" -o -type f -path "$agent" -perm -0100 \))
case $safe in
"/
/Library
/Library/Holdfast
/Library/Holdfast/bin
$agent")
    value=@GARBLED@
    answer=$(/usr/bin/env -i "$agent" ea @NAME@)
    case $answer in
    '<result>'*'</result>')
        answer=${answer#'<result>'}
        answer=${answer%'</result>'}
        case $answer in
@PASSES@
        esac
        ;;
    esac
    ;;
esac
/usr/bin/printf '<result>%s</result>\n' "$value"
exit 0
"#;

/// The script for a fact. It passes on what the agent says only where that has the fact's own form.
#[must_use]
pub fn script(fact: &Fact) -> String {
    let (absent, garbled) = match fact.shape {
        Shape::Count => (NOTHING_TO_ASK.to_string(), CANNOT_TELL.to_string()),
        Shape::Date => ("''".to_owned(), "''".to_owned()),
        _ => (NOT_INSTALLED.to_owned(), UNREADABLE.to_owned()),
    };
    let absent = if fact.shape == Shape::Ids { format!("{absent}\nline='\n'") } else { absent };
    let lines = [fact.doc.to_owned(), format!("Says: {}.", says(fact))];
    let doc: Vec<String> = lines.iter().flat_map(|text| wrapped(text)).map(|line| format!("# {line}")).collect();
    let passes: Vec<String> = passes(fact).iter().map(|line| format!("        {line}")).collect();
    SCRIPT
        .replace("@TITLE@", &title(fact))
        .replace("@TYPE@", fact.shape.data_type())
        .replace("@DOC@", &doc.join("\n"))
        .replace("@ABSENT@", &absent)
        .replace("@GARBLED@", &garbled)
        .replace("@NAME@", fact.name)
        .replace("@PASSES@", &passes.join("\n"))
}

/// What Jamf Pro calls it.
#[must_use]
pub fn title(fact: &Fact) -> String {
    format!("Holdfast - {}", fact.title)
}

/// Everything that the extension attribute can say.
#[must_use]
pub fn says(fact: &Fact) -> String {
    let excuses = fact.excuses().join(" ");
    match fact.shape {
        Shape::Ids => format!("{}, one a line; {excuses} {NOT_INSTALLED}", fact.says()),
        Shape::Word(_) | Shape::Version => format!("{}; {excuses} {NOT_INSTALLED}", fact.says()),
        Shape::Count => {
            format!("a count; {CANNOT_TELL} where it cannot be told, {NOTHING_TO_ASK} where no agent is installed")
        }
        Shape::Date => "YYYY-MM-DD hh:mm:ss in the Mac's local time; empty where there is none".to_owned(),
    }
}

/// The clauses of `case` that a value passes through.
fn passes(fact: &Fact) -> Vec<String> {
    const DIGITS: &str = "[0-9][0-9]";
    let words = |words: &[&str]| {
        let all: Vec<&str> = words.iter().chain(fact.excuses()).copied().collect();
        format!("{}) value=$answer ;;", all.join(" | "))
    };
    match fact.shape {
        Shape::Word(known) => vec![words(known)],
        Shape::Ids => vec![
            "'' | *[!a-z0-9_\"$line\"]* | \"$line\"* | *\"$line\" | *\"$line$line\"*) ;;".to_owned(),
            "*) value=$answer ;;".to_owned(),
        ],
        Shape::Version => {
            vec![words(&[]), "*[!A-Za-z0-9.+-]*) ;;".to_owned(), "[0-9]*.[0-9]*.[0-9]*) value=$answer ;;".to_owned()]
        }
        Shape::Count => vec![format!("{CANNOT_TELL} | [0-9] | {DIGITS} | [0-9]{DIGITS} | 1000) value=$answer ;;")],
        Shape::Date => {
            vec![format!("{DIGITS}{DIGITS}-{DIGITS}-{DIGITS}' '{DIGITS}:{DIGITS}:{DIGITS}) value=$answer ;;")]
        }
    }
}

/// The file to import: the same script, and what Jamf Pro is to know about it.
#[must_use]
pub fn import(fact: &Fact) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<extensionAttribute>\n");
    for (key, text) in [
        ("displayName", title(fact)),
        ("displayInCategory", "Extension Attributes".to_owned()),
        ("dataType", fact.shape.data_type().to_lowercase()),
        ("description", format!("{} Says: {}.", fact.doc, says(fact))),
        ("scriptContentsMac", script(fact)),
    ] {
        out.push_str(&format!("<{key}>{}</{key}>\n", escaped(&text)));
    }
    out.push_str("</extensionAttribute>\n");
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// `text` in lines of 110 columns at most, broken between words.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if let Some(line) = lines.last_mut().filter(|line| line.len() + word.len() < 110) {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// The table of all of them, as the README has it.
#[must_use]
pub fn table() -> String {
    let row = |fact: &Fact| {
        format!("| `holdfast-{}` | {} | {} | {} |\n", fact.name, fact.shape.data_type(), fact.doc, says(fact))
    };
    let rows: String = FACTS.iter().map(row).collect();
    format!("| files | data type | what | values |\n|---|---|---|---|\n{rows}")
}
