//! The form of an answer: what it says, without the values.

use std::collections::{BTreeMap, BTreeSet};

use holdfast::host::transcript::Recorded;
use holdfast::mac::{Answer, Ask, FileAnswer, Interpret, Misread, Output, interpret, plist_file};
use serde_json::Value;

use crate::redact::Redaction;

/// Answers of up to so many lines are wordings, whose every word counts; longer ones are lists.
const WORDING: usize = 4;

/// What sets the answer of a real Mac apart from those of the simulated one in its worlds.
pub fn differences(ask: &Ask, real: &Recorded, simulated: &[Recorded], redaction: &Redaction) -> Vec<String> {
    let words: BTreeSet<String> = simulated.iter().map(kind).collect();
    if words.iter().all(|word| word == "not_simulated") {
        return vec!["the simulated Mac does not know this question".to_owned()];
    }
    let mut said = Vec::new();
    let word = kind(real);
    let is_there_or_not = matches!(real, Recorded::Answer(Answer::File(_) | Answer::Status(_) | Answer::Folder(_)));
    if !words.contains(&word) && !is_there_or_not {
        said.push(format!("{word}, where the simulated Mac says {}", list(&words)));
    }
    match (ask, real) {
        (Ask::Run(run), Recorded::Answer(Answer::Ran(output))) => {
            let outputs: Vec<&Output> = simulated.iter().filter_map(ran).collect();
            said.extend(reading(&run.argv, output, &outputs));
            said.extend(wording(output, &outputs, redaction));
        }
        (Ask::File(path), Recorded::Answer(answer @ Answer::File(FileAnswer::Present { .. }))) => {
            // Some are not property lists on the simulated Mac either; of those only that they are there counts.
            let lists: Vec<Value> = simulated.iter().filter_map(|one| as_list(path, one)).collect();
            if !lists.is_empty() {
                match plist_file::file(path).read(answer) {
                    Err(why) => said.push(misread(&why)),
                    Ok(list) => said.extend(values_apart(&list.map(in_json), &lists)),
                }
            }
        }
        _ => {}
    }
    said
}

/// How an answer came, in a word, and with which exit status and on which streams.
fn kind(answer: &Recorded) -> String {
    match answer {
        Recorded::Failed { how, .. } => {
            serde_json::to_value(how).ok().and_then(|word| word.as_str().map(str::to_owned))
        }
        Recorded::Answer(Answer::File(FileAnswer::Absent) | Answer::Status(None) | Answer::Folder(None)) => {
            Some("no file".to_owned())
        }
        Recorded::Answer(Answer::Status(Some(_))) => Some("a status".to_owned()),
        Recorded::Answer(Answer::Folder(Some(_))) => Some("names".to_owned()),
        Recorded::Answer(Answer::File(FileAnswer::Present { .. })) => Some("a file".to_owned()),
        Recorded::Answer(Answer::Ran(output)) => {
            let streams = match (output.stdout.is_empty(), output.stderr.is_empty()) {
                (true, true) => "nothing printed",
                (false, true) => "standard output",
                (true, false) => "standard error",
                (false, false) => "both streams",
            };
            Some(format!("exit status {} with {streams}", output.status))
        }
    }
    .unwrap_or_else(|| "a failure without a name".to_owned())
}

fn ran(answer: &Recorded) -> Option<&Output> {
    match answer {
        Recorded::Answer(Answer::Ran(output)) => Some(output),
        _ => None,
    }
}

/// Whether the parser understands both, and reads values of the same kinds.
fn reading(argv: &[String], real: &Output, simulated: &[&Output]) -> Vec<String> {
    let values: Vec<Value> = simulated.iter().filter_map(|output| interpret(argv, output).ok()).collect();
    match interpret(argv, real) {
        Ok(value) => values_apart(&Some(value), &values),
        Err(Interpret::Misread(why)) => vec![misread(&why)],
        Err(Interpret::NoSuchQuestion { .. }) => Vec::new(),
    }
}

/// What the parser says, without the part of the answer that it shows: what may be kept of that is in the recording.
fn misread(why: &Misread) -> String {
    match why {
        Misread::Refused { .. } => "refused".to_owned(),
        Misread::Managed { .. } => "refused, because the Mac is managed".to_owned(),
        Misread::Unexpected { expected, .. } => format!("not understood: expected {expected}"),
    }
}

fn values_apart(real: &Option<Value>, simulated: &[Value]) -> Vec<String> {
    let Some(real) = real else { return Vec::new() };
    let mut known = Kinds::default();
    simulated.iter().for_each(|value| known.learn(value));
    let mut said = Vec::new();
    if !simulated.is_empty() {
        known.beyond(real, "", &mut said);
    }
    said
}

/// Which kinds of values have been seen at one place.
#[derive(Default)]
struct Kinds {
    plain: BTreeSet<&'static str>,
    items: Option<Box<Kinds>>,
    keys: Option<BTreeMap<String, Kinds>>,
}

impl Kinds {
    fn learn(&mut self, value: &Value) {
        match value {
            Value::Array(items) => {
                let known = self.items.get_or_insert_default();
                items.iter().for_each(|item| known.learn(item));
            }
            Value::Object(entries) => {
                let known = self.keys.get_or_insert_default();
                entries.iter().for_each(|(key, value)| known.entry(key.clone()).or_default().learn(value));
            }
            plain => _ = self.plain.insert(name(plain)),
        }
    }

    /// What of `value` is of no kind seen.
    fn beyond(&self, value: &Value, at: &str, said: &mut Vec<String>) {
        let place = if at.is_empty() { "the reading" } else { at };
        match value {
            Value::Array(items) => match &self.items {
                Some(known) => items.iter().for_each(|item| {
                    // An empty list says nothing about what would be in it.
                    if !known.is_empty() {
                        known.beyond(item, &format!("{at}[]"), said);
                    }
                }),
                None => said.push(format!("{place} is a list, which the simulated Mac's is not")),
            },
            Value::Object(entries) => match &self.keys {
                Some(known) => {
                    for (key, value) in entries {
                        match known.get(key) {
                            Some(known) => known.beyond(value, &format!("{at}.{key}"), said),
                            None => said.push(format!("{at}.{key} is nothing that the simulated Mac has")),
                        }
                    }
                }
                None => said.push(format!("{place} is an object, which the simulated Mac's is not")),
            },
            plain if self.plain.contains(name(plain)) => {}
            plain => said.push(format!("{place} is {}, which the simulated Mac's is not", name(plain))),
        }
        said.dedup();
    }

    fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.items.is_none() && self.keys.is_none()
    }
}

fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Whether a short answer has a line in words that the simulated Mac never uses.
fn wording(real: &Output, simulated: &[&Output], redaction: &Redaction) -> Vec<String> {
    let lines = |output: &Output| [&output.stdout, &output.stderr].map(|stream| skeletons(stream, redaction)).concat();
    let known: Vec<Vec<String>> = simulated.iter().map(|output| lines(output)).collect();
    let spoken = lines(real);
    if known
        .iter()
        .chain([&spoken])
        .any(|lines| lines.len() > WORDING || lines.iter().any(|line| line.starts_with('<')))
    {
        return Vec::new();
    }
    let known: BTreeSet<String> = known.concat().into_iter().collect();
    // What a line says is in the recording, where it may be.
    spoken
        .iter()
        .filter(|line| !known.contains(*line))
        .map(|_| "a line in words that are new".to_owned())
        .take(1)
        .collect()
}

/// The lines without numbers and names.
fn skeletons(stream: &[u8], redaction: &Redaction) -> Vec<String> {
    let text = redaction.text(&String::from_utf8_lossy(stream));
    let word = |word: &str| if word.chars().any(|c| c.is_ascii_digit()) { "#".to_owned() } else { word.to_owned() };
    text.lines().map(|line| line.split_whitespace().map(word).collect::<Vec<_>>().join(" ")).collect()
}

fn as_list(path: &std::path::Path, answer: &Recorded) -> Option<Value> {
    let Recorded::Answer(answer @ Answer::File(FileAnswer::Present { .. })) = answer else { return None };
    plist_file::file(path).read(answer).ok().flatten().map(in_json)
}

/// A property list's values in JSON, with data and dates as text.
fn in_json(list: plist::Dictionary) -> Value {
    fn value(of: plist::Value) -> Value {
        match of {
            plist::Value::Array(items) => items.into_iter().map(value).collect(),
            plist::Value::Dictionary(entries) => in_json(entries),
            plist::Value::Boolean(yes) => yes.into(),
            plist::Value::Integer(number) => number.as_signed().into(),
            plist::Value::Real(number) => number.into(),
            _ => Value::String(String::new()),
        }
    }
    Value::Object(list.into_iter().map(|(key, of)| (key, value(of))).collect())
}

fn list(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(", or ")
}

#[cfg(test)]
mod tests {
    use holdfast::mac::Invocation;

    use super::*;

    fn said(argv: &[&'static str], status: i32, stdout: &str, simulated: &[&str]) -> Vec<String> {
        let answer = |status, text: &str| {
            Recorded::Answer(Answer::Ran(Output { status, stdout: text.into(), stderr: Vec::new() }))
        };
        let simulated: Vec<Recorded> = simulated.iter().map(|text| answer(0, text)).collect();
        let ask = Ask::Run(Invocation::new(argv[0], &argv[1..]));
        differences(&ask, &answer(status, stdout), &simulated, &Redaction::new(&[], true))
    }

    const CSRUTIL: [&str; 2] = ["/usr/bin/csrutil", "status"];
    const ON: &str = "System Integrity Protection status: enabled.\n";
    const OFF: &str = "System Integrity Protection status: disabled.\n";

    #[test]
    fn another_value_is_no_difference() {
        assert_eq!(said(&CSRUTIL, 0, OFF, &[ON, OFF]), Vec::<String>::new());
        let sw_vers =
            |version| format!("ProductName:\t\tmacOS\nProductVersion:\t\t{version}\nBuildVersion:\t\t25C56\n");
        assert_eq!(said(&["/usr/bin/sw_vers"], 0, &sw_vers("26.9"), &[&sw_vers("26.2")]), Vec::<String>::new());
    }

    #[test]
    fn new_words_another_status_and_other_streams_are() {
        let new = "System Integrity Protection status: resting.\n";
        let found = said(&CSRUTIL, 0, new, &[ON, OFF]);
        assert!(found.iter().any(|line| line.starts_with("not understood")), "{found:?}");
        assert!(found.iter().any(|line| line.contains("words that are new")), "{found:?}");
        let found = said(&CSRUTIL, 3, ON, &[ON]);
        assert!(found.iter().any(|line| line.starts_with("exit status 3")), "{found:?}");
        let found = said(&CSRUTIL, 0, "", &[ON]);
        assert!(found.iter().any(|line| line.contains("nothing printed")), "{found:?}");
    }

    #[test]
    fn a_question_that_is_not_simulated_is_said_to_be() {
        let ask = Ask::Run(Invocation::new("/usr/bin/new", &[]));
        let none = Recorded::Failed { how: holdfast::host::transcript::Failure::NotSimulated, signal: None, why: None };
        let real = Recorded::Answer(Answer::Ran(Output::default()));
        assert_eq!(
            differences(&ask, &real, &[none], &Redaction::new(&[], true)),
            ["the simulated Mac does not know this question"]
        );
    }

    #[test]
    fn kinds_of_values() {
        let apart = |real: Value, simulated: &[Value]| values_apart(&Some(real), simulated);
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let known = [json(r#"{"on":true,"who":null,"list":["a"]}"#), json(r#"{"on":false,"who":"x","list":[]}"#)];
        assert_eq!(apart(json(r#"{"on":false,"who":"y","list":["b","c"]}"#), &known), Vec::<String>::new());
        for real in [
            r#"{"on":1,"who":null,"list":[]}"#,
            r#"{"on":true,"who":{},"list":[]}"#,
            r#"{"on":true,"list":[1]}"#,
            r#"{"on":true,"new":1}"#,
            r#"[]"#,
            r#"true"#,
        ] {
            assert_eq!(apart(json(real), &known).len(), 1, "{real}");
        }
    }
}
