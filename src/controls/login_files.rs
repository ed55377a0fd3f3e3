//! What of the login window lies in files: the guest's home, and the banner.

use crate::control::{Area, Can, Control, Finding, Level, Refs, Remedy, Severity, Variant, Watch};
use crate::mac::{FileKind, status};

/// These controls of the area.
pub const CONTROLS: &[&Control] = &[&GUEST_HOME, &BANNER];

const GUEST: &str = "/Users/Guest";

static GUEST_HOME: Control = Control {
    id: "guest_home_folder",
    title: "No home of the guest is left behind",
    why: "What a guest leaves on the Mac nobody looks after.",
    check: "lstat of /Users/Guest: nothing stands there. Whether guests may log in at all is guest_account's matter",
    refs: Refs {
        cis_macos: &[(14, "5.9"), (15, "5.9"), (26, "5.9")],
        cis_level: Some(1),
        cis_v8: &["4.1"],
        nist_800_53r5: &["CM-6"],
        soc2: &["CC6.1"],
        mscp: Some("os_guest_folder_removed"),
        ..Refs::NONE
    },
    user_impact: "None.",
    watches: &[Watch::Session],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "With the guest account off and nobody logged in as guest, an administrator looks through /Users/Guest \
                           and runs: sudo rm -R /Users/Guest. What is removed cannot be put back: the agent does not do it.",
        },
    )],
    probe: |view| {
        Ok(match view.ask(&status::of(GUEST))? {
            None => Finding::compliant("there is no /Users/Guest"),
            Some(found) => Finding::drifted(format!("{GUEST} is there, {found}"), "nothing at /Users/Guest"),
        })
    },
    ..Control::of(Area::Login, Level::L1, Severity::Low)
};

/// The forms of a banner that macOS shows, and what each is on disk.
const BANNERS: [(&str, FileKind); 3] = [
    ("/Library/Security/PolicyBanner.txt", FileKind::File),
    ("/Library/Security/PolicyBanner.rtf", FileKind::File),
    ("/Library/Security/PolicyBanner.rtfd", FileKind::Folder),
];

static BANNER: Control = Control {
    id: "login_window_banner",
    title: "The login window shows a policy banner",
    why: "Who logs in should have been told what they agree to.",
    check: "lstat of PolicyBanner.txt, .rtf and .rtfd in /Library/Security: one is there and everybody may read it. What it says \
            is not looked at",
    refs: Refs {
        cis_macos: &[(14, "5.8"), (15, "5.8"), (26, "5.8")],
        cis_level: Some(2),
        cis_v8: &["4.1"],
        nist_800_53r5: &["AC-8"],
        soc2: &["CC6.1"],
        stig: &[(14, "APPL-14-000025"), (15, "APPL-15-000025"), (26, "APPL-26-000025")],
        mscp: Some("os_policy_banner_loginwindow_enforce"),
    },
    user_impact: "The banner must be accepted before each login.",
    watches: &[Watch::Beginning("/Library/Security/PolicyBanner.")],
    variants: &[Variant::everywhere(
        Can::Yes,
        Remedy::ByHand {
            instructions: "Write the organisation's text to /Library/Security/PolicyBanner.txt (or .rtf, .rtfd), for instance by a \
                           package from the MDM, owned by root with mode 0644. The words are the organisation's: the agent writes \
                           none.",
        },
    )],
    probe: |view| {
        let wanted = "a PolicyBanner in /Library/Security that everybody may read";
        let mut unfit = None;
        for (path, kind) in BANNERS {
            let Some(found) = view.ask(&status::of(path))? else { continue };
            let must = if kind == FileKind::Folder { 0o005 } else { 0o004 };
            if found.kind == kind && found.mode & must == must {
                return Ok(Finding::compliant(format!("{path} is there, {found}")));
            }
            unfit = Some(format!("{path} is there and not for everybody to read, {found}"));
        }
        Ok(Finding::drifted(unfit.unwrap_or_else(|| "no policy banner".to_owned()), wanted))
    },
    ..Control::of(Area::Login, Level::L2, Severity::Low)
};
