//! The vocabulary between adapters and hosts: what can be asked, what comes back, what can be changed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::{FileStatus, FolderEntry};
use crate::text;

/// How long a tool may take unless its question says otherwise.
pub const DEFAULT_LIMIT: Duration = Duration::from_secs(20);

/// One program start, whole: absolute path, arguments, whose session, how long it may take. Never a shell line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Invocation {
    /// The program's absolute path, then its arguments, one element each.
    pub argv: Vec<String>,
    /// The user id in whose login session, and as whom, the program runs; `None` is root in the system domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_user: Option<u32>,
    /// How long the program may take before its process group is killed.
    #[serde(skip)]
    pub limit: Duration,
}

impl Invocation {
    /// `program` (an absolute path) with `args`, as root, within [`DEFAULT_LIMIT`].
    #[must_use]
    pub fn new(program: &'static str, args: &[&str]) -> Self {
        debug_assert!(program.starts_with('/'), "{program} is not an absolute path");
        let argv = std::iter::once(program).chain(args.iter().copied()).map(str::to_owned).collect();
        Self { argv, as_user: None, limit: DEFAULT_LIMIT }
    }

    /// The same in the login session of user `uid`, as that user.
    #[must_use]
    pub fn as_user(mut self, uid: u32) -> Self {
        self.as_user = Some(uid);
        self
    }

    /// The same with another time limit.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The program's absolute path.
    #[must_use]
    pub fn program(&self) -> &str {
        self.argv.first().map_or("", String::as_str)
    }
}

impl fmt::Display for Invocation {
    /// The command line as a person would type it: arguments with other than plain characters in single quotes, and the
    /// user in front where it is not root. For reading only: nothing ever executes this text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(uid) = self.as_user {
            write!(f, "[as uid {uid}] ")?;
        }
        f.write_str(&text::command_line(&self.argv))
    }
}

/// Something that may be looked at without changing it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ask {
    /// Run a tool that only reports.
    Run(Invocation),
    /// Read a file whole, with its owner and mode.
    File(PathBuf),
    /// What stands at a path, whose it is and who may do what with it. Its content is not opened, and where a link stands
    /// there, it is the link that is told of.
    Status(PathBuf),
    /// The names in a folder, each with its status. Only the folder itself, never what is below, and through no link.
    Folder(PathBuf),
}

impl Ask {
    /// The path that is asked about; `None` where a program is run.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Run(_) => None,
            Self::File(path) | Self::Status(path) | Self::Folder(path) => Some(path),
        }
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(run) => run.fmt(f),
            Self::File(path) => write!(f, "read {}", text::visible(&path.to_string_lossy())),
            Self::Status(path) => write!(f, "status of {}", text::visible(&path.to_string_lossy())),
            Self::Folder(path) => write!(f, "names in {}", text::visible(&path.to_string_lossy())),
        }
    }
}

/// What a tool gave back when it ended by itself.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Output {
    /// The exit status.
    pub status: i32,
    /// Everything on standard output.
    pub stdout: Vec<u8>,
    /// Everything on standard error.
    pub stderr: Vec<u8>,
}

impl Output {
    /// Standard output as text.
    ///
    /// # Errors
    /// [`Misread`] where it is not UTF-8.
    pub fn stdout(&self) -> Result<&str, Misread> {
        utf8(&self.stdout)
    }

    /// Standard error as text.
    ///
    /// # Errors
    /// [`Misread`] where it is not UTF-8.
    pub fn stderr(&self) -> Result<&str, Misread> {
        utf8(&self.stderr)
    }

    /// Both streams as one text, standard output first: for tools that answer on standard error.
    ///
    /// # Errors
    /// [`Misread`] where either is not UTF-8.
    pub fn both(&self) -> Result<String, Misread> {
        let (out, err) = (self.stdout()?, self.stderr()?);
        let gap = if out.is_empty() || out.ends_with('\n') { "" } else { "\n" };
        Ok(format!("{out}{gap}{err}"))
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Misread> {
    std::str::from_utf8(bytes).map_err(|_| Misread::new("text in UTF-8", text::excerpt_bytes(bytes)))
}

/// A file as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileAnswer {
    /// There is no such file.
    Absent,
    /// The file's content, owner and permission bits, all taken from one open descriptor.
    Present {
        /// The whole content.
        bytes: Vec<u8>,
        /// User id of the owner.
        owner: u32,
        /// Permission bits (07777).
        mode: u32,
    },
}

/// What came back for an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// For [`Ask::Run`].
    Ran(Output),
    /// For [`Ask::File`].
    File(FileAnswer),
    /// For [`Ask::Status`]; `None` where nothing stands there.
    Status(Option<FileStatus>),
    /// For [`Ask::Folder`], in the order of the names; `None` where there is no such folder.
    Folder(Option<Vec<FolderEntry>>),
}

impl Answer {
    /// What it is, in words.
    fn word(&self) -> &'static str {
        match self {
            Self::Ran(_) => "a tool's output",
            Self::File(_) => "a file",
            Self::Status(_) => "a status",
            Self::Folder(_) => "the names in a folder",
        }
    }
}

/// An answer that was not understood. Never becomes a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misread {
    /// Other text, or another exit status, than any known wording.
    #[error("expected {expected}, saw {saw}")]
    Unexpected {
        /// What a known answer would have looked like.
        expected: String,
        /// The beginning of what came, made safe to show.
        saw: String,
    },
    /// The tool said in words that it will not: not root, no Full Disk Access.
    #[error("refused: {words}")]
    Refused {
        /// The tool's own words.
        words: String,
    },
    /// The tool said in words that an MDM governs the setting and the command line may not change it.
    #[error("managed by MDM: {words}")]
    Managed {
        /// The tool's own words.
        words: String,
    },
}

impl Misread {
    /// `expected` in words, and what came instead (it is shortened and made safe to show here).
    #[must_use]
    pub fn new(expected: impl Into<String>, saw: impl AsRef<str>) -> Self {
        let saw = text::excerpt(saw.as_ref());
        let saw = if saw.is_empty() { "nothing".to_owned() } else { format!("\"{saw}\"") };
        Self::Unexpected { expected: expected.into(), saw }
    }

    /// A refusal in the tool's own words.
    #[must_use]
    pub fn refused(words: &str) -> Self {
        Self::Refused { words: text::excerpt(words) }
    }

    /// A refusal because the Mac is managed, in the tool's own words.
    #[must_use]
    pub fn managed(words: &str) -> Self {
        Self::Managed { words: text::excerpt(words) }
    }
}

/// How a whole answer is told from one that was cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Its last line ends in a line break. A running tool's answer without one is taken for cut and not read.
    WithNewline,
    /// Its form closes itself (a property list, a brace block), so the parser sees a cut.
    ByItself,
}

/// The parser of a [`Question`].
#[derive(Debug)]
pub enum Read<T> {
    /// Reads a tool's output.
    Output(fn(&Output) -> Result<T, Misread>),
    /// Reads a tool's output about one of many things, whose name the answer must bear.
    About(String, fn(&str, &Output) -> Result<T, Misread>),
    /// Reads a file.
    File(fn(&FileAnswer) -> Result<T, Misread>),
    /// Reads what stands at a path, against what is wanted there in words.
    Status(String, fn(&str, Option<FileStatus>) -> Result<T, Misread>),
    /// Reads the names in a folder.
    Folder(fn(Option<&[FolderEntry]>) -> Result<T, Misread>),
}

impl<T> Read<T> {
    /// What it reads, in words.
    fn word(&self) -> &'static str {
        match self {
            Self::Output(_) | Self::About(..) => "a tool's output",
            Self::File(_) => "a file",
            Self::Status(..) => "a status",
            Self::Folder(_) => "the names in a folder",
        }
    }
}

/// An [`Ask`] bound to its only parser.
#[derive(Debug)]
pub struct Question<T> {
    /// What to ask.
    pub ask: Ask,
    /// How to read what comes back.
    pub read: Read<T>,
    /// How a cut answer is recognised.
    pub ends: Ends,
}

impl<T> Question<T> {
    /// A tool's line-oriented answer.
    #[must_use]
    pub fn lines(run: Invocation, read: fn(&Output) -> Result<T, Misread>) -> Self {
        Self { ask: Ask::Run(run), read: Read::Output(read), ends: Ends::WithNewline }
    }

    /// A tool's line-oriented answer about `subject`, by whose name the parser knows that it is the right one.
    #[must_use]
    pub fn about(run: Invocation, subject: &str, read: fn(&str, &Output) -> Result<T, Misread>) -> Self {
        Self { ask: Ask::Run(run), read: Read::About(subject.to_owned(), read), ends: Ends::WithNewline }
    }

    /// A tool's answer in a form that closes itself.
    #[must_use]
    pub fn closed(run: Invocation, read: fn(&Output) -> Result<T, Misread>) -> Self {
        Self { ask: Ask::Run(run), read: Read::Output(read), ends: Ends::ByItself }
    }

    /// A file.
    #[must_use]
    pub fn file(path: impl AsRef<Path>, read: fn(&FileAnswer) -> Result<T, Misread>) -> Self {
        Self { ask: Ask::File(path.as_ref().to_owned()), read: Read::File(read), ends: Ends::ByItself }
    }

    /// What stands at a path, judged by `wanted`.
    #[must_use]
    pub fn status(
        path: impl AsRef<Path>,
        wanted: impl Into<String>,
        read: fn(&str, Option<FileStatus>) -> Result<T, Misread>,
    ) -> Self {
        let ask = Ask::Status(path.as_ref().to_owned());
        Self { ask, read: Read::Status(wanted.into(), read), ends: Ends::ByItself }
    }

    /// The names in a folder.
    #[must_use]
    pub fn folder(path: impl AsRef<Path>, read: fn(Option<&[FolderEntry]>) -> Result<T, Misread>) -> Self {
        Self { ask: Ask::Folder(path.as_ref().to_owned()), read: Read::Folder(read), ends: Ends::ByItself }
    }

    /// Reads `answer` to this question.
    ///
    /// # Errors
    /// [`Misread`] for anything but a whole answer in a known wording.
    pub fn read(&self, answer: &Answer) -> Result<T, Misread> {
        match (&self.read, answer) {
            (Read::Output(read), Answer::Ran(output)) => {
                self.whole(output)?;
                read(output)
            }
            (Read::About(subject, read), Answer::Ran(output)) => {
                self.whole(output)?;
                read(subject, output)
            }
            (Read::File(read), Answer::File(file)) => read(file),
            (Read::Status(wanted, read), Answer::Status(found)) => read(wanted, *found),
            (Read::Folder(read), Answer::Folder(entries)) => read(entries.as_deref()),
            (expected, other) => Err(Misread::new(expected.word(), other.word())),
        }
    }

    /// Refuses an answer whose last line does not end, where it must.
    fn whole(&self, output: &Output) -> Result<(), Misread> {
        if self.ends == Ends::WithNewline {
            for stream in [&output.stdout, &output.stderr] {
                if stream.last().is_some_and(|last| *last != b'\n') {
                    return Err(Misread::new("a whole answer, its last line ended", text::excerpt_bytes(stream)));
                }
            }
        }
        Ok(())
    }
}

/// A change to the Mac, as data: what the dry run shows, the ledger records and the host runs is this one value.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// The program start that makes the change.
    #[serde(flatten)]
    pub run: Invocation,
    /// Reads the tool's answer: `Ok` where it did not object. That the setting now holds is never taken from here.
    #[serde(skip)]
    pub read: fn(&Output) -> Result<(), Misread>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.run.fmt(f)
    }
}
