//! What is shown to people and programs: values in, strings out. Nothing here reads, writes or prints.

pub mod catalogue;
pub mod fact;
pub mod frameworks;
pub mod local;
pub mod posture;
pub mod removal;
pub mod restore;
pub mod run;
pub mod schedule;
pub mod sign_out;
pub mod status;
pub mod style;
