//! `pwpolicy`: a heading and the account policies as a property list, both on standard output.

use std::collections::BTreeMap;

use plist::{Dictionary, Value};

use super::Machine;
use super::files;
use super::state::passwords::AccountPolicy;
use super::tools::{Call, Reply, said};

/// Where there are no policies, the heading is all. What others than root are told is not proven.
pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    if call.args.as_slice() != ["-getaccountpolicies"] || !call.is_root() {
        return Ok(None);
    }
    let mut text = "Getting global account policies\n".to_owned();
    let mut categories: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for policy in &mac.state.passwords.policies {
        categories.entry(format!("policyCategory{}", policy.category)).or_default().push(entry(policy));
    }
    if !categories.is_empty() {
        let root = categories.into_iter().map(|(key, list)| (key, Value::Array(list))).collect();
        let list = files::xml(&Value::Dictionary(root));
        // macOS leaves the quotation marks of the predicates as they are.
        text.push_str(&String::from_utf8_lossy(&list).replace("&apos;", "'").replace("&quot;", "\""));
    }
    said(text)
}

fn entry(policy: &AccountPolicy) -> Value {
    let mut entry = Dictionary::new();
    entry.insert("policyContent".into(), policy.content.as_str().into());
    if !policy.description.is_empty() {
        let words = policy.description.iter().map(|(language, text)| (language.clone(), Value::from(text.as_str())));
        entry.insert("policyContentDescription".into(), Value::Dictionary(words.collect()));
    }
    entry.insert("policyIdentifier".into(), policy.identifier.as_str().into());
    if !policy.parameters.is_empty() {
        let numbers = policy.parameters.iter().map(|(name, number)| (name.clone(), Value::from(*number)));
        entry.insert("policyParameters".into(), Value::Dictionary(numbers.collect()));
    }
    Value::Dictionary(entry)
}
