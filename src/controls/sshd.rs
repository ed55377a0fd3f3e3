//! How the SSH server is set up, whether or not Remote Login is on: somebody may switch it on tomorrow.
//!
//! The agent does not write the server's files, for the same reasons as sudo's: a mistake keeps everybody out, the first value
//! counts whichever file has it, and a declaration may bring them.

use crate::control::{
    Area, Can, Control, Finding, Kind, Laxer, Level, Refs, Remedy, Setting, Severity, Variant, Watch,
};
use crate::mac::sshd::{Offered, configuration};

/// The area's controls.
pub const CONTROLS: &[&Control] = &[&ROOT_LOGIN, &IDLE_TIMEOUT, &FIPS];

/// What an administrator edits. Where a declaration's files lie is not documented, so there the next look on schedule finds a
/// change.
const FILES: &[Watch] = &[
    Watch::File("/private/etc/ssh/sshd_config"),
    Watch::File("/private/etc/ssh/sshd_config.d/"),
    Watch::File("/private/etc/ssh/crypto.conf"),
];

static ROOT_LOGIN: Control = Control {
    id: "ssh_root_login",
    title: "The SSH server lets nobody log in as root",
    why: "A login as root belongs to nobody, and every machine on the internet tries it.",
    check: "sshd -G: permitrootlogin is no; also where Remote Login is off. What a Match block allows single users and addresses is \
            not told there",
    refs: Refs {
        nist_800_53r5: &["IA-2(5)"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-001100"), (15, "APPL-15-001100"), (26, "APPL-26-001100")],
        mscp: Some("os_sshd_permit_root_login_configure"),
        ..Refs::NONE
    },
    user_impact: "What logs in as root by SSH, with a key too, has to log in as somebody and use sudo.",
    watches: FILES,
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::ByHand {
            instructions: "Put the line PermitRootLogin no into a file in /etc/ssh/sshd_config.d whose name sorts before \
                           100-macos.conf and ends in .conf, as the first value counts, owned by root and wheel with mode 0644; \
                           check with sshd -t and look at it with sshd -G. Or have the declaration \
                           com.apple.configuration.services.configuration-files bring it, with the ServiceType com.apple.sshd: \
                           where one does, it counts instead of the Mac's own files.",
        },
    )],
    probe: |view| {
        let word = view.ask(&configuration())?.permit_root_login;
        Ok(Finding::judge(word == "no", word, "no"))
    },
    ..Control::of(Area::Sharing, Level::L2, Severity::Medium)
};

static SECONDS: Setting = Setting {
    key: "MaximumSeconds",
    doc: "After how many seconds of silence the server must ask whether the client is still there at the latest.",
    kind: Kind::Integer { default: 900, min: 30, max: 3600, unit: "seconds" },
    laxer: Laxer::Higher,
};

static IDLE_TIMEOUT: Control = Control {
    id: "ssh_idle_timeout",
    title: "The SSH server drops sessions whose client is gone",
    why: "A session that nobody is at any more stays open to whoever finds it.",
    check: "sshd -G: clientaliveinterval is above 0 and small enough, and clientalivecountmax is not 0, which would never drop \
            anybody; also where Remote Login is off. A client that answers is not dropped, however idle its user",
    refs: Refs {
        nist_800_53r5: &["SC-10", "AC-12"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-000051"), (15, "APPL-15-000051"), (26, "APPL-26-000051")],
        mscp: Some("os_sshd_client_alive_interval_configure"),
        ..Refs::NONE
    },
    user_impact: "Sessions over a network that is gone for a while end.",
    settings: &[&SECONDS],
    watches: FILES,
    variants: &[Variant::everywhere(
        Can::YesUnlessManaged,
        Remedy::ByHand {
            instructions: "Put the lines ClientAliveInterval 900 and ClientAliveCountMax 1 into a file in /etc/ssh/sshd_config.d \
                           whose name sorts before 100-macos.conf and ends in .conf, owned by root and wheel with mode 0644; \
                           check with sshd -t and look at it with sshd -G. Or have the declaration \
                           com.apple.configuration.services.configuration-files bring it, with the ServiceType com.apple.sshd.",
        },
    )],
    probe: |view| {
        let most = view.settings.integer(&SECONDS);
        let is = view.ask(&configuration())?;
        let seen = match (is.client_alive_interval, is.client_alive_count_max) {
            (0, _) => "the client is never asked".to_owned(),
            (seconds, 0) => format!("asked after {seconds} s, never dropped"),
            (seconds, times) => format!("asked after {seconds} s, dropped after {times} without an answer"),
        };
        let holds = (1..=most).contains(&is.client_alive_interval) && is.client_alive_count_max > 0;
        Ok(Finding::judge(holds, seen, format!("asked after {most} s or sooner, and dropped")))
    },
    ..Control::of(Area::Sharing, Level::L2, Severity::Low)
};

/// What macOS's own manual page on SSH and FIPS 140, `apple_ssh_and_fips`, leaves: the algorithms that corecrypto does.
const SIGNATURES: &[&str] = &[
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
];

fn approved(kind: &str) -> &'static [&'static str] {
    match kind {
        "ciphers" => &["aes128-gcm@openssh.com"],
        "macs" => &["hmac-sha2-256", "hmac-sha2-256-etm@openssh.com"],
        "kexalgorithms" => &["ecdh-sha2-nistp256"],
        _ => SIGNATURES,
    }
}

/// What of a list is not approved, in words; `None` where all of it is.
fn beyond(offered: &Offered) -> Option<String> {
    let mut others = offered.names.iter().filter(|name| !approved(offered.kind).contains(&name.as_str()));
    let first = others.next()?;
    Some(match others.count() {
        0 => format!("{}: {first}", offered.kind),
        more => format!("{}: {first} and {more} more", offered.kind),
    })
}

static FIPS: Control = Control {
    id: "ssh_fips_cryptography",
    title: "The SSH server offers only algorithms that FIPS 140 approves",
    why: "Where the law asks for validated cryptography, what is not offered cannot be agreed on.",
    check: "sshd -G: ciphers, macs and the lists of algorithms for keys and signatures have nothing in them that \
            apple_ssh_and_fips(7) does not name; fewer are as good. Also where Remote Login is off",
    refs: Refs {
        nist_800_53r5: &["AC-17(2)", "IA-7", "SC-13", "SC-8(1)"],
        soc2: &["CC6.6"],
        stig: &[(14, "APPL-14-000054"), (15, "APPL-15-000054"), (26, "APPL-26-000054")],
        mscp: Some("os_sshd_fips_compliant"),
        ..Refs::NONE
    },
    user_impact: "Clients that know none of these algorithms, and users with keys of other kinds, cannot log in.",
    disruptive: Some("users with Ed25519 or RSA keys, and clients without these algorithms, no longer log in by SSH"),
    watches: FILES,
    variants: &[
        Variant {
            macos: (14, 14),
            ..Variant::everywhere(
                Can::YesUnlessManaged,
                Remedy::ByHand {
                    instructions: "Put the lines that the manual page apple_ssh_and_fips gives for the server into a file in \
                                   /etc/ssh/sshd_config.d whose name sorts before 100-macos.conf and ends in .conf; check with \
                                   sshd -t and look at it with sshd -G. Or have the declaration \
                                   com.apple.configuration.services.configuration-files bring it, with the ServiceType \
                                   com.apple.sshd.",
                },
            )
        },
        Variant {
            macos: (15, 27),
            ..Variant::everywhere(
                Can::YesUnlessManaged,
                Remedy::ByHand {
                    instructions: "Let /etc/ssh/crypto.conf be a link to /etc/ssh/crypto/fips.conf (ln -fs /etc/ssh/crypto/fips.conf \
                                   /etc/ssh/crypto.conf), which the server's own 100-macos.conf includes and which sets the \
                                   client as well; check with sshd -t and look at it with sshd -G. Or have the declaration \
                                   com.apple.configuration.services.configuration-files bring it, with the ServiceType \
                                   com.apple.sshd.",
                },
            )
        },
    ],
    probe: |view| {
        let others: Vec<String> = view.ask(&configuration())?.algorithms.iter().filter_map(beyond).collect();
        let wanted = "approved algorithms alone";
        let seen = if others.is_empty() { wanted.to_owned() } else { format!("also {}", others.join("; ")) };
        Ok(Finding::judge(others.is_empty(), seen, wanted))
    },
    ..Control::of(Area::Sharing, Level::L2, Severity::Medium)
};
