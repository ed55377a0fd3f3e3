//! Where our controls say something else than the catalogue of facts, on purpose.

/// Points on which we differ, for one reason.
pub struct Difference {
    /// Our control.
    pub control: &'static str,
    /// The points, as the walk names them.
    pub what: &'static [&'static str],
    /// What we say.
    pub ours: &'static str,
    /// Why.
    pub because: &'static str,
}

const MACOS_27: &[&str] = &["macOS 27, Apple silicon"];

const DECLARATIONS_ONLY: &str = "macOS 27 takes these switches from declarations alone, as the entry's own reason says: a local \
                                 key that root writes there has no effect, not even in part";

const OF_VERSION_8: &str = r#"{"3.11", "3.6"}"#;

const NUMBERS_OF_VERSION_7: &str = "13.6 and 14.8 are about encryption in version 7 of the CIS controls; in version 8 they are \
                                    about network logs and training";

pub const DIFFERENCES: &[Difference] = &[
    Difference {
        control: "screen_lock_password_required",
        what: &["severity"],
        ours: "high",
        because: "a judgement: an open session is all that the disk's encryption keeps from a thief",
    },
    Difference {
        control: "update_deferral",
        what: MACOS_27,
        ours: r#"{"detect_only"}"#,
        because: "mSCP carries no such rule to 27, but declarations defer updates there too, and they leave it in the same state \
                  file as the switches",
    },
    Difference { control: "update_download", what: MACOS_27, ours: r#"{"detect_only"}"#, because: DECLARATIONS_ONLY },
    Difference {
        control: "update_install_macos",
        what: MACOS_27,
        ours: r#"{"detect_only"}"#,
        because: DECLARATIONS_ONLY,
    },
    Difference {
        control: "update_security_responses",
        what: MACOS_27,
        ours: r#"{"detect_only"}"#,
        because: DECLARATIONS_ONLY,
    },
    Difference {
        control: "hibernation_intel",
        what: &["NIST 800-53r5"],
        ours: r#"{"SC-28"}"#,
        because: "a judgement: mSCP took its tags off the rule, and what is asleep in memory is information at rest",
    },
    Difference {
        control: "internal_volumes_encrypted",
        what: &["CIS v8"],
        ours: OF_VERSION_8,
        because: NUMBERS_OF_VERSION_7,
    },
    Difference {
        control: "external_volumes_encrypted",
        what: &["CIS v8"],
        ours: OF_VERSION_8,
        because: NUMBERS_OF_VERSION_7,
    },
    Difference {
        control: "guest_home_folder",
        what: &["NIST 800-53r5"],
        ours: r#"{"CM-6"}"#,
        because: "a judgement: mSCP has no tag there, and what the guest left behind is configuration that nobody wants",
    },
    Difference {
        control: "applications_not_world_writable",
        what: &["NIST 800-53r5"],
        ours: r#"{"AC-6"}"#,
        because: "a judgement: mSCP has no tag there, and whoever may change an application runs as its next user",
    },
    Difference {
        control: "library_not_world_writable",
        what: &["NIST 800-53r5"],
        ours: r#"{"AC-6"}"#,
        because: "a judgement: mSCP has no tag there, and whoever may write there decides what others load",
    },
    Difference {
        control: "mdm_profile_locked",
        what: &["severity"],
        ours: "medium",
        because: "a judgement: an administrator can erase the Mac all the same, and only level 1 has what is of high severity",
    },
    Difference {
        control: "wake_on_network",
        what: &["NIST 800-53r5"],
        ours: r#"{"CM-7"}"#,
        because: "a judgement: mSCP has no tag there, and what wakes for the network is a function that can be left off",
    },
];
