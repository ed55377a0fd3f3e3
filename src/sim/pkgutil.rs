//! `pkgutil`: receipts. The words are known, not proven.

use super::Machine;
use super::tools::{Call, Reply, complained, said};

fn no_receipt(id: &str) -> Reply {
    complained(1, format!("No receipt for '{id}' found at '/'.\n"))
}

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    let ["--pkg-info", id] = call.args.as_slice() else { return Ok(None) };
    match mac.state.receipts.get(*id) {
        Some(version) => {
            said(format!("package-id: {id}\nversion: {version}\nvolume: /\nlocation: \ninstall-time: 1795341600\n"))
        }
        None => no_receipt(id),
    }
}

pub(super) fn change(mac: &mut Machine, call: &Call<'_>) -> Reply {
    let ["--forget", id] = call.args.as_slice() else { return Ok(None) };
    if !call.is_root() {
        return Ok(None);
    }
    match mac.state.receipts.remove(*id) {
        Some(_) => said(format!("Forgot package '{id}' on '/'.\n")),
        None => no_receipt(id),
    }
}
