//! What an MDM is given: configuration profiles, declarations, and the forms that its console shows for the policy. Made from the
//! same tables as policy is read by.

pub mod edition;
pub mod jamf;
pub mod manifest;
mod patterns;
#[cfg(test)]
mod tests;
pub mod words;

/// The preference domain of the policy.
pub const DOMAIN: &str = "org.holdfast.agent";
