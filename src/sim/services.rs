//! What is offered to others beside launchd's services: printers, caching, and the packet filter.

use super::Machine;
use super::tools::{Call, Reply, complained, said};
use crate::mac::Output;

/// `cupsctl`: how the printing system is set, as a key and a value a line. It says nothing as it obeys.
pub(super) fn cupsctl(mac: &Machine, call: &Call<'_>) -> Reply {
    if !call.args.is_empty() {
        return Ok(None);
    }
    let shared = u8::from(mac.state.services.printer_sharing);
    said(format!(
        "_debug_logging=0\n_remote_admin=0\n_remote_any=0\n_share_printers={shared}\n_user_cancel_any=0\nBrowseLocalProtocols=dnssd\n"
    ))
}

pub(super) fn set_cupsctl(mac: &mut Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        [verb @ ("--share-printers" | "--no-share-printers")] if call.is_root() => {
            mac.state.services.printer_sharing = *verb == "--share-printers";
            said("")
        }
        [_] if !call.is_root() => complained(1, "cupsctl: Unauthorized\n"),
        _ => Ok(None),
    }
}

/// `AssetCacheManagerUtil`: shorter than a real answer and of its form. Its words on a change are not proven.
pub(super) fn asset_cache(mac: &Machine, call: &Call<'_>) -> Reply {
    let on = mac.state.services.content_caching;
    match call.args.as_slice() {
        ["-j", "status"] => said(format!(
            "{{\"name\":\"status\",\"result\":{{\"Activated\":{on},\"Active\":{on},\"CacheLimit\":0,\"CacheStatus\":\"OK\"}}}}\n"
        )),
        _ => Ok(None),
    }
}

pub(super) fn set_asset_cache(mac: &mut Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        [verb @ ("activate" | "deactivate")] if call.is_root() => {
            mac.state.services.content_caching = *verb == "activate";
            said(format!("Content caching {verb}d.\n"))
        }
        _ => Ok(None),
    }
}

/// `pfctl`: on every Mac it says on standard error that the kernel has no queueing.
pub(super) fn pfctl(mac: &Machine, call: &Call<'_>) -> Reply {
    const NOISE: &str = "No ALTQ support in kernel\nALTQ related functions disabled\n";
    if !call.is_root() {
        return complained(1, "pfctl: /dev/pf: Permission denied\n");
    }
    let rules = &mac.state.services.packet_filter;
    let stdout = match call.args.as_slice() {
        ["-s", "info"] if rules.is_empty() => {
            "Status: Disabled                              Debug: Urgent\n".to_owned()
        }
        ["-s", "info"] => "Status: Enabled for 2 days 03:04:05           Debug: Urgent\n".to_owned(),
        ["-a", "*", "-sr"] => {
            let mut text =
                "scrub-anchor \"com.apple/*\" all fragment reassemble\nanchor \"com.apple/*\" all {\n}\n".to_owned();
            for rule in rules {
                text.push_str(&format!("{rule}\n"));
            }
            text
        }
        _ => return Ok(None),
    };
    Ok(Some(Output { status: 0, stdout: stdout.into(), stderr: NOISE.into() }))
}
