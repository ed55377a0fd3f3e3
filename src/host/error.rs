//! What can go wrong between asking the Mac and having an answer.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::mac::{Answer, Ask, Misread};

/// Why a tool or file gave no usable answer, or a change was not made. Cheap to clone: an answer is shared by all who asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ToolError {
    /// The program does not exist on this Mac.
    #[error("{command}: there is no such program")]
    Missing {
        /// The whole command line.
        command: String,
    },
    /// The program could not be started.
    #[error("{command}: could not be started")]
    NotStarted {
        /// The whole command line.
        command: String,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// Reading the program's output, or waiting for it, failed.
    #[error("{command}: could not be followed to its end")]
    Lost {
        /// The whole command line.
        command: String,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The program, or something that it left behind holding its output open, ran past its limit and was killed.
    #[error("{command}: gave no end within {} s and was killed", limit.as_secs_f32())]
    TimedOut {
        /// The whole command line.
        command: String,
        /// The limit.
        limit: Duration,
    },
    /// The agent was told to stop, and the program was killed before its end. What it did until then is not known.
    #[error("{command}: told to stop before it had ended")]
    Stopped {
        /// The whole command line.
        command: String,
    },
    /// The program printed more than any known answer and was killed.
    #[error("{command}: printed more than {cap} bytes and was killed")]
    TooLong {
        /// The whole command line.
        command: String,
        /// The cap, in bytes a stream.
        cap: usize,
    },
    /// The program ended by a signal.
    #[error("{command}: ended by signal {signal}")]
    Signalled {
        /// The whole command line.
        command: String,
        /// The signal's number.
        signal: i32,
    },
    /// The answer is not one that is known.
    #[error("{asked}: not understood{}", status.map(|s| format!(" (exit status {s})")).unwrap_or_default())]
    Misread {
        /// What was asked: the whole command line, or the file.
        asked: String,
        /// The exit status, for a tool.
        status: Option<i32>,
        /// What was expected and what came.
        source: Misread,
    },
    /// The tool refused in words.
    #[error("{asked}: refused: {words}")]
    Refused {
        /// What was asked.
        asked: String,
        /// The tool's own words.
        words: String,
    },
    /// The tool refused because an MDM governs the setting.
    #[error("{asked}: managed by MDM: {words}")]
    Managed {
        /// What was asked.
        asked: String,
        /// The tool's own words.
        words: String,
    },
    /// A file could not be opened or read.
    #[error("{}: could not be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A file is not one that a root daemon may trust.
    #[error("{}: not trusted: {why}", path.display())]
    UnsafeFile {
        /// The file, or the folder above it that is at fault.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody is logged in, so what lives in a login session cannot be asked.
    #[error("nobody is logged in, and {what} can only be asked in a login session")]
    NoSession {
        /// What would have been asked.
        what: &'static str,
    },
    /// Two sources that must agree do not.
    #[error("sources contradict each other: {what}")]
    Contradiction {
        /// Which, and how.
        what: String,
    },
    /// An answer was whole but lacks what the control needs.
    #[error("{asked}: the answer lacks {lacks}")]
    Incomplete {
        /// What was asked.
        asked: String,
        /// What is not in it.
        lacks: String,
    },
    /// Policy gives a control a value that must not go into a command.
    #[error("policy's {key} cannot be used: {why}")]
    UnfitSetting {
        /// The setting's policy key.
        key: &'static str,
        /// What is wrong with its value.
        why: String,
    },
    /// This macOS or this hardware is not one that is known.
    #[error("not known: {what}")]
    Unsupported {
        /// What this release does not know.
        what: String,
    },
    /// The simulated Mac has no such tool or verb.
    #[error("{command}: the simulated Mac does not know this")]
    NotSimulated {
        /// The whole command line.
        command: String,
    },
    /// A probe panicked. A defect of ours; the other controls go on.
    #[error("the check failed from within: {message}")]
    Panicked {
        /// The panic's message.
        message: String,
    },
}

impl ToolError {
    /// What a parser's refusal of `answer` to `ask` means.
    #[must_use]
    pub fn misread(ask: &Ask, answer: &Answer, why: Misread) -> Self {
        let status = match answer {
            Answer::Ran(output) => Some(output.status),
            Answer::File(_) | Answer::Status(_) | Answer::Folder(_) => None,
        };
        Self::from_misread(ask.to_string(), status, why)
    }

    /// The same for what was asked given as text.
    #[must_use]
    pub fn from_misread(asked: String, status: Option<i32>, why: Misread) -> Self {
        match why {
            Misread::Refused { words } => Self::Refused { asked, words },
            Misread::Managed { words } => Self::Managed { asked, words },
            source @ Misread::Unexpected { .. } => Self::Misread { asked, status, source },
        }
    }

    /// The error with all its causes on one line, the context first.
    #[must_use]
    pub fn chain(&self) -> String {
        crate::text::chain(self)
    }
}
