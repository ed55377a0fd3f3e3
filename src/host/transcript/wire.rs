//! How questions and answers stand in JSON.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::host::{ToolError, real};
use crate::mac::{Answer, Ask, DEFAULT_LIMIT, FileAnswer, FileKind, FileStatus, FolderEntry, Invocation, Output};

/// An answer as a transcript holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub enum Recorded {
    /// It came.
    Answer(Answer),
    /// There was none.
    Failed {
        /// In which way.
        how: Failure,
        /// By which signal, where it was [`Failure::Signalled`].
        signal: Option<i32>,
        /// What else was said, for people.
        why: Option<String>,
    },
}

/// The ways in which a Mac can give no answer: those [`ToolError`]s that come from asking, not from reading what came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// [`ToolError::Missing`].
    Missing,
    /// [`ToolError::NotStarted`].
    NotStarted,
    /// [`ToolError::Lost`].
    Lost,
    /// [`ToolError::TimedOut`].
    TimedOut,
    /// [`ToolError::TooLong`].
    TooLong,
    /// [`ToolError::Signalled`].
    Signalled,
    /// [`ToolError::File`].
    File,
    /// [`ToolError::UnsafeFile`].
    UnsafeFile,
    /// [`ToolError::NotSimulated`].
    NotSimulated,
}

impl Recorded {
    pub(super) fn from_answer(answer: &Result<Answer, ToolError>) -> Self {
        let error = match answer {
            // Absence has one form; what was asked for is in the question.
            Ok(Answer::Status(None) | Answer::Folder(None)) => return Self::Answer(Answer::File(FileAnswer::Absent)),
            Ok(answer) => return Self::Answer(answer.clone()),
            Err(error) => error,
        };
        let mut signal = None;
        let how = match error {
            ToolError::Missing { .. } => Failure::Missing,
            ToolError::NotStarted { .. } => Failure::NotStarted,
            ToolError::TimedOut { .. } => Failure::TimedOut,
            ToolError::TooLong { .. } => Failure::TooLong,
            ToolError::Signalled { signal: number, .. } => {
                signal = Some(*number);
                Failure::Signalled
            }
            ToolError::File { .. } => Failure::File,
            ToolError::UnsafeFile { .. } => Failure::UnsafeFile,
            ToolError::NotSimulated { .. } => Failure::NotSimulated,
            // The others are about reading an answer, so no `Look` gives them; what they said is kept all the same.
            _ => Failure::Lost,
        };
        Self::Failed { how, signal, why: Some(error.chain()) }
    }

    /// The answer to `ask`, or the error of the same kind that the real host would give.
    pub(super) fn to_answer(&self, ask: &Ask) -> Result<Answer, ToolError> {
        let (how, signal, why) = match self {
            Self::Answer(answer @ Answer::File(FileAnswer::Absent)) => {
                return Ok(match ask {
                    Ask::Status(_) => Answer::Status(None),
                    Ask::Folder(_) => Answer::Folder(None),
                    Ask::Run(_) | Ask::File(_) => answer.clone(),
                });
            }
            Self::Answer(answer) => return Ok(answer.clone()),
            Self::Failed { how, signal, why } => {
                (*how, *signal, why.clone().unwrap_or_else(|| "as recorded".to_owned()))
            }
        };
        let command = ask.to_string();
        let (path, limit) = match ask {
            Ask::File(path) | Ask::Status(path) | Ask::Folder(path) => (path.clone(), DEFAULT_LIMIT),
            Ask::Run(run) => (PathBuf::from(run.program()), run.limit),
        };
        let source = Arc::new(io::Error::other(why.clone()));
        Err(match how {
            Failure::Missing => ToolError::Missing { command },
            Failure::NotStarted => ToolError::NotStarted { command, source },
            Failure::Lost => ToolError::Lost { command, source },
            Failure::TimedOut => ToolError::TimedOut { command, limit },
            Failure::TooLong => ToolError::TooLong { command, cap: real::CAP },
            Failure::Signalled => ToolError::Signalled { command, signal: signal.unwrap_or_default() },
            Failure::File => ToolError::File { path, source },
            Failure::UnsafeFile => ToolError::UnsafeFile { path, why },
            Failure::NotSimulated => ToolError::NotSimulated { command },
        })
    }
}

/// The six forms of an answer.
#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "an answer is {status, stdout?, stderr?} or {file, owner, mode} or {kind, owner, group, mode} or \
                 {names: {name: {kind, owner, group, mode}}} or {absent: true} or {error, signal?, why?}"
)]
enum Form {
    Ran(Ran),
    Present(Present),
    Stands(Stands),
    Names(Names),
    Absent(Absent),
    Failed(Failed),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ran {
    status: i32,
    #[serde(default, skip_serializing_if = "Bytes::is_empty")]
    stdout: Bytes,
    #[serde(default, skip_serializing_if = "Bytes::is_empty")]
    stderr: Bytes,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Present {
    file: Bytes,
    owner: u32,
    mode: Mode,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stands {
    kind: FileKind,
    owner: u32,
    group: u32,
    mode: Mode,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    names: BTreeMap<String, Stands>,
}

impl From<Stands> for FileStatus {
    fn from(Stands { kind, owner, group, mode }: Stands) -> Self {
        Self { kind, owner, group, mode: mode.0 }
    }
}

impl From<FileStatus> for Stands {
    fn from(FileStatus { kind, owner, group, mode }: FileStatus) -> Self {
        Self { kind, owner, group, mode: Mode(mode) }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Absent {
    absent: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Failed {
    error: Failure,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signal: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl TryFrom<Form> for Recorded {
    type Error = &'static str;

    fn try_from(form: Form) -> Result<Self, Self::Error> {
        match form {
            Form::Ran(Ran { status, stdout, stderr }) => {
                Ok(Self::Answer(Answer::Ran(Output { status, stdout: stdout.0, stderr: stderr.0 })))
            }
            Form::Present(Present { file, owner, mode }) => {
                Ok(Self::Answer(Answer::File(FileAnswer::Present { bytes: file.0, owner, mode: mode.0 })))
            }
            Form::Stands(stands) => Ok(Self::Answer(Answer::Status(Some(stands.into())))),
            Form::Names(Names { names }) => {
                let entries = names.into_iter().map(|(name, stands)| FolderEntry { name, status: stands.into() });
                Ok(Self::Answer(Answer::Folder(Some(entries.collect()))))
            }
            Form::Absent(Absent { absent: true }) => Ok(Self::Answer(Answer::File(FileAnswer::Absent))),
            Form::Absent(Absent { absent: false }) => Err("absent: false says nothing; give file, owner and mode"),
            Form::Failed(Failed { error, signal, why }) => {
                if signal.is_some() == (error == Failure::Signalled) {
                    Ok(Self::Failed { how: error, signal, why })
                } else {
                    Err("signalled names its signal, and no other error does")
                }
            }
        }
    }
}

impl From<Recorded> for Form {
    fn from(recorded: Recorded) -> Self {
        match recorded {
            Recorded::Answer(Answer::Ran(Output { status, stdout, stderr })) => {
                Self::Ran(Ran { status, stdout: Bytes(stdout), stderr: Bytes(stderr) })
            }
            Recorded::Answer(Answer::File(FileAnswer::Present { bytes, owner, mode })) => {
                Self::Present(Present { file: Bytes(bytes), owner, mode: Mode(mode) })
            }
            Recorded::Answer(Answer::Status(Some(found))) => Self::Stands(found.into()),
            Recorded::Answer(Answer::Folder(Some(entries))) => {
                let names = entries.into_iter().map(|entry| (entry.name, entry.status.into()));
                Self::Names(Names { names: names.collect() })
            }
            Recorded::Answer(Answer::File(FileAnswer::Absent) | Answer::Status(None) | Answer::Folder(None)) => {
                Self::Absent(Absent { absent: true })
            }
            Recorded::Failed { how, signal, why } => Self::Failed(Failed { error: how, signal, why }),
        }
    }
}

/// Text, or where it is not UTF-8, base 16.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "TextOrBase16", into = "TextOrBase16")]
struct Bytes(Vec<u8>);

impl Bytes {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "text, or {base16: ...}")]
enum TextOrBase16 {
    Text(String),
    Base16(Base16),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Base16 {
    base16: String,
}

impl From<Bytes> for TextOrBase16 {
    fn from(Bytes(bytes): Bytes) -> Self {
        String::from_utf8(bytes).map_or_else(
            |not_text| {
                let base16 = not_text.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
                Self::Base16(Base16 { base16 })
            },
            Self::Text,
        )
    }
}

impl TryFrom<TextOrBase16> for Bytes {
    type Error = &'static str;

    fn try_from(form: TextOrBase16) -> Result<Self, Self::Error> {
        let digits = match form {
            TextOrBase16::Text(text) => return Ok(Self(text.into_bytes())),
            TextOrBase16::Base16(Base16 { base16 }) => base16,
        };
        let digit = |c: char| c.to_digit(16).and_then(|value| u8::try_from(value).ok());
        let values: Option<Vec<u8>> = digits.chars().map(digit).collect();
        let values = values.filter(|values| values.len() % 2 == 0).ok_or("base16 is pairs of hexadecimal digits")?;
        Ok(Self(values.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, value| byte << 4 | value)).collect()))
    }
}

/// Permission bits as everybody writes them: `"0644"`.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Mode(u32);

impl From<Mode> for String {
    fn from(Mode(bits): Mode) -> Self {
        format!("{bits:04o}")
    }
}

impl TryFrom<String> for Mode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.len() == 4 && text.bytes().all(|c| c.is_ascii_digit());
        let bits = u32::from_str_radix(&text, 8).ok().filter(|_| digits);
        bits.map(Self).ok_or("a mode is four octal digits")
    }
}

/// The same question with the usual time limit: transcripts know no other.
pub(super) fn without_limit(ask: &Ask) -> Ask {
    match ask {
        Ask::Run(run) => Ask::Run(run.clone().within(DEFAULT_LIMIT)),
        Ask::File(_) | Ask::Status(_) | Ask::Folder(_) => ask.clone(),
    }
}

/// The four forms of a question.
#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a question is {run: [program, argument...], as_user?} or {file} or {status} or {folder}"
)]
enum Question {
    Run(Run),
    File(File),
    Status(Status),
    Folder(Folder),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    run: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_user: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    file: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    status: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Folder {
    folder: PathBuf,
}

/// [`Ask`] in JSON.
pub(super) mod ask {
    use super::{
        Ask, DEFAULT_LIMIT, Deserialize, Deserializer, File, Folder, Invocation, Question, Run, Serialize, Serializer,
        Status,
    };

    pub fn serialize<S: Serializer>(ask: &Ask, to: S) -> Result<S::Ok, S::Error> {
        match ask {
            Ask::Run(run) => Question::Run(Run { run: run.argv.clone(), as_user: run.as_user }),
            Ask::File(path) => Question::File(File { file: path.clone() }),
            Ask::Status(path) => Question::Status(Status { status: path.clone() }),
            Ask::Folder(path) => Question::Folder(Folder { folder: path.clone() }),
        }
        .serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Ask, D::Error> {
        Ok(match Question::deserialize(from)? {
            Question::Run(Run { run, as_user }) => Ask::Run(Invocation { argv: run, as_user, limit: DEFAULT_LIMIT }),
            Question::File(File { file }) => Ask::File(file),
            Question::Status(Status { status }) => Ask::Status(status),
            Question::Folder(Folder { folder }) => Ask::Folder(folder),
        })
    }
}
