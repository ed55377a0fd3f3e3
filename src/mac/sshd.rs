//! `sshd`: how the SSH server would be set up if it were started now.

use serde::Serialize;

use super::lines::{Reply, integer};
use super::{Invocation, Misread, Output, Question};

/// What of the SSH server's configuration is looked at. What `Match` blocks change for single users and addresses is not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// Whether and how root may log in: `yes`, `no`, `without-password`, `prohibit-password` or `forced-commands-only`.
    pub permit_root_login: String,
    /// After how many seconds without a word the client is asked whether it is there; 0 is never.
    pub client_alive_interval: i64,
    /// After how many questions without an answer it is dropped; 0 is never.
    pub client_alive_count_max: i64,
    /// What it offers, for each kind of algorithm, under the name of its key.
    pub algorithms: Vec<Offered>,
}

/// The algorithms of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offered {
    /// The key, in small letters.
    pub kind: &'static str,
    /// The algorithms, in order.
    pub names: Vec<String>,
}

/// The keys whose values are lists of algorithms.
const KINDS: [&str; 7] = [
    "ciphers",
    "macs",
    "kexalgorithms",
    "hostkeyalgorithms",
    "pubkeyacceptedalgorithms",
    "hostbasedacceptedalgorithms",
    "casignaturealgorithms",
];

/// How is the SSH server set up? Needs no host key and no running server.
#[must_use]
pub fn configuration() -> Question<Configuration> {
    Question::lines(Invocation::new("/usr/sbin/sshd", &["-G"]), parse)
}

/// Reads the answer of `sshd -G`: a key and its value on each line. Keys are told apart without minding letter case, as releases
/// of OpenSSH differ in that.
///
/// # Errors
/// [`Misread`] for a line of another form, and where a key that is looked at is missing, there twice, or has a value of another
/// form.
pub(crate) fn parse(output: &Output) -> Result<Configuration, Misread> {
    const EXPECTED: &str = "a key and its value on each line";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let mut pairs = Vec::new();
    for line in &reply.lines {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(reply.misread(EXPECTED));
        }
        pairs.push((key, value.trim()));
    }
    let one = |wanted: &str| {
        let mut found = pairs.iter().filter(|(key, _)| key.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value);
        found.next().filter(|_| found.next().is_none()).ok_or_else(|| reply.misread(format!("one line \"{wanted}\"")))
    };
    let number = |key: &str| {
        let value = one(key)?;
        integer(value).filter(|n| *n >= 0).ok_or_else(|| Misread::new(format!("a number as {key}"), value))
    };
    let root = one("permitrootlogin")?;
    if !["yes", "no", "without-password", "prohibit-password", "forced-commands-only"].contains(&root) {
        return Err(Misread::new("a known word as permitrootlogin", root));
    }
    let mut algorithms = Vec::new();
    for kind in KINDS {
        let names: Vec<String> = one(kind)?.split(',').map(str::to_owned).collect();
        if !names.iter().all(|name| is_algorithm(name)) {
            return Err(Misread::new(format!("names of algorithms as {kind}"), names.join(",")));
        }
        algorithms.push(Offered { kind, names });
    }
    Ok(Configuration {
        permit_root_login: root.to_owned(),
        client_alive_interval: number("clientaliveinterval")?,
        client_alive_count_max: number("clientalivecountmax")?,
        algorithms,
    })
}

fn is_algorithm(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-@._".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    fn answer(root: &str, interval: &str, ciphers: &str) -> String {
        let lists: String = KINDS.iter().skip(1).map(|kind| format!("{kind} a-1,b@example.com\n")).collect();
        format!(
            "port 22\nlistenaddress [::]:22\nlistenaddress 0.0.0.0:22\npermitrootlogin {root}\nusepam yes\n\
             clientaliveinterval {interval}\nclientalivecountmax 3\nciphers {ciphers}\n{lists}subsystem sftp /usr/libexec/sftp-server\n"
        )
    }

    #[test]
    fn the_keys_that_count_are_read_in_either_case() {
        let read = parse(&out(&answer("no", "900", "aes128-gcm@openssh.com"))).unwrap();
        assert_eq!((read.permit_root_login.as_str(), read.client_alive_interval), ("no", 900));
        assert_eq!(read.algorithms.len(), KINDS.len());
        assert_eq!(read.algorithms[0].names, ["aes128-gcm@openssh.com"]);
        assert_eq!(read.algorithms[1].names, ["a-1", "b@example.com"]);
        let mixed = answer("no", "900", "aes128-gcm@openssh.com").replace("permitrootlogin", "PermitRootLogin");
        assert_eq!(parse(&out(&mixed)).unwrap(), read);
    }

    #[test]
    fn what_lacks_a_key_or_has_it_twice_is_not_read() {
        let whole = answer("no", "900", "a");
        let lines: Vec<&str> = whole.lines().collect();
        for n in 0..lines.len() {
            let less: String =
                lines.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, l)| format!("{l}\n")).collect();
            let other = ["port", "listenaddress", "usepam", "subsystem"].iter().any(|key| lines[n].starts_with(key));
            assert_eq!(parse(&out(&less)).is_ok(), other, "without {}", lines[n]);
        }
        for bad in [
            String::new(),
            format!("{whole}permitrootlogin no\n"),
            format!("{whole}PermitRootLogin no\n"),
            format!("{whole}/etc/ssh/sshd_config: line 3: Bad configuration option\n"),
            answer("maybe", "900", "a"),
            answer("no", "-1", "a"),
            answer("no", "15m", "a"),
            answer("no", "900", ""),
            answer("no", "900", "a,,b"),
            answer("no", "900", "a b"),
        ] {
            assert!(parse(&out(&bad)).is_err(), "{bad}");
        }
        assert!(parse(&out_with(255, &whole)).is_err());
    }
}
