//! `audit -c`: whether the kernel audits. The line around the condition is not proven, nor on which stream another one comes.

use super::Machine;
use super::tools::{Call, Reply, complained, ended, said};

/// It asks the kernel, which tells root alone.
pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["-c"] if !call.is_root() => complained(1, "audit: Operation not permitted\n"),
        ["-c"] if mac.state.permissions.auditing => said("AUC_AUDITING\n"),
        ["-c"] => ended(1, "AUC_NOAUDIT\n"),
        _ => Ok(None),
    }
}
