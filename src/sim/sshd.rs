//! `sshd -G`: a key and its value on each line, as OpenSSH 9 prints them, with some of the keys that nobody asks about. The lists
//! of algorithms are OpenSSH's own, shortened; Apple's are not proven.

use super::Machine;
use super::tools::{Call, Reply, said};

const SIGNATURES: &str = "ssh-ed25519,ecdsa-sha2-nistp256,sk-ssh-ed25519@openssh.com,rsa-sha2-512,rsa-sha2-256";

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    if call.args.as_slice() != ["-G"] {
        return Ok(None);
    }
    let ssh = &mac.state.passwords.ssh;
    let or = |approved: &'static str, all: &'static str| if ssh.fips { approved } else { all };
    let keys = or(
        "ecdsa-sha2-nistp256,ecdsa-sha2-nistp256-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
        SIGNATURES,
    );
    let mut text = String::new();
    for (key, value) in [
        ("port", "22"),
        ("addressfamily", "any"),
        ("listenaddress", "[::]:22"),
        ("listenaddress", "0.0.0.0:22"),
        ("usepam", "yes"),
        ("logingracetime", "120"),
        ("clientaliveinterval", &ssh.client_alive_interval.to_string()),
        ("clientalivecountmax", &ssh.client_alive_count_max.to_string()),
        ("permitrootlogin", &ssh.permit_root_login),
        ("passwordauthentication", "yes"),
        ("banner", "none"),
        ("ciphers", or("aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com,aes128-ctr,aes256-gcm@openssh.com")),
        ("macs", or("hmac-sha2-256-etm@openssh.com,hmac-sha2-256", "umac-64-etm@openssh.com,hmac-sha2-256,hmac-sha1")),
        ("kexalgorithms", or("ecdh-sha2-nistp256", "sntrup761x25519-sha512@openssh.com,curve25519-sha256")),
        ("casignaturealgorithms", or("ecdsa-sha2-nistp256,sk-ecdsa-sha2-nistp256@openssh.com", SIGNATURES)),
        ("hostbasedacceptedalgorithms", keys),
        ("hostkeyalgorithms", keys),
        ("pubkeyacceptedalgorithms", keys),
        ("acceptenv", "LANG"),
        ("acceptenv", "LC_*"),
        ("subsystem", "sftp /usr/libexec/sftp-server"),
    ] {
        text.push_str(&format!("{key} {value}\n"));
    }
    said(text)
}
