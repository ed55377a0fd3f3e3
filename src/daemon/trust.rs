//! What the daemon insists on before it does anything, and `doctor` shows: that nobody but root can put another program,
//! another policy or other evidence in the place of its own.

use std::path::Path;

use crate::agent::Places;
use crate::host::trust::{self, Fault, Owner};
use crate::policy;

/// Every fault of the program at `own`, of the policy files, and of the folders of ledger and state, each with all folders
/// above it. `own` is `None` on a simulated Mac, where `places` lie below a folder that its user vouches for.
#[must_use]
pub fn faults(places: &Places, own: Option<&Path>) -> Vec<Fault> {
    let mut faults: Vec<Fault> = own.map(program).unwrap_or_default();
    let (base, owner) = (places.root(), owner(own));
    for file in [policy::MANAGED_FILE, policy::LOCAL_FILE].map(|file| base.join(file.trim_start_matches('/'))) {
        faults.extend(trust::folder(file.parent().unwrap_or(base), base, owner));
        faults.extend(trust::file(&file, owner));
    }
    for folder in [places.ledger(), places.state()] {
        faults.extend(trust::folder(&folder, base, owner));
    }
    once(faults)
}

/// Every fault of the program at `own` alone.
#[must_use]
pub fn program(own: &Path) -> Vec<Fault> {
    let top = Path::new("/");
    let mut faults = trust::folder(own.parent().unwrap_or(top), top, Owner::Root);
    faults.extend(trust::file(own, Owner::Root));
    faults
}

/// Who may own what belongs to the agent.
fn owner(own: Option<&Path>) -> Owner {
    match own {
        Some(_) => Owner::Root,
        None => Owner::Or(nix::unistd::geteuid().as_raw()),
    }
}

/// The ways to several places share their first folders.
fn once(faults: Vec<Fault>) -> Vec<Fault> {
    let mut seen = Vec::new();
    for fault in faults {
        if !seen.contains(&fault) {
            seen.push(fault);
        }
    }
    seen
}
