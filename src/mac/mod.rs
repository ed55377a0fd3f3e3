//! What macOS's own tools and files say: one file per tool, the only place that knows argv and output per macOS version.
//!
//! Nothing here starts a program or opens a file: an adapter builds an [`Ask`] and reads an [`Answer`], or builds a
//! [`Change`]. A [`Question`] binds the two together, so that an answer cannot be given to another question's parser.

mod ask;

pub use ask::{Answer, Ask, Change, DEFAULT_LIMIT, Ends, FileAnswer, Invocation, Misread, Output, Question, Read};
