//! Sharing and remote access, for the whole Mac.

use plist::Value;

use crate::control::preference::{MCX, RESTRICTIONS, truth};
use crate::control::service::{OVERRIDES, Service};
use crate::control::{Area, Cadence, Can, Control, Finding, Level, Plan, Refs, Remedy, Severity, Variant, Watch};
use crate::host::ToolError;
use crate::mac::{asset_cache, cupsctl, mdmclient, plist_file};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[
    &REMOTE_LOGIN,
    &SCREEN_SHARING,
    &REMOTE_MANAGEMENT,
    &REMOTE_APPLE_EVENTS,
    &FILE_SHARING,
    &PRINTER_SHARING,
    &INTERNET_SHARING,
    &CONTENT_CACHING,
];

static SSHD: Service = Service("com.openssh.sshd");

static REMOTE_LOGIN: Control = Control {
    id: "remote_login",
    title: "Remote Login (SSH) is off",
    why: "An SSH server takes passwords from everybody who can reach it.",
    check: "launchctl print system: com.openssh.sshd is not loaded, and no override enables it. Waiting for a connection is loaded \
            and not running. systemsetup is not asked: it needs Full Disk Access",
    refs: Refs {
        cis_macos: &[(14, "2.3.3.4"), (15, "2.3.3.4"), (26, "2.3.3.4")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["CM-7", "CM-7(1)", "AC-17"],
        soc2: &["CC6.6"],
        mscp: Some("system_settings_ssh_disable"),
        ..Refs::NONE
    },
    user_impact: "Nobody gets in by SSH, sftp and scp.",
    disruptive: Some(
        "whoever works on this Mac by SSH is cut off, an administrator included, and nobody gets in that way",
    ),
    watches: OVERRIDES,
    variants: &[Variant::everywhere(Can::Yes, Service::switched_off(|view| SSHD.plan(view)))],
    probe: |view| SSHD.probe(view),
    ..Control::of(Area::Sharing, Level::L1, Severity::High)
};

static SCREEN_SHARED: Service = Service("com.apple.screensharing");

static SCREEN_SHARING: Control = Control {
    id: "screen_sharing",
    title: "Screen Sharing is off",
    why: "Whoever gets in by Screen Sharing sits at the Mac.",
    check: "launchctl print system: com.apple.screensharing is not loaded, and no override enables it. Remote Management switches \
            the same service on",
    refs: Refs {
        cis_macos: &[(14, "2.3.3.1"), (15, "2.3.3.1"), (26, "2.3.3.1")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["AC-3", "AC-17"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002050"), (15, "APPL-15-002050"), (26, "APPL-26-002050")],
        mscp: Some("system_settings_screen_sharing_disable"),
    },
    user_impact: "Nobody sees or steers this Mac's screen from elsewhere.",
    disruptive: Some("a help desk that works by Screen Sharing is cut off"),
    watches: OVERRIDES,
    variants: &[
        Variant {
            macos: (14, 15),
            ..Variant::everywhere(Can::Yes, Service::switched_off(|view| SCREEN_SHARED.plan(view)))
        },
        Variant {
            macos: (26, 27),
            ..Variant::everywhere(
                Can::Yes,
                Remedy::ByHand {
                    instructions: "Switch Screen Sharing off in System Settings, General, Sharing; or launchctl bootout \
                                   system/com.apple.screensharing and launchctl disable system/com.apple.screensharing, as root. \
                                   This agent does not: since macOS 26 the service is submitted and has no property list of its \
                                   own, so it could not be put back.",
                },
            )
        },
    ],
    probe: |view| SCREEN_SHARED.probe(view),
    ..Control::of(Area::Sharing, Level::L1, Severity::High)
};

static REMOTE_MANAGEMENT: Control = Control {
    id: "remote_management",
    title: "Remote Management (Apple Remote Desktop) is off",
    why: "Whoever has the password of Remote Management has the Mac.",
    check: "mdmclient QuerySecurityInfo: RemoteDesktopEnabled is 0",
    refs: Refs {
        cis_macos: &[(14, "2.3.3.5"), (15, "2.3.3.5"), (26, "2.3.3.5")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8", "5.4"],
        nist_800_53r5: &["CM-7", "CM-7(1)"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002250"), (15, "APPL-15-002250"), (26, "APPL-26-002250")],
        mscp: Some("system_settings_remote_management_disable"),
    },
    user_impact: "Apple Remote Desktop no longer reaches this Mac.",
    disruptive: Some("administrators who work by Apple Remote Desktop are cut off"),
    cadence: Cadence::Slow,
    watches: &[Watch::Domain("com.apple.RemoteManagement")],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "Switch Remote Management off in System Settings, General, Sharing; or run, as root, kickstart \
                           -deactivate -stop, which is in Contents/Resources of ARDAgent.app below \
                           /System/Library/CoreServices/RemoteManagement; where an MDM switched it on, by its command \
                           DisableRemoteDesktop. This agent does not: the tool cannot switch it on again as it was, so there is \
                           no way back.",
        },
    )],
    probe: |view| {
        let info = view.ask(&mdmclient::security_info())?;
        match info.get(&["RemoteDesktopEnabled"]) {
            Some("0") => Ok(Finding::compliant("off")),
            Some("1") => Ok(Finding::drifted("on", "off")),
            _ => Err(ToolError::Incomplete {
                asked: "mdmclient QuerySecurityInfo".into(),
                lacks: "RemoteDesktopEnabled, 0 or 1".into(),
            }),
        }
    },
    ..Control::of(Area::Sharing, Level::L1, Severity::High)
};

static AE_SERVER: Service = Service("com.apple.AEServer");

static REMOTE_APPLE_EVENTS: Control = Control {
    id: "remote_apple_events",
    title: "Remote Apple Events are off",
    why: "With them programs on other computers command those of this Mac.",
    check: "launchctl print system: com.apple.AEServer is not loaded, and no override enables it",
    refs: Refs {
        cis_macos: &[(14, "2.3.3.6"), (15, "2.3.3.6"), (26, "2.3.3.6")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["AC-3", "AC-17"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002022"), (15, "APPL-15-002022"), (26, "APPL-26-002022")],
        mscp: Some("system_settings_rae_disable"),
    },
    user_impact: "None for most.",
    watches: OVERRIDES,
    variants: &[Variant::everywhere(Can::Yes, Service::switched_off(|view| AE_SERVER.plan(view)))],
    probe: |view| AE_SERVER.probe(view),
    ..Control::of(Area::Sharing, Level::L1, Severity::Medium)
};

static SMBD: Service = Service("com.apple.smbd");

static FILE_SHARING: Control = Control {
    id: "file_sharing",
    title: "File Sharing (SMB) is off",
    why: "Shared folders are open to whoever has, or guesses, an account's password.",
    check: "launchctl print system: com.apple.smbd is not loaded, and no override enables it",
    refs: Refs {
        cis_macos: &[(14, "2.3.3.2"), (15, "2.3.3.2"), (26, "2.3.3.2")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8", "5.4"],
        nist_800_53r5: &["AC-3", "AC-17"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002001"), (15, "APPL-15-002001"), (26, "APPL-26-002001")],
        mscp: Some("system_settings_smbd_disable"),
    },
    user_impact: "Folders shared by this Mac are gone.",
    disruptive: Some("who works on a shared folder loses it, as do Time Machine backups that others make to this Mac"),
    watches: OVERRIDES,
    variants: &[Variant::everywhere(Can::Yes, Service::switched_off(|view| SMBD.plan(view)))],
    probe: |view| SMBD.probe(view),
    ..Control::of(Area::Sharing, Level::L1, Severity::Medium)
};

static PRINTER_SHARING: Control = Control {
    id: "printer_sharing",
    title: "Printer sharing is off",
    why: "A shared printer is one more service that others can reach.",
    check: "cupsctl: _share_printers is 0",
    refs: Refs {
        cis_macos: &[(14, "2.3.3.3"), (15, "2.3.3.3"), (26, "2.3.3.3")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["CM-7", "CM-7(1)"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002240"), (15, "APPL-15-002240"), (26, "APPL-26-002240")],
        mscp: Some("system_settings_printer_sharing_disable"),
    },
    user_impact: "Printers on this Mac no longer print for others.",
    // It starts cupsd where that does not run.
    cadence: Cadence::Slow,
    watches: &[Watch::File("/private/etc/cups/cupsd.conf")],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::Automatic {
            how: "cupsctl --no-share-printers",
            plan: |view| {
                let shared = view.ask(&cupsctl::sharing())?.share_printers;
                Ok(Plan::switch(cupsctl::share_printers, "printer sharing", shared, false))
            },
            side_effects: "comments in cupsd.conf may be lost: cupsctl writes it anew",
            all_or_nothing: false,
        },
    )],
    probe: |view| Ok(Finding::switch(view.ask(&cupsctl::sharing())?.share_printers, false)),
    ..Control::of(Area::Sharing, Level::L1, Severity::Low)
};

/// Where Internet Sharing keeps what it is told.
const NAT: &str = "/Library/Preferences/SystemConfiguration/com.apple.nat.plist";

static INTERNET_SHARING: Control = Control {
    id: "internet_sharing",
    title: "Internet Sharing is off",
    why: "A Mac that shares its connection bridges two networks, past the rules of both.",
    check: "forceInternetSharingOff of com.apple.MCX, forced by a profile; otherwise NAT, Enabled, in \
            /Library/Preferences/SystemConfiguration/com.apple.nat.plist, which is absent where it was never set up",
    refs: Refs {
        cis_macos: &[(14, "2.3.3.7"), (15, "2.3.3.7"), (26, "2.3.3.7")],
        cis_level: Some(1),
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["AC-4", "AC-20"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002007"), (15, "APPL-15-002007"), (26, "APPL-26-002007")],
        mscp: Some("system_settings_internet_sharing_disable"),
    },
    user_impact: "Other devices do not go online through this Mac.",
    watches: &[Watch::File(NAT), Watch::Domain(MCX)],
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::Profile {
            payload: "com.apple.MCX: forceInternetSharingOff = true. Root could write the file: this agent does not, because what \
                      runs does not show in it, so that nothing would tell whether sharing has stopped",
        },
    )],
    probe: |view| {
        const KEY: &str = "forceInternetSharingOff";
        if view.forced(MCX, KEY)?.is_some_and(|value| truth(&value).is_ok_and(|off| off)) {
            return Ok(Finding::compliant("forced off by a profile"));
        }
        let misread = |saw: &Value| {
            let why = crate::mac::Misread::new("NAT with Enabled as 0 or 1", crate::control::preference::shown(saw));
            ToolError::from_misread(format!("read {NAT}"), None, why)
        };
        let Some(nat) = view.ask(&plist_file::file(NAT))?.and_then(|mut file| file.remove("NAT")) else {
            return Ok(Finding::compliant("never set up"));
        };
        match nat.as_dictionary().ok_or_else(|| misread(&nat))?.get("Enabled") {
            None => Ok(Finding::compliant("never switched on")),
            Some(value) => Ok(Finding::switch(truth(value).map_err(|_| misread(value))?, false)),
        }
    },
    ..Control::of(Area::Sharing, Level::L1, Severity::Medium)
};

const ALLOW_CACHING: &str = "allowContentCaching";

static CONTENT_CACHING: Control = Control {
    id: "content_caching",
    title: "Content caching is off",
    why: "A cache is a server on the local network that only Macs meant for it should run.",
    check: "AssetCacheManagerUtil -j status: Activated is false",
    refs: Refs {
        cis_macos: &[(14, "2.3.3.8"), (15, "2.3.3.8"), (26, "2.3.3.8")],
        cis_level: Some(2),
        cis_v8: &["4.8"],
        nist_800_53r5: &["CM-7", "CM-7(1)"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-002140"), (15, "APPL-15-002140"), (26, "APPL-26-002140")],
        mscp: Some("system_settings_content_caching_disable"),
    },
    user_impact: "This Mac no longer keeps updates and apps for others.",
    cadence: Cadence::Slow,
    watches: &[Watch::Domain("com.apple.AssetCache"), Watch::Domain(RESTRICTIONS)],
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::Automatic {
            how: "AssetCacheManagerUtil deactivate",
            plan: |view| {
                if let Some(managed) = view.managed(&[(RESTRICTIONS, ALLOW_CACHING)])? {
                    return Ok(managed);
                }
                let activated = view.ask(&asset_cache::status())?.activated;
                Ok(Plan::switch(asset_cache::set, "content caching", activated, false))
            },
            side_effects: "what is in the cache stays on the disk",
            all_or_nothing: false,
        },
    )],
    probe: |view| Ok(Finding::switch(view.ask(&asset_cache::status())?.activated, false)),
    ..Control::of(Area::Sharing, Level::L2, Severity::Low)
};
