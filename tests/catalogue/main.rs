//! What every control owes the project: fixtures, variants for every supported Mac, honest words, a page in the manual.
#![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed expectation in a test")]

mod cases;
mod fixtures;
mod forgotten;
mod guard;
mod identity;
mod login;
mod manual;
mod owned;
mod people;
mod remedies;
mod sign_out;
mod supported;
mod watches;
mod words;
