//! How long and how widely a password given to sudo counts, and whether sudo logs: what sudoers sets for everybody.
//!
//! The agent does not write sudoers: a file there with a mistake in it stops sudo altogether, and where a declaration brings
//! sudo's files, that is the place. So a person puts a file there, or the MDM does.

use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant, Watch,
};
use crate::mac::sudo::{Record, defaults};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&TIMEOUT, &PER_TERMINAL, &LOGGING];

/// What an administrator edits. Where a declaration's files lie is not documented, so there the next look on schedule finds a
/// change.
const FILES: &[Watch] = &[Watch::File("/private/etc/sudoers"), Watch::File("/private/etc/sudoers.d/")];

static MINUTES: Setting = Setting {
    key: "MaximumMinutes",
    doc: "For how many minutes a password given to sudo may count at most; 0 asks for it every time.",
    kind: Kind::Integer { default: 0, min: 0, max: 15, unit: "minutes" },
    laxer: Laxer::Higher,
};

static TIMEOUT: Control = Control {
    id: "sudo_timeout",
    title: "A password given to sudo counts only once",
    why: "While it counts, whatever else runs in that terminal is root without a question.",
    check: "sudo -V as root: Authentication timestamp timeout, in minutes. What sudoers sets for single users, hosts or commands \
            is not told there",
    refs: Refs {
        cis_macos: &[(14, "5.4"), (15, "5.4"), (26, "5.4")],
        cis_v8: &["4.3"],
        soc2: &["CC6.1", "CC6.3"],
        stig: &[(14, "APPL-14-004022"), (15, "APPL-15-004022"), (26, "APPL-26-004022")],
        mscp: Some("os_sudo_timeout_configure"),
        cis_level: Some(1),
        ..Refs::NONE
    },
    user_impact: "Administrators are asked for their password at every sudo; scripts with several of them ask several times.",
    settings: &[&MINUTES],
    watches: FILES,
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::ByHand {
            instructions: "Put the line Defaults timestamp_timeout=0 into a file of its own in /etc/sudoers.d, whose name has no dot \
                           in it (sudo passes over those), owned by root and wheel with mode 0440; check it with visudo -c -f \
                           FILE before it goes there and with visudo -c after. Or have the declaration \
                           com.apple.configuration.services.configuration-files bring it, with the ServiceType com.apple.sudo: \
                           where one does, it counts instead of the Mac's own files.",
        },
    )],
    probe: |view| {
        let most = view.settings.integer(&MINUTES);
        let timeout = view.ask(&defaults())?.timeout_minutes;
        #[expect(clippy::cast_precision_loss, reason = "at most 15")]
        let holds = (0.0..=most as f64).contains(&timeout.value());
        let seen =
            if timeout.value() < 0.0 { "until the Mac restarts".to_owned() } else { format!("{timeout} minutes") };
        let wanted = if most == 0 { "0 minutes".to_owned() } else { format!("{most} minutes or less") };
        Ok(Finding::judge(holds, seen, wanted))
    },
    ..Control::of(Area::Sudo, Level::L1, Severity::Medium)
};

static PER_TERMINAL: Control = Control {
    id: "sudo_per_terminal",
    title: "A password given to sudo counts in one terminal",
    why: "Otherwise what runs elsewhere as the same user is root without a question as soon as sudo is used once.",
    check: "sudo -V as root: Type of authentication timestamp record is tty. What sudoers sets for single users, hosts or \
            commands is not told there",
    refs: Refs {
        cis_macos: &[(14, "5.5"), (15, "5.5"), (26, "5.5")],
        cis_v8: &["4.3"],
        nist_800_53r5: &["CM-5(1)", "IA-11"],
        soc2: &["CC6.1", "CC6.3"],
        stig: &[(14, "APPL-14-004060"), (15, "APPL-15-004060"), (26, "APPL-26-004060")],
        mscp: Some("os_sudoers_timestamp_type_configure"),
        cis_level: Some(1),
    },
    user_impact: "None: this is how sudo works where sudoers says nothing.",
    watches: FILES,
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::ByHand {
            instructions: "Find the lines with timestamp_type and with !tty_tickets in /etc/sudoers and the files in \
                           /etc/sudoers.d and take them out with visudo (visudo -f FILE), or put the line Defaults \
                           timestamp_type=tty into a file of its own there, without a dot in its name, owned by root and wheel \
                           with mode 0440; check with visudo -c. Or have the declaration \
                           com.apple.configuration.services.configuration-files bring it, with the ServiceType com.apple.sudo.",
        },
    )],
    probe: |view| {
        let record = view.ask(&defaults())?.record;
        let seen = match record {
            Record::Tty => "one terminal (tty)",
            Record::Kernel => "one terminal, kept by the kernel (kernel)",
            Record::Ppid => "what one process starts (ppid)",
            Record::Global => "everything of the user's (global)",
        };
        Ok(Finding::judge(record == Record::Tty, seen, "one terminal (tty)"))
    },
    ..Control::of(Area::Sudo, Level::L1, Severity::Medium)
};

static LOGGING: Control = Control {
    id: "sudo_logging",
    title: "Commands that sudo allows are logged",
    why: "Who did what as root is the first question after an incident.",
    check: "sudo -V as root: the line \"Log when a command is allowed by sudoers\", which is there only where it is on; an answer \
            without it says off only where it is whole. What sudoers sets for single users, hosts or commands is not told there",
    refs: Refs {
        cis_macos: &[(15, "5.11"), (26, "5.11")],
        nist_800_53r5: &["AC-6(9)"],
        soc2: &["CC6.1", "CC6.3"],
        stig: &[(15, "APPL-15-000190"), (26, "APPL-26-000190")],
        mscp: Some("os_sudo_log_enforce"),
        cis_level: Some(1),
        ..Refs::NONE
    },
    user_impact: "None.",
    watches: FILES,
    variants: &[
        Variant::absent((14, 14), "the guidance for macOS 14 does not ask for it; it does from macOS 15 on"),
        Variant {
            macos: (15, 27),
            ..Variant::everywhere(
                Can::YesUnlessManaged,
                Remedy::ByHand {
                    instructions: "Take lines with !log_allowed out of /etc/sudoers and the files in /etc/sudoers.d with visudo \
                                   (visudo -f FILE), and put the line Defaults log_allowed into a file of its own there, without a \
                                   dot in its name, owned by root and wheel with mode 0440; check with visudo -c. Or have the \
                                   declaration com.apple.configuration.services.configuration-files bring it, with the \
                                   ServiceType com.apple.sudo.",
                },
            )
        },
    ],
    probe: |view| {
        let logs = view.ask(&defaults())?.logs_allowed;
        Ok(Finding::switch(logs, true))
    },
    ..Control::of(Area::Sudo, Level::L1, Severity::Low)
};
