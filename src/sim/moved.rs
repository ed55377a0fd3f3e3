//! `mv -n`, for the Mac's files in memory or under a folder.

use super::Machine;
use super::tools::{Call, Reply, complained, said};
use crate::mac::FileAnswer;

/// What is at the new place already is left alone without a word. Folders are not kept, so none is ever missing.
pub(super) fn mv(mac: &mut Machine, call: &Call<'_>) -> Reply {
    let ["-n", from, to] = call.args.as_slice() else { return Ok(None) };
    if !call.is_root() {
        return complained(1, format!("mv: rename {from} to {to}: Permission denied\n"));
    }
    let FileAnswer::Present { bytes, .. } = mac.files.read(from)? else {
        return complained(1, format!("mv: {from}: No such file or directory\n"));
    };
    if mac.files.read(to)? == FileAnswer::Absent {
        mac.files.write(to, bytes)?;
        mac.files.remove(from)?;
    }
    said("")
}
