//! How a run ended, in numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many controls ended a run in which state. The states are exclusive, so they add up to the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Held, and held before.
    pub compliant: u32,
    /// Had drifted and were mended in this run.
    pub fixed: u32,
    /// Drifted still.
    pub drifted: u32,
    /// Could not be told.
    pub unknown: u32,
    /// Nothing to hold on this Mac.
    pub not_applicable: u32,
    /// Not looked at: switched off, or above the policy's level.
    pub off: u32,
    /// Looked at and left as they are, because policy exempts them.
    #[serde(default)]
    pub exempt: u32,
}

impl Counts {
    /// Each count with its word.
    #[must_use]
    pub fn in_words(&self) -> [(u32, &'static str); 7] {
        [
            (self.compliant, "compliant"),
            (self.fixed, "fixed"),
            (self.drifted, "drifted"),
            (self.unknown, "unknown"),
            (self.not_applicable, "not applicable"),
            (self.off, "off"),
            (self.exempt, "exempt"),
        ]
    }

    /// All controls of the run.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.in_words().iter().map(|(n, _)| n).sum()
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words().map(|(n, word)| format!("{n} {word}")).join(", "))
    }
}
