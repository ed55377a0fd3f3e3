//! What profiles forbid of iCloud. Whether somebody is signed in is theirs; these keys say what the Mac then does.

use crate::control::{Area, Control, Forced, Level, Refs, Severity, Watch};

/// These controls.
pub const CONTROLS: &[&Control] =
    &[&DRIVE, &DESKTOP_AND_DOCUMENTS, &KEYCHAIN, &PHOTOS, &PRIVATE_RELAY, &ACCOUNT_CHANGES, &FIND_MY];

/// What frameworks ask of keeping things out of private clouds.
const PRIVATE_CLOUD: Refs = Refs {
    cis_v8: &["4.1", "4.8", "15.3"],
    nist_800_53r5: &["AC-20", "AC-20(1)", "CM-7", "CM-7(1)", "SC-7(10)"],
    soc2: &["CC6.7"],
    ..Refs::NONE
};

static DRIVE: Control = Control {
    id: "icloud_drive",
    title: "A profile switches iCloud Drive off",
    why: "Documents of the organization do not belong in a private account that nobody can close.",
    check: "allowCloudDocumentSync of com.apple.applicationaccess, forced by a profile; a local value has no effect and \
            does not count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        stig: &[(14, "APPL-14-002041"), (15, "APPL-15-002041"), (26, "APPL-26-002041")],
        mscp: Some("icloud_drive_disable"),
        ..PRIVATE_CLOUD
    },
    user_impact: "Documents and app data are no longer kept in iCloud.",
    disruptive: Some("documents that are kept in iCloud alone can no longer be reached from the Mac"),
    forced: &[&super::restriction("allowCloudDocumentSync", false)],
    variants: &[super::by_profile(super::ALL, "com.apple.applicationaccess: allowCloudDocumentSync = false")],
    probe: |view| Forced::probe_all(DRIVE.forced, view),
    ..super::restricted(Area::ICloud, Level::L2, Severity::Medium)
};

static DESKTOP_AND_DOCUMENTS: Control = Control {
    id: "icloud_desktop_and_documents",
    title: "A profile keeps Desktop and Documents out of iCloud",
    why: "With it everything on the Desktop and in Documents goes to a private account by itself.",
    check: "allowCloudDesktopAndDocuments of com.apple.applicationaccess, forced by a profile; a local value has no effect \
            and does not count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_macos: &[(14, "2.1.1.3"), (15, "2.1.1.3"), (26, "2.1.1.3")],
        cis_level: Some(2),
        stig: &[(14, "APPL-14-002150"), (15, "APPL-15-002150"), (26, "APPL-26-002150")],
        mscp: Some("icloud_sync_disable"),
        ..PRIVATE_CLOUD
    },
    user_impact: "The folders Desktop and Documents are no longer kept in iCloud.",
    disruptive: Some("what was kept in iCloud is no longer in the folders Desktop and Documents of the Mac"),
    forced: &[&super::restriction("allowCloudDesktopAndDocuments", false)],
    variants: &[super::by_profile(super::ALL, "com.apple.applicationaccess: allowCloudDesktopAndDocuments = false")],
    probe: |view| Forced::probe_all(DESKTOP_AND_DOCUMENTS.forced, view),
    ..super::restricted(Area::ICloud, Level::L2, Severity::Medium)
};

static KEYCHAIN: Control = Control {
    id: "icloud_keychain",
    title: "A profile keeps passwords out of iCloud Keychain",
    why: "Passwords of the organization would be on every device of the same Apple Account, managed or not.",
    check: "allowCloudKeychainSync of com.apple.applicationaccess, forced by a profile; a local value has no effect and \
            does not count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        stig: &[(14, "APPL-14-002040"), (15, "APPL-15-002040"), (26, "APPL-26-002040")],
        mscp: Some("icloud_keychain_disable"),
        ..PRIVATE_CLOUD
    },
    user_impact: "Passwords are no longer shared between the devices of a user.",
    disruptive: Some("passwords and passkeys that are in iCloud Keychain can no longer be used on the Mac"),
    forced: &[&super::restriction("allowCloudKeychainSync", false)],
    variants: &[super::by_profile(super::ALL, "com.apple.applicationaccess: allowCloudKeychainSync = false")],
    probe: |view| Forced::probe_all(KEYCHAIN.forced, view),
    ..super::restricted(Area::ICloud, Level::L2, Severity::Medium)
};

static PHOTOS: Control = Control {
    id: "icloud_photos",
    title: "A profile switches iCloud Photos off",
    why: "Pictures of documents and screens would go to a private account.",
    check: "allowCloudPhotoLibrary of com.apple.applicationaccess, forced by a profile; a local value has no effect and \
            does not count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        stig: &[(14, "APPL-14-002043"), (15, "APPL-15-002043"), (26, "APPL-26-002043")],
        mscp: Some("icloud_photos_disable"),
        ..PRIVATE_CLOUD
    },
    user_impact: "Pictures are no longer kept in iCloud.",
    disruptive: Some("pictures that are not wholly on the Mac are removed from it"),
    forced: &[&super::restriction("allowCloudPhotoLibrary", false)],
    variants: &[super::by_profile(super::ALL, "com.apple.applicationaccess: allowCloudPhotoLibrary = false")],
    probe: |view| Forced::probe_all(PHOTOS.forced, view),
    ..super::restricted(Area::ICloud, Level::L2, Severity::Low)
};

static PRIVATE_RELAY: Control = Control {
    id: "icloud_private_relay",
    title: "A profile switches iCloud Private Relay off",
    why: "Private Relay leads Safari's traffic and names past the filters and gateways of the organization.",
    check: "allowCloudPrivateRelay of com.apple.applicationaccess, forced by a profile; a local value has no effect and \
            does not count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        stig: &[(14, "APPL-14-002170"), (15, "APPL-15-002170"), (26, "APPL-26-002170")],
        mscp: Some("icloud_private_relay_disable"),
        ..PRIVATE_CLOUD
    },
    user_impact: "Web sites see the Mac's own address in place of Apple's.",
    forced: &[&super::restriction("allowCloudPrivateRelay", false)],
    variants: &[super::by_profile(super::ALL, "com.apple.applicationaccess: allowCloudPrivateRelay = false")],
    probe: |view| Forced::probe_all(PRIVATE_RELAY.forced, view),
    ..super::restricted(Area::ICloud, Level::L2, Severity::Low)
};

static ACCOUNT_CHANGES: Control = Control {
    id: "account_changes",
    title: "A profile keeps users from changing Apple Accounts and internet accounts",
    why: "An account that somebody adds brings mail, contacts and documents of elsewhere onto the Mac, and takes those \
          here along.",
    check: "allowAccountModification of com.apple.applicationaccess, forced by a profile; a local value has no effect and \
            does not count. It is what the profile says, not proof that macOS heeds it",
    refs: Refs {
        cis_v8: &["4.1", "4.8"],
        nist_800_53r5: &["AC-20", "AC-20(1)", "CM-7", "CM-7(1)"],
        soc2: &["CC6.7"],
        stig: &[(14, "APPL-14-002120"), (15, "APPL-15-002120"), (26, "APPL-26-002120")],
        mscp: Some("os_account_modification_disable"),
        ..Refs::NONE
    },
    user_impact: "Apple Accounts and accounts for mail, contacts and calendars can no longer be added or changed.",
    disruptive: Some("nobody can sign in to an Apple Account or add an account for mail that they need"),
    forced: &[&super::restriction("allowAccountModification", false)],
    variants: &[super::by_profile(super::ALL, "com.apple.applicationaccess: allowAccountModification = false")],
    probe: |view| Forced::probe_all(ACCOUNT_CHANGES.forced, view),
    ..super::restricted(Area::ICloud, Level::L2, Severity::Low)
};

static FIND_MY: Control = Control {
    id: "find_my",
    title: "Profiles switch Find My off",
    why: "Where its people and Macs are is told to their private accounts; a Mac of the organization is found, locked and \
          erased by the MDM.",
    check: "allowFindMyDevice and allowFindMyFriends of com.apple.applicationaccess and DisableFMMiCloudSetting of \
            com.apple.icloud.managed, all forced by profiles; local values have no effect and do not count. The last one \
            is in none of Apple's published schemas. It is what the profiles say, not proof that macOS heeds them",
    refs: Refs {
        cis_v8: &["4.1", "4.8", "15.3"],
        nist_800_53r5: &["AC-20", "CM-7", "CM-7(1)"],
        soc2: &["CC6.7"],
        stig: &[(14, "APPL-14-002180"), (15, "APPL-15-002180"), (26, "APPL-26-002180")],
        mscp: Some("system_settings_find_my_disable"),
        ..Refs::NONE
    },
    user_impact: "Find My shows neither the Mac nor people on it, and its user cannot lock the Mac to a private account.",
    disruptive: Some(
        "a lost Mac can no longer be found, locked or erased by its user; keep it on where the MDM does not do that",
    ),
    watches: &[Watch::Domain(super::RESTRICTIONS), Watch::Domain("com.apple.icloud.managed")],
    forced: &[
        &super::restriction("allowFindMyDevice", false),
        &super::restriction("allowFindMyFriends", false),
        &Forced::flag("com.apple.icloud.managed", "DisableFMMiCloudSetting", true).as_preference(),
    ],
    variants: &[super::by_profile(
        super::ALL,
        "com.apple.applicationaccess: allowFindMyDevice = false, allowFindMyFriends = false; and the preference domain \
         com.apple.icloud.managed: DisableFMMiCloudSetting = true",
    )],
    probe: |view| Forced::probe_all(FIND_MY.forced, view),
    ..Control::of(Area::ICloud, Level::L3, Severity::Low)
};
