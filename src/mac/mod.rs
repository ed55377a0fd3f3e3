//! What macOS's own tools and files say: one file per tool, the only place that knows argv and output per macOS version.
//!
//! Nothing here starts a program or opens a file: an adapter builds an [`Ask`] and reads an [`Answer`], or builds a
//! [`Change`]. A [`Question`] binds the two together, so that an answer cannot be given to another question's parser.
//! A parser reads whole lines of known wordings; what is cut, empty, contradictory or unknown is a [`Misread`].

mod ask;
mod lines;
pub(crate) mod plist_bounds;
mod xml;

pub mod asset_cache;
pub mod bputil;
pub mod changes;
pub mod csrutil;
pub mod cupsctl;
pub mod defaults;
pub mod dialog;
pub mod diskutil;
pub mod dscl;
pub mod fdesetup;
pub mod fdesetup_keys;
pub mod files;
pub mod firmwarepasswd;
pub mod id;
pub mod jamf_trust;
pub mod launchctl;
pub mod launchd;
pub mod mdmclient;
pub mod nextstep;
pub mod open;
pub mod osascript;
pub mod pfctl;
pub mod pkgutil;
pub mod plist_file;
pub mod pmset;
pub mod pmset_power;
pub mod profiles;
pub mod ps;
pub mod readings;
pub mod scutil;
pub mod socketfilterfw;
pub mod softwareupdate;
pub mod spctl;
pub mod stat;
pub mod sw_vers;
pub mod sysadminctl;
pub mod sysctl;
pub mod system_profiler;
pub mod systemsetup;

pub use ask::{Answer, Ask, Change, DEFAULT_LIMIT, Ends, FileAnswer, Invocation, Misread, Output, Question, Read};
pub use lines::Number;
pub use readings::{Interpret, interpret};
