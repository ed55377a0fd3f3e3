//! What is written down is what is answered again, and what was not written down is not answered.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::mac::{FileAnswer, FileKind, FileStatus, FolderEntry, Invocation, Output};

const LINK: FileStatus = FileStatus { kind: FileKind::Link, owner: 501, group: 20, mode: 0o755 };

/// Gives one answer after the other, whatever is asked.
struct Script(Mutex<Vec<Result<Answer, ToolError>>>);

impl Look for Script {
    fn look(&self, _: &Ask) -> Result<Answer, ToolError> {
        locked(&self.0).remove(0)
    }
}

fn ask(n: usize) -> Ask {
    Ask::Run(Invocation::new("/bin/tool", &[&n.to_string()]))
}

fn output(stdout: &[u8]) -> Result<Answer, ToolError> {
    Ok(Answer::Ran(Output { status: 3, stdout: stdout.to_vec(), stderr: b"e".to_vec() }))
}

fn every_answer() -> Vec<Result<Answer, ToolError>> {
    let command = || "/bin/tool".to_owned();
    let source = || Arc::new(std::io::Error::other("the disk is on fire"));
    let path = || PathBuf::from("/a");
    vec![
        output(b"text\nof two lines\n"),
        output(b"\xff\x00\x10"),
        output(b""),
        Ok(Answer::File(FileAnswer::Absent)),
        Ok(Answer::File(FileAnswer::Present { bytes: b"x".to_vec(), owner: 501, mode: 0o4755 })),
        Ok(Answer::Status(Some(LINK))),
        Ok(Answer::Folder(Some(vec![FolderEntry { name: "a b".into(), status: LINK }]))),
        Ok(Answer::Folder(Some(Vec::new()))),
        Err(ToolError::Missing { command: command() }),
        Err(ToolError::NotStarted { command: command(), source: source() }),
        Err(ToolError::Lost { command: command(), source: source() }),
        Err(ToolError::TimedOut { command: command(), limit: Duration::from_secs(20) }),
        Err(ToolError::TooLong { command: command(), cap: 5 }),
        Err(ToolError::Signalled { command: command(), signal: 9 }),
        Err(ToolError::File { path: path(), source: source() }),
        Err(ToolError::UnsafeFile { path: path(), why: "it is a fifo".to_owned() }),
        Err(ToolError::NotSimulated { command: command() }),
    ]
}

#[test]
fn every_kind_of_answer_survives_being_written_down() {
    let answers = every_answer();
    let mac = Script(Mutex::new(answers.clone()));
    let recorder = Recorder::new(&mac);
    for n in 0..answers.len() {
        let _ = recorder.look(&ask(n));
    }
    let text = recorder.transcript("26.0", "test").to_json().unwrap();
    let replay = Replay::new(&Transcript::from_json(&text).unwrap());
    for (n, expected) in answers.iter().enumerate() {
        match (expected, &replay.look(&ask(n))) {
            (Ok(expected), Ok(got)) => assert_eq!(expected, got, "{text}"),
            (Err(expected), Err(got)) => {
                assert_eq!(std::mem::discriminant(expected), std::mem::discriminant(got), "{got:?}");
                if let ToolError::Signalled { signal, .. } = got {
                    assert_eq!(*signal, 9);
                }
            }
            (expected, got) => panic!("{expected:?} became {got:?}"),
        }
    }
    assert_eq!(replay.unasked(), []);
    assert_eq!(replay.unanswered(), []);
}

#[test]
fn a_typed_transcript_is_read() {
    let text = r#"{ "macos": "26.0", "source": "documented wording", "asks": [
        { "ask": { "run": ["/usr/bin/csrutil", "status"] }, "answer": { "status": 0, "stdout": "on\n" } },
        { "ask": { "run": ["/bin/x"], "as_user": 501 }, "answer": { "error": "timed_out" } },
        { "ask": { "file": "/a" }, "answer": { "file": { "base16": "00Ff" }, "owner": 0, "mode": "0644" } },
        { "ask": { "file": "/b" }, "answer": { "absent": true } } ] }"#;
    let replay = Replay::new(&Transcript::from_json(text).unwrap());
    let status = Invocation::new("/usr/bin/csrutil", &["status"]);
    // The limit of the question does not matter.
    let answer = replay.look(&Ask::Run(status.within(Duration::from_secs(1)))).unwrap();
    assert_eq!(answer, Answer::Ran(Output { status: 0, stdout: b"on\n".to_vec(), stderr: vec![] }));
    let as_user = Ask::Run(Invocation::new("/bin/x", &[]).as_user(501).within(Duration::from_secs(7)));
    let Err(ToolError::TimedOut { limit, .. }) = replay.look(&as_user) else { panic!("an answer") };
    assert_eq!(limit, Duration::from_secs(7));
    let file = replay.look(&Ask::File("/a".into())).unwrap();
    assert_eq!(file, Answer::File(FileAnswer::Present { bytes: vec![0, 255], owner: 0, mode: 0o644 }));
    assert_eq!(replay.unasked(), [Ask::File("/b".into())]);
}

#[test]
fn what_is_not_written_down_is_an_error_and_on_record() {
    let replay = Replay::new(&Transcript::from_json(r#"{"macos":"26.0","source":"s","asks":[]}"#).unwrap());
    let as_root = Ask::Run(Invocation::new("/bin/x", &[]));
    assert!(matches!(replay.look(&as_root), Err(ToolError::NotSimulated { command }) if command == "/bin/x"));
    assert_eq!(replay.unanswered(), [as_root]);
}

#[test]
fn the_same_command_as_another_user_is_another_question() {
    let text =
        r#"{"macos":"26.0","source":"s","asks":[{"ask":{"run":["/bin/x"],"as_user":501},"answer":{"status":0}}]}"#;
    let replay = Replay::new(&Transcript::from_json(text).unwrap());
    assert!(replay.look(&Ask::Run(Invocation::new("/bin/x", &[]))).is_err());
    assert!(replay.look(&Ask::Run(Invocation::new("/bin/x", &[]).as_user(502))).is_err());
    assert!(replay.look(&Ask::Run(Invocation::new("/bin/x", &[]).as_user(501))).is_ok());
}

#[test]
fn a_question_asked_again_is_answered_in_order_and_then_as_last_time() {
    let mac = Script(Mutex::new(vec![output(b"1"), output(b"2")]));
    let recorder = Recorder::new(&mac);
    let _ = recorder.look(&ask(0));
    let _ = recorder.look(&ask(0));
    let replay = Replay::new(&recorder.transcript("26.0", "s"));
    for expected in [b"1", b"2", b"2"] {
        assert_eq!(replay.look(&ask(0)).unwrap(), output(expected).unwrap());
    }
}

#[test]
fn a_wrong_transcript_is_refused_with_what_is_wrong() {
    let cases = [
        (r#""answer":{"status":0,"stdot":""}"#, "an answer is"),
        (r#""answer":{"status":0,"absent":true}"#, "an answer is"),
        (r#""answer":{"file":"x","owner":0}"#, "an answer is"),
        (r#""answer":{}"#, "an answer is"),
        (r#""answer":{"absent":false}"#, "absent: false"),
        (r#""answer":{"error":"vanished"}"#, "an answer is"),
        (r#""answer":{"error":"signalled"}"#, "signal"),
        (r#""answer":{"error":"missing","signal":9}"#, "signal"),
        (r#""answer":{"status":0},"note":1"#, "note"),
        (r#""answer":{"file":"x","owner":0,"mode":"644"}"#, "an answer is"),
        (r#""answer":{"file":"x","owner":0,"mode":"0888"}"#, "an answer is"),
        (r#""answer":{"status":0,"stdout":{"base16":"0"}}"#, "an answer is"),
        (r#""answer":{"status":0,"stdout":{"base16":"0g"}}"#, "an answer is"),
    ];
    for (rest, expected) in cases {
        let text = format!(r#"{{"macos":"26.0","source":"s","asks":[{{"ask":{{"file":"/a"}},{rest}}}]}}"#);
        let why = Transcript::from_json(&text).expect_err(rest).to_string();
        assert!(why.contains(expected), "{rest}: {why}");
    }
    for ask in [r#"{"run":"/bin/x"}"#, r#"{"run":["/x"],"file":"/a"}"#, r#"{"file":"/a","as_user":1}"#, "{}"] {
        let text = format!(r#"{{"macos":"26.0","source":"s","asks":[{{"ask":{ask},"answer":{{"absent":true}}}}]}}"#);
        let why = Transcript::from_json(&text).expect_err(ask).to_string();
        assert!(why.contains("a question is"), "{ask}: {why}");
    }
    assert!(Transcript::from_json(r#"{"macos":"26.0","asks":[]}"#).is_err());
}

#[test]
fn absence_is_told_of_whatever_was_asked_about() {
    let asks = || [Ask::File("/a".into()), Ask::Status("/a".into()), Ask::Folder("/a".into())];
    let answers = || [Answer::File(FileAnswer::Absent), Answer::Status(None), Answer::Folder(None)];
    let mac = Script(Mutex::new(answers().map(Ok).into()));
    let recorder = Recorder::new(&mac);
    for ask in asks() {
        recorder.look(&ask).unwrap();
    }
    let text = recorder.transcript("26.0", "test").to_json().unwrap();
    assert_eq!(text.matches("\"absent\": true").count(), 3, "{text}");
    let replay = Replay::new(&Transcript::from_json(&text).unwrap());
    for (ask, answer) in asks().iter().zip(answers()) {
        assert_eq!(replay.look(ask).unwrap(), answer);
    }
}
