//! What macOS's own tools and files say: one file per tool, the only place that knows argv and output per macOS version.
//!
//! Nothing here starts a program or opens a file: an adapter builds an [`Ask`] and reads an [`Answer`], or builds a
//! [`Change`]. A [`Question`] binds the two together, so that an answer cannot be given to another question's parser.
//! A parser reads whole lines of known wordings; what is cut, empty, contradictory or unknown is a [`Misread`].

mod ask;
mod lines;
pub(crate) mod plist_bounds;
mod xml;

pub mod asl;
pub mod audit;
pub mod audit_control;
pub mod bioutil;
pub mod asset_cache;
pub mod bputil;
pub mod changes;
pub mod csrutil;
pub mod cupsctl;
pub mod defaults;
pub mod dialog;
pub mod diskutil;
pub mod diskutil_volumes;
pub mod dscl;
pub mod fdesetup;
pub mod fdesetup_keys;
pub mod files;
pub mod firmwarepasswd;
pub mod id;
pub mod jamf;
pub mod jamf_trust;
pub mod launchctl;
pub mod launchd;
pub mod mdmclient;
pub mod mount;
pub mod nextstep;
pub mod nvram;
pub mod open;
pub mod osascript;
pub mod owners;
pub mod pfctl;
pub mod pkgutil;
pub mod plist_file;
pub mod pmset;
pub mod pmset_power;
pub mod profiles;
pub mod ps;
pub mod pwpolicy;
mod pwpolicy_rules;
pub mod readings;
pub mod scutil;
pub mod security;
pub mod socketfilterfw;
pub mod softwareupdate;
pub mod spctl;
pub mod sshd;
pub mod stat;
pub mod status;
pub mod sudo;
pub mod sw_vers;
pub mod sysadminctl;
pub mod sysctl;
pub mod system_profiler;
pub mod systemsetup;
pub mod xprotect;

pub use ask::{
    Answer, Ask, Change, DEFAULT_LIMIT, Ends, FileAnswer, Invocation, Misread, Output, Question, Read, UserFile,
};
pub use lines::Number;
pub use readings::{Interpret, interpret};
pub use status::{FileKind, FileStatus, FolderEntry};
