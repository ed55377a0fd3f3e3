//! Where the agent's own files are.

use std::path::{Path, PathBuf};

/// Where the agent keeps its own files, under `/` on a Mac and under the simulated Mac's folder otherwise.
#[derive(Clone, Debug)]
pub struct Places {
    root: PathBuf,
}

impl Places {
    /// The places under `root`.
    #[must_use]
    pub fn under(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where the file or folder at `absolute` on the Mac is.
    #[must_use]
    pub fn at(&self, absolute: &str) -> PathBuf {
        self.root.join(absolute.trim_start_matches('/'))
    }

    /// The folder above which nothing is the agent's business.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the ledger's segments.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.at("/Library/Logs/Holdfast")
    }

    /// The folder of the agent's state.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.at("/Library/Application Support/Holdfast")
    }

    /// The folder of what was moved out of the way.
    #[must_use]
    pub fn replaced(&self) -> PathBuf {
        self.state().join("replaced")
    }

    /// The record of how far the ledger reached.
    #[must_use]
    pub fn head(&self) -> PathBuf {
        self.state().join("head.json")
    }

    /// The state for other tools, without its extension.
    #[must_use]
    pub fn status(&self, extension: &str) -> PathBuf {
        self.state().join(format!("status.{extension}"))
    }

    /// The posture document.
    #[must_use]
    pub fn posture(&self) -> PathBuf {
        self.state().join("posture.json")
    }

    /// The last good copy of a policy layer, `managed` or `local`.
    #[must_use]
    pub fn last_good(&self, layer: &str) -> PathBuf {
        self.state().join(format!("policy.last-good.{layer}.plist"))
    }
}
