//! Who may be setting a contested setting back: a profile that has its domain, a management agent that runs. Names for a
//! person to start from, never proof.

use plist::{Dictionary, Value};

use crate::control::preference::MANAGED;
use crate::control::{Control, Watch};
use crate::host::{Look, ask};
use crate::ledger::history::{MOST_SUSPECTS, suspect};
use crate::mac::ps::Process;
use crate::mac::{plist_file, ps, stat};
use crate::text::excerpt;

/// Programs that set settings on Macs, by a part of their path that no other product has, as their makers install them.
/// A script that one of them has started and that outlives it goes by the shell's name and cannot be told.
const AGENTS: [(&str, &str); 24] = [
    ("/jamf/bin/", "Jamf Pro"),
    ("/Application Support/JAMF/", "Jamf Pro"),
    ("/usr/local/bin/jamf", "Jamf Pro"),
    ("/Library/Kandji/", "Kandji (Iru)"),
    ("/Library/Iru/", "Iru (Kandji)"),
    ("/Application Support/Mosyle/", "Mosyle"),
    ("/Library/Addigy/", "Addigy"),
    ("/usr/local/munki/", "Munki"),
    ("/opt/chef/", "Chef"),
    ("/opt/cinc/", "Cinc (Chef)"),
    ("/opt/puppetlabs/", "Puppet"),
    ("/opt/salt/", "Salt"),
    ("/opt/jc/", "JumpCloud"),
    ("/Library/Intune/", "Microsoft Intune"),
    ("/Application Support/AirWatch/", "Workspace ONE"),
    ("/opt/orbit/", "Fleet (orbit)"),
    ("/opt/osquery/", "osquery"),
    ("/Applications/Privileges.app/", "SAP Privileges"),
    ("/Library/BESAgent/", "BigFix"),
    ("/Library/Tanium/", "Tanium"),
    ("/Library/ManageEngine/", "ManageEngine"),
    ("/Applications/NinjaRMMAgent/", "NinjaOne"),
    ("/Library/Application Support/LANDesk/", "Ivanti"),
    ("/Library/Application Support/Hexnode", "Hexnode"),
];

/// Who may be setting `control`'s setting. What could not be told is said, too.
pub(super) fn of(look: &dyn Look, control: &Control) -> Vec<String> {
    let mut suspects = forced(look, control);
    match ask(look, &ps::processes()) {
        Ok(processes) => suspects.extend(agents(&processes)),
        Err(error) => suspects.push(format!("unknown: which programs run could not be told: {}", error.chain())),
    }
    suspects.truncate(MOST_SUSPECTS);
    suspects.iter().map(|name| suspect(name)).collect()
}

/// The domains that `control` watches and that a profile has.
fn forced(look: &dyn Look, control: &Control) -> Vec<String> {
    let mut found = Vec::new();
    for watch in control.watches {
        let (domain, file) = match watch {
            Watch::Domain(domain) => (domain, Ok(Some(format!("{MANAGED}/{domain}.plist")))),
            Watch::UserDomain(domain) => {
                let user = ask(look, &stat::console_user()).map(|console| console.console_user);
                (domain, user.map(|user| user.map(|user| format!("{MANAGED}/{user}/{domain}.plist"))))
            }
            Watch::File(_) | Watch::Beginning(_) | Watch::Session => continue,
        };
        let keys = file.and_then(|file| file.map_or(Ok(None), |file| ask(look, &plist_file::file(file))));
        match keys {
            Ok(Some(keys)) if !keys.is_empty() => found.push(named(domain, &keys)),
            Ok(_) => {}
            Err(error) => found.push(format!("unknown: whether a profile has {domain}: {}", error.chain())),
        }
    }
    found
}

/// The profile that has `domain`: by the payload's identifier where macOS has left that among the preferences it forces, as it
/// does for some domains. `profiles show` would tell it of all, but with it everything that the profiles say, passwords too.
fn named(domain: &str, forced: &Dictionary) -> String {
    match forced.get("PayloadIdentifier").and_then(Value::as_string).filter(|identifier| !identifier.is_empty()) {
        Some(identifier) => format!("profile {} for {domain}", excerpt(identifier)),
        None => format!("profile for {domain}"),
    }
}

/// The management agents among `processes`, each once.
fn agents(processes: &[Process]) -> Vec<String> {
    let mut found: Vec<(&str, String)> = Vec::new();
    for process in processes {
        let Some((_, name)) = AGENTS.iter().find(|(part, _)| process.path.contains(part)) else { continue };
        if found.iter().all(|(known, _)| known != name) {
            found.push((name, format!("{name} ({})", process.path)));
        }
    }
    found.into_iter().map(|(_, text)| text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_told_by_their_paths_and_each_is_named_once() {
        let process = |path: &str| Process { uid: 0, path: path.to_owned() };
        let found = agents(&[
            process("/sbin/launchd"),
            process("/usr/local/jamf/bin/jamf"),
            process(
                "/Library/Application Support/JAMF/Jamf.app/Contents/MacOS/JamfDaemon.app/Contents/MacOS/JamfDaemon",
            ),
            process("/Users/ada/jamf"),
            process("/opt/jc/bin/jumpcloud-agent"),
        ]);
        assert_eq!(found, ["Jamf Pro (/usr/local/jamf/bin/jamf)", "JumpCloud (/opt/jc/bin/jumpcloud-agent)"]);
    }
}
