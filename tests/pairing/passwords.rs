//! Account policies.

use super::{ARM, Compare, Row, row};
use holdfast::sim::State;
use holdfast::sim::state::passwords::AccountPolicy;

/// These pairings.
pub fn rows() -> Vec<Row> {
    vec![
        row("other/pwpolicy/getaccountpolicies-global-default", ARM, as_listed).but(Compare::Ends),
        row("other/pwpolicy/getaccountpolicies-managed-lockout", ARM, as_listed).but(Compare::Ends),
    ]
}

/// The policies that the recording lists.
fn as_listed(state: &mut State, recording: &str) {
    let (_, list) = recording.split_once('\n').expect("a heading");
    let root: plist::Dictionary = plist::from_bytes(list.trim().as_bytes()).expect("a property list");
    state.passwords.policies = root.iter().flat_map(|(key, entries)| policies(key, entries)).collect();
}

fn policies(key: &str, entries: &plist::Value) -> Vec<AccountPolicy> {
    let category = key.strip_prefix("policyCategory").expect("a category");
    let text = |value: &plist::Value| value.as_string().expect("a text").to_owned();
    let policy = |entry: &plist::Value| {
        let entry = entry.as_dictionary().expect("a policy");
        let pairs = |key: &str| entry.get(key).and_then(plist::Value::as_dictionary).into_iter().flatten();
        AccountPolicy {
            category: category.to_owned(),
            content: text(&entry["policyContent"]),
            description: pairs("policyContentDescription").map(|(key, value)| (key.clone(), text(value))).collect(),
            identifier: text(&entry["policyIdentifier"]),
            parameters: pairs("policyParameters")
                .map(|(key, value)| (key.clone(), value.as_signed_integer().expect("a number")))
                .collect(),
        }
    };
    entries.as_array().expect("a list").iter().map(policy).collect()
}
