//! `mdmclient QuerySecurityInfo`: what the Mac would tell its management server about its security. Needs root.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::lines::{misread, quiet, strip_log_prefix};
use super::nextstep::{self, Value};
use super::{Invocation, Misread, Output, Question};

/// The daemon's answer. Serialised, only its scalars are shown, under `values`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityInfo {
    tree: BTreeMap<String, Value>,
}

impl SecurityInfo {
    /// The text or number at `path`, each step a key: `["SecureBoot", "SecureBootLevel"]`. Numbers as printed.
    #[must_use]
    pub fn get(&self, path: &[&str]) -> Option<&str> {
        let (last, steps) = path.split_last()?;
        let mut map = &self.tree;
        for step in steps {
            map = map.get(*step)?.dictionary()?;
        }
        map.get(*last)?.text()
    }
}

impl Serialize for SecurityInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scalar = |value: &Value| {
            let text = || value.text().map(serde_json::Value::from);
            value.number().map(serde_json::Value::from).or_else(text)
        };
        let values: serde_json::Map<String, serde_json::Value> =
            self.tree.iter().filter_map(|(key, value)| Some((key.clone(), scalar(value)?))).collect();
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("values", &values)?;
        map.end()
    }
}

/// What is the Mac's security state? May take long: up to 60 s.
#[must_use]
pub fn security_info() -> Question<SecurityInfo> {
    let run = Invocation::new("/usr/libexec/mdmclient", &["QuerySecurityInfo"]);
    Question::closed(run.within(Duration::from_secs(60)), parse)
}

/// Reads the answer: header lines, the daemon's response, and the agent's, which is passed over.
///
/// # Errors
/// [`Misread`] where the daemon's response has no `SecurityInfo`, or either response is not whole.
pub(crate) fn parse(output: &Output) -> Result<SecurityInfo, Misread> {
    const EXPECTED: &str = "\"Daemon response:\" with SecurityInfo, whole";
    quiet(output, EXPECTED)?;
    let text = output.stdout()?;
    let tree = security_info_in(text).ok_or_else(|| misread(EXPECTED, text))?;
    Ok(SecurityInfo { tree })
}

fn security_info_in(text: &str) -> Option<BTreeMap<String, Value>> {
    let mut rest = text;
    let response = loop {
        if let Some(response) = rest.strip_prefix("Daemon response:") {
            break response;
        }
        let (line, next) = rest.split_once('\n')?;
        let header = line.trim().is_empty() || line.starts_with("=== ") || line.starts_with("Number of ");
        if !header && strip_log_prefix(line).is_none() {
            return None;
        }
        rest = next;
    };
    let (daemon, rest) = nextstep::prefix(response)?;
    let agent = rest.trim();
    let none = agent.is_empty() || agent == "Agent response: (null)";
    if !none && nextstep::whole(agent.strip_prefix("Agent response:")?)?.dictionary().is_none() {
        return None;
    }
    daemon.dictionary()?.get("SecurityInfo")?.dictionary().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};
    use serde_json::json;

    const SAMPLE: &str = "=== CPF_GetInstalledProfiles === (<Device>)\nNumber of <Device> profiles found: 2 (Filtered: 0)\nDaemon response: {\n\tSecurityInfo =\t {\n\t\t\"FDE_Enabled\" = 1;\n\t\tIsRecoveryLockEnabled = 0;\n\t\tName = \"a \\\"b\\\"\";\n\t\tSecureBoot =\t\t {\n\t\t\tSecureBootLevel = full;\n\t\t};\n\t};\n}\n";

    #[test]
    fn the_tree_is_kept_and_its_scalars_shown() {
        for agent in ["", "Agent response: (null)\n", "Agent response: {\n}\n"] {
            let read = parse(&out(&format!("{SAMPLE}{agent}"))).unwrap();
            assert_eq!(read.get(&["SecureBoot", "SecureBootLevel"]), Some("full"));
            assert_eq!(read.get(&["IsRecoveryLockEnabled"]), Some("0"));
            assert_eq!(read.get(&["SecureBoot"]), None);
            let shown = json!({"values": {"FDE_Enabled": 1, "IsRecoveryLockEnabled": 0, "Name": "a \"b\""}});
            assert_eq!(serde_json::to_value(&read).unwrap(), shown);
        }
    }

    #[test]
    fn no_cut_and_nothing_unknown_is_read() {
        for end in 0..SAMPLE.trim_end().len() {
            assert!(parse(&out(&SAMPLE[..end])).is_err(), "{}", &SAMPLE[..end]);
        }
        for bad in ["Agent response: {\n", "Agent response: x\n", "more\n"] {
            assert!(parse(&out(&format!("{SAMPLE}{bad}"))).is_err(), "{bad}");
        }
        assert!(parse(&out("Daemon response: (null)\n")).is_err());
        assert!(parse(&out("Daemon response: {\n    Other = 1;\n}\n")).is_err());
        assert!(parse(&out(&format!("Error\n{SAMPLE}"))).is_err());
        assert!(parse(&out_with(99, SAMPLE)).is_err());
    }
}
