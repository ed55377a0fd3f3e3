//! What an MDM is given: configuration profiles, declarations, and the forms that its console shows for the policy. Made from the
//! same tables as policy is read by.

pub mod words;
