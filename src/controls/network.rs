//! What the Mac offers on the network: servers of macOS that wait for connections, what it says of itself, and IPv6.

use plist::{Dictionary, Value};

use crate::control::preference::truth;
use crate::control::service::{OVERRIDES, Service};
use crate::control::{
    Aim, Area, Can, Control, Finding, Kind, Laxer, Level, Local, Refs, Remedy, Setting, Severity, Variant, View, Watch,
};
use crate::host::ToolError;
use crate::mac::plist_file;

/// The area's controls.
pub const CONTROLS: &[&Control] =
    &[&WEB_SERVER, &NFS_SERVER, &TFTP_SERVER, &UUCP_SERVICE, &BONJOUR_ADVERTISING, &IPV6_POLICY];

static HTTPD: Service = Service("org.apache.httpd");

static WEB_SERVER: Control = Control {
    id: "web_server",
    title: "macOS's web server is off",
    why: "A web server that nobody looks after is a way in.",
    check: "launchctl print system: org.apache.httpd is not loaded, and no override enables it",
    refs: Refs {
        cis_macos: &[(14, "4.2"), (15, "4.2"), (26, "4.2")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["AC-3", "AC-17"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002008"), (15, "APPL-15-002008"), (26, "APPL-26-002008")],
        mscp: Some("os_httpd_disable"),
    },
    user_impact: "Pages that this Mac serves by macOS's own Apache are gone.",
    watches: OVERRIDES,
    variants: &[Variant::everywhere(Can::Yes, Service::switched_off(|view| HTTPD.plan(view)))],
    probe: |view| HTTPD.probe(view),
    ..Control::of(Area::Network, Level::L1, Severity::Low)
};

static NFSD: Service = Service("com.apple.nfsd");

static NFS_SERVER: Control = Control {
    id: "nfs_server",
    title: "The NFS server is off",
    why: "NFS gives out folders to whoever has the right address.",
    check: "launchctl print system: com.apple.nfsd is not loaded, and no override enables it. What /etc/exports lists stays as it is",
    refs: Refs {
        cis_macos: &[(14, "4.3"), (15, "4.3"), (26, "4.3")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["AC-3", "AC-17"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002003"), (15, "APPL-15-002003"), (26, "APPL-26-002003")],
        mscp: Some("os_nfsd_disable"),
    },
    user_impact: "Folders shared by NFS are gone, those that virtual machines on this Mac use included.",
    watches: OVERRIDES,
    variants: &[Variant::everywhere(Can::Yes, Service::switched_off(|view| NFSD.plan(view)))],
    probe: |view| NFSD.probe(view),
    ..Control::of(Area::Network, Level::L1, Severity::Medium)
};

static TFTPD: Service = Service("com.apple.tftpd");

static TFTP_SERVER: Control = Control {
    id: "tftp_server",
    title: "The TFTP server is off",
    why: "TFTP gives out and takes in files without asking who it is.",
    check: "launchctl print system: com.apple.tftpd is not loaded, and no override enables it",
    refs: Refs {
        cis_v8: &["3.3", "3.1", "5.2"],
        nist_800_53r5: &["AC-3", "IA-5(1)", "AC-17"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002038"), (15, "APPL-15-002038"), (26, "APPL-26-002038")],
        mscp: Some("os_tftpd_disable"),
        ..Refs::NONE
    },
    user_impact: "None.",
    watches: OVERRIDES,
    variants: &[Variant::everywhere(Can::Yes, Service::switched_off(|view| TFTPD.plan(view)))],
    probe: |view| TFTPD.probe(view),
    ..Control::of(Area::Network, Level::L2, Severity::Low)
};

static UUCPD: Service = Service("com.apple.uucp");

static UUCP_SERVICE: Control = Control {
    id: "uucp_service",
    title: "UUCP is off",
    why: "Nobody needs UUCP any more, and what runs can be attacked.",
    check: "launchctl print system: com.apple.uucp is not loaded, and no override enables it",
    refs: Refs {
        cis_v8: &["3.3", "4.1", "4.8"],
        nist_800_53r5: &["AC-3", "AC-17"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002006"), (15, "APPL-15-002006"), (26, "APPL-26-002006")],
        mscp: Some("os_uucp_disable"),
        ..Refs::NONE
    },
    user_impact: "None.",
    watches: OVERRIDES,
    variants: &[Variant::everywhere(Can::Yes, Service::switched_off(|view| UUCPD.plan(view)))],
    probe: |view| UUCPD.probe(view),
    ..Control::of(Area::Network, Level::L2, Severity::Low)
};

static NO_ADVERTISEMENTS: Local = Local::new("com.apple.mDNSResponder", "NoMulticastAdvertisements", Aim::Flag(true));

static BONJOUR_ADVERTISING: Control = Control {
    id: "bonjour_advertising",
    title: "The Mac does not advertise its services by Bonjour",
    why: "What a Mac advertises tells everybody on the network its name and what can be tried on it.",
    check: "NoMulticastAdvertisements of com.apple.mDNSResponder: what a profile forces, otherwise /Library/Preferences. The key \
            is what mDNSResponder reads at its start; whether it has read it is not told",
    refs: Refs {
        cis_macos: &[(14, "4.1"), (15, "4.1"), (26, "4.1")],
        cis_level: Some(2),
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["CM-7", "CM-7(1)"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002005"), (15, "APPL-15-002005"), (26, "APPL-26-002005")],
        mscp: Some("os_bonjour_disable"),
    },
    user_impact: "Others do not find this Mac for AirPlay, AirDrop, shared printers and the like.",
    watches: &[Watch::Domain("com.apple.mDNSResponder")],
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::Automatic {
            how: "defaults write /Library/Preferences/com.apple.mDNSResponder NoMulticastAdvertisements -bool true",
            plan: |view| NO_ADVERTISEMENTS.plan(view),
            side_effects: "it takes effect when mDNSResponder starts again, at the latest with the Mac",
            all_or_nothing: false,
        },
    )],
    probe: |view| NO_ADVERTISEMENTS.probe(view),
    ..Control::of(Area::Network, Level::L2, Severity::Low)
};

static IPV6: Setting = Setting {
    key: "Configuration",
    doc: "How IPv6 must be configured in every network service that is on.",
    kind: Kind::Choice { default: "automatic", words: &["automatic", "off"] },
    laxer: Laxer::Any,
};

/// Where macOS keeps how each network service is configured.
const NETWORK: &str = "/Library/Preferences/SystemConfiguration/preferences.plist";

static IPV6_POLICY: Control = Control {
    id: "ipv6_policy",
    title: "IPv6 is configured as policy says in every network service",
    why: "An IPv6 configuration that nobody chose can lead around the rules that are kept for IPv4.",
    check: "NetworkServices in /Library/Preferences/SystemConfiguration/preferences.plist: the IPv6 configuration of each that is \
            on. One that has none is passed over",
    refs: Refs { nist_800_53r5: &["CM-7"], soc2: &["CC6.6"], ..Refs::NONE },
    user_impact: "Without IPv6 some networks and some of Apple's services cannot be reached.",
    settings: &[&IPV6],
    watches: &[Watch::File(NETWORK)],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "Configure the network services named: networksetup -setv6automatic SERVICE, or -setv6off SERVICE. This \
                           agent does not: no benchmark asks for either, services come and go with docks and VPNs, and a manual \
                           address would be lost.",
        },
    )],
    probe: |view| {
        let wanted = view.settings.text(&IPV6);
        let mut others = Vec::new();
        let services = network_services(view)?;
        for (id, service) in &services {
            let name = service.get("UserDefinedName").and_then(Value::as_string).unwrap_or(id);
            match ipv6(service) {
                None => {}
                Some(method) if method == wanted => {}
                Some(method) => {
                    others.push(format!("{}: {}", crate::text::excerpt(name), crate::text::excerpt(&method)))
                }
            }
        }
        Ok(Finding::judge(
            others.is_empty(),
            if others.is_empty() {
                format!("{wanted} in {} network services", services.len())
            } else {
                others.join(", ")
            },
            wanted,
        ))
    },
    ..Control::of(Area::Network, Level::L2, Severity::Low)
};

/// The network services that are on, by their ids.
fn network_services(view: &View<'_>) -> Result<Vec<(String, Dictionary)>, ToolError> {
    let lacks = || ToolError::Incomplete { asked: format!("read {NETWORK}"), lacks: "the network services".into() };
    let all = view.ask(&plist_file::file(NETWORK))?.and_then(|mut root| root.remove("NetworkServices"));
    let all = all.and_then(Value::into_dictionary).filter(|all| !all.is_empty()).ok_or_else(lacks)?;
    let mut on = Vec::new();
    for (id, service) in all {
        let service = service.into_dictionary().ok_or_else(lacks)?;
        if !is_inactive(&service) {
            on.push((id, service));
        }
    }
    Ok(on)
}

/// What System Configuration marks what is switched off with.
fn is_inactive(dictionary: &Dictionary) -> bool {
    dictionary.get("__INACTIVE__").is_some_and(|value| truth(value).is_ok_and(|off| off))
}

/// How IPv6 is configured in a network service, in lower case (`automatic`, `manual`, `linklocal`); `None` where it is not.
fn ipv6(service: &Dictionary) -> Option<String> {
    let ipv6 = service.get("IPv6")?.as_dictionary()?;
    if is_inactive(ipv6) {
        return Some("off".to_owned());
    }
    Some(ipv6.get("ConfigMethod")?.as_string()?.to_ascii_lowercase())
}
