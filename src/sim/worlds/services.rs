//! Services, sharing and network of the Mac.

use plist::{Dictionary, Value};

use super::{Content, State};
use crate::sim::launchd;
use crate::sim::state::Override;

const NETWORK: &str = "/Library/Preferences/SystemConfiguration/preferences.plist";
const NAT: &str = "/Library/Preferences/SystemConfiguration/com.apple.nat.plist";

/// Everything in its weak state.
pub fn neglected(state: &mut State, content: &mut Content) {
    let sharing = &mut state.sharing;
    (sharing.remote_login, sharing.remote_apple_events, sharing.remote_management) = (true, true, true);
    (sharing.smb_guests, sharing.network_time) = (true, false);
    sharing.network_time_server = "ntp.example.net".into();
    let services = &mut state.services;
    (services.web_server, services.nfs_server, services.tftp_server, services.uucp) = (true, true, true, true);
    (services.screen_sharing, services.file_sharing) = (true, true);
    (services.content_caching, services.printer_sharing) = (true, true);
    services.time_service = false;
    overrides(state, false);
    content.set(NAT, "NAT", dictionary([("Enabled", 1.into()), ("SharingNetworkNumberStart", "192.168.3.0".into())]));
    content.local("com.apple.mDNSResponder", "NoMulticastAdvertisements", false);
    network(content, "Manual");
}

/// As unpacked.
pub fn factory(_state: &mut State, content: &mut Content) {
    network(content, "Automatic");
}

/// Everything as the controls want it.
pub fn hardened(state: &mut State, content: &mut Content) {
    overrides(state, true);
    state.services.packet_filter =
        vec!["block drop in all".into(), "pass in proto tcp from any to any port = 22 flags S/SA keep state".into()];
    content.local("com.apple.mDNSResponder", "NoMulticastAdvertisements", true);
    content.forced("com.apple.MCX", "forceInternetSharingOff", true);
    network(content, "Automatic");
}

/// Tells launchd of each service that can be switched to load it, or not.
fn overrides(state: &mut State, disabled: bool) {
    for label in launchd::labels() {
        match state.service_overrides.iter_mut().find(|known| known.label == label) {
            Some(known) => known.disabled = disabled,
            None => state.service_overrides.push(Override { label: label.into(), disabled }),
        }
    }
}

/// Two network services, one of them switched off.
fn network(content: &mut Content, ipv6: &str) {
    let service = |name: &str, ipv6: &str| {
        let ipv6 = dictionary([("ConfigMethod", ipv6.into())]);
        dictionary([("IPv6", ipv6), ("UserDefinedName", name.into())])
    };
    let mut unused = service("Thunderbolt Bridge", "Manual");
    if let Value::Dictionary(unused) = &mut unused {
        unused.insert("__INACTIVE__".into(), 1.into());
    }
    let services = dictionary([
        ("4D1F0B6E-93A5-4C27-8E50-B7C2196AD3F8", service("Wi-Fi", ipv6)),
        ("A8E62C94-0F7B-4D13-9C85-2E51D07B6FA4", unused),
    ]);
    content.set(NETWORK, "NetworkServices", services);
}

fn dictionary<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Dictionary(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Dictionary>())
}
