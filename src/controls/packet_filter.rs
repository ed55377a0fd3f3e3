//! The packet filter.

use crate::control::{Area, Can, Control, Finding, Level, Refs, Remedy, Severity, Variant, Watch};
use crate::mac::pfctl;

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&DEFAULT_DENY];

static DEFAULT_DENY: Control = Control {
    id: "packet_filter_default_deny",
    title: "The packet filter refuses what no rule lets in",
    why: "The application firewall knows programs, not addresses and ports, and lets macOS's own services through.",
    check: "pfctl -s info: it is enabled; and pfctl -a '*' -sr: a rule blocks everything that comes in, and none passes everything. \
            Rules about single interfaces and the order of rules are not judged",
    refs: Refs {
        nist_800_53r5: &["AC-4", "SC-7(5)"],
        soc2: &["CC6.6"],
        mscp: Some("os_firewall_default_deny_require"),
        ..Refs::NONE
    },
    user_impact: "Every service of this Mac that no rule names can no longer be reached.",
    watches: &[Watch::File("/private/etc/pf.conf")],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "Put the rules into an anchor of your own, have a launchd job of your own load it with pfctl -f and enable \
                           the filter with pfctl -E at each start, and test it with the VPN. This agent does not: it writes no \
                           rules, macOS updates replace /etc/pf.conf, and VPN clients, Internet Sharing and virtual machines \
                           change the rules as well.",
        },
    )],
    probe: |view| {
        const WANTED: &str = "enabled, and blocks what no rule lets in";
        if !view.ask(&pfctl::info())?.enabled {
            return Ok(Finding::drifted("disabled", WANTED));
        }
        let denies = view.ask(&pfctl::rules())?.deny_by_default();
        let seen = if denies { "enabled, blocks what no rule lets in" } else { "enabled, lets in what no rule blocks" };
        Ok(Finding::judge(denies, seen, WANTED))
    },
    ..Control::of(Area::Firewall, Level::L3, Severity::Low)
};
