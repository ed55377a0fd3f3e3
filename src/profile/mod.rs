//! What an MDM is given: configuration profiles, declarations, and the forms that its console shows for the policy. Made from the
//! same tables as policy is read by.

pub mod certificate;
pub mod companion;
pub mod declaration;
pub mod edition;
pub mod jamf;
pub mod manifest;
mod patterns;
pub mod payload;
pub mod policy;
pub mod privacy;
pub mod service;
#[cfg(test)]
mod tests;
pub mod uuid;
pub mod words;
