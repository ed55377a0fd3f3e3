//! What of a real Mac's answers may be kept.
//!
//! Three fences, one behind the other. Only the answers to questions on a list are kept as text; of the others just the words that
//! the simulated Mac uses too. Names of people become those of the simulated Mac's. And whatever looks like an identifier, an
//! address or data is replaced, wherever it stands.

use std::collections::BTreeSet;

use holdfast::host::transcript::{Exchange, Failure, Recorded};
use holdfast::mac::{Answer, Ask, FileAnswer, Output};

use crate::counterpart::{Pair, replaced};

/// Questions whose answers are settings and nothing else: a program, and how its arguments begin.
const SETTINGS: &[(&str, &[&str])] = &[
    ("/usr/bin/csrutil", &[]),
    ("/usr/bin/sw_vers", &[]),
    ("/usr/sbin/spctl", &["--status"]),
    ("/usr/bin/fdesetup", &["status"]),
    ("/usr/bin/fdesetup", &["isactive"]),
    ("/usr/bin/fdesetup", &["haspersonalrecoverykey"]),
    ("/usr/bin/fdesetup", &["hasinstitutionalrecoverykey"]),
    ("/usr/sbin/firmwarepasswd", &["-check"]),
    ("/usr/bin/pmset", &["-g", "custom"]),
    ("/usr/bin/profiles", &["status"]),
    ("/usr/sbin/softwareupdate", &["--schedule"]),
    ("/usr/sbin/sysadminctl", &["-screenLock", "status"]),
    ("/usr/sbin/sysadminctl", &["-secureTokenStatus"]),
    ("/usr/libexec/ApplicationFirewall/socketfilterfw", &["--getglobalstate"]),
    ("/usr/libexec/ApplicationFirewall/socketfilterfw", &["--getblockall"]),
    ("/usr/libexec/ApplicationFirewall/socketfilterfw", &["--getstealthmode"]),
    ("/usr/libexec/ApplicationFirewall/socketfilterfw", &["--getallowsigned"]),
    ("/usr/libexec/ApplicationFirewall/socketfilterfw", &["--getloggingmode"]),
];

/// Most bytes of one stream that are kept.
const MOST: usize = 16 * 1024;

/// In the place of a word that is not kept.
const WITHHELD: &str = "[withheld]";

/// How texts are made fit to be kept.
pub struct Redaction {
    pairs: Vec<Pair>,
    people_known: bool,
}

impl Redaction {
    /// With names here and what they become. Where the people are not known their names cannot be found in a text, and no answer
    /// is kept as text.
    pub fn new(pairs: &[Pair], people_known: bool) -> Self {
        Self { pairs: pairs.to_vec(), people_known }
    }

    /// The text without names and identifiers.
    pub fn text(&self, text: &str) -> String {
        let named = replaced(text, self.pairs.iter().map(|(here, there)| (here, there)));
        let mut out = String::new();
        let mut rest = named.as_str();
        while !rest.is_empty() {
            let is_part = |c: char| c.is_alphanumeric() || "-_.:@/+=%~".contains(c);
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            out.push_str(&self.word(word));
            let gap = after.find(is_part).unwrap_or(after.len());
            let (between, after) = after.split_at(gap);
            out.push_str(between);
            rest = after;
        }
        out
    }

    /// The word itself, or what it is where that tells of a Mac or a person.
    fn word(&self, word: &str) -> String {
        // The simulated Mac's own stay: they are nobody's.
        if self.pairs.iter().any(|(_, there)| there == word) {
            return word.to_owned();
        }
        let trimmed = word.trim_end_matches(['.', ':', '-']);
        let kept = word.get(trimmed.len()..).unwrap_or_default();
        let what = if trimmed.contains("://") {
            "URL"
        } else if trimmed.contains('@') {
            "MAIL"
        } else if trimmed.contains("/Users/") && !self.pairs.iter().any(|(_, there)| home_of(trimmed) == Some(there)) {
            "HOME"
        } else if trimmed.split(['/', '.', '=', ':']).any(is_uuid) {
            "UUID"
        } else if is_address(trimmed) {
            "ADDRESS"
        } else if trimmed.split(['/', '.', '=', ':', '-', '_']).any(is_identifier) {
            "ID"
        } else {
            return word.to_owned();
        };
        format!("{what}{kept}")
    }

    /// The answer as it may be kept, to the question as the simulated Mac is asked it; `None` where nothing of it may be.
    pub fn exchange(&self, ask: Ask, real: &Recorded, simulated: &[Recorded]) -> Option<Exchange> {
        let answer = match real {
            Recorded::Failed { how: Failure::NotSimulated, .. } => return None,
            Recorded::Failed { how, signal, why } => {
                Recorded::Failed { how: *how, signal: *signal, why: why.as_deref().map(|why| self.text(why)) }
            }
            Recorded::Answer(Answer::File(FileAnswer::Absent)) => real.clone(),
            // Whose something is and who may do what with it says nothing about anybody, the names in a folder do.
            Recorded::Answer(Answer::Status(_)) => real.clone(),
            Recorded::Answer(Answer::Folder(_)) => return None,
            // A file is somebody's settings, whatever it is about.
            Recorded::Answer(Answer::File(FileAnswer::Present { .. })) => return None,
            Recorded::Answer(Answer::Ran(output)) => {
                if output.stdout.len() > MOST || output.stderr.len() > MOST {
                    return None;
                }
                let listed = self.people_known && is_about_settings(&ask);
                let known = vocabulary(simulated);
                let stream = |bytes: &[u8]| {
                    let text = self.text(&String::from_utf8_lossy(bytes));
                    if listed { text } else { only(&text, &known) }.into_bytes()
                };
                let (stdout, stderr) = (stream(&output.stdout), stream(&output.stderr));
                Recorded::Answer(Answer::Ran(Output { status: output.status, stdout, stderr }))
            }
        };
        Some(Exchange { ask, answer })
    }
}

fn is_about_settings(ask: &Ask) -> bool {
    let Ask::Run(run) = ask else { return false };
    SETTINGS.iter().any(|(program, begins)| {
        run.program() == *program && run.argv.iter().skip(1).take(begins.len()).eq(begins.iter())
    })
}

/// The words that the simulated Mac answers with.
fn vocabulary(simulated: &[Recorded]) -> BTreeSet<String> {
    let streams = simulated.iter().filter_map(|one| match one {
        Recorded::Answer(Answer::Ran(output)) => Some([&output.stdout, &output.stderr]),
        _ => None,
    });
    let text = |stream: &Vec<u8>| String::from_utf8_lossy(stream).into_owned();
    streams.flatten().map(text).flat_map(|text| words(&text)).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The text with all words but those left out, and its lines as they are.
fn only(text: &str, known: &BTreeSet<String>) -> String {
    let line = |line: &str| {
        let words = line.split_whitespace().map(|word| if known.contains(word) { word } else { WITHHELD });
        words.collect::<Vec<_>>().join(" ") + "\n"
    };
    text.lines().map(line).collect()
}

fn home_of(path: &str) -> Option<&str> {
    path.split("/Users/").nth(1).and_then(|rest| rest.split('/').next())
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// IPv4, IPv6 and Ethernet addresses; versions have three numbers at most.
fn is_address(text: &str) -> bool {
    let of = |separator: char, least: usize, is_part: &dyn Fn(&str) -> bool| {
        let parts: Vec<&str> = text.split(separator).collect();
        parts.len() >= least && parts.iter().all(|part| is_part(part))
    };
    let hexadecimal = |part: &str| part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    of('.', 4, &|part| !part.is_empty() && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit()))
        || (text.contains("::") && of(':', 3, &hexadecimal))
        || of(':', 6, &|part| !part.is_empty() && hexadecimal(part))
}

/// Serial numbers, hashes, tokens: letters and digits mixed in one word of eight or more, as no English word or setting is.
fn is_identifier(text: &str) -> bool {
    let text = text.trim_start_matches("0x");
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let changes = text
        .as_bytes()
        .windows(2)
        .filter(|pair| matches!(pair, [one, other] if one.is_ascii_digit() != other.is_ascii_digit()))
        .count();
    let long_number = letters == 0 && digits >= 10;
    let long_hexadecimal = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mixed = text.len() >= 8 && digits >= 1 && letters >= 3 && changes >= 2;
    let data = text.len() >= 24 && digits >= 2 && letters >= 2;
    long_number || long_hexadecimal || mixed || data
}

#[cfg(test)]
mod tests {
    use holdfast::mac::Invocation;

    use super::*;

    fn redaction() -> Redaction {
        let pairs =
            [("ann", "alice"), ("Ann Lee", "Alice Example"), ("B1B2B3B4-0000-4000-8000-000000000001", "HARDWARE")];
        Redaction::new(&pairs.map(|(here, there)| (here.to_owned(), there.to_owned())), true)
    }

    #[test]
    fn what_tells_of_somebody_is_replaced() {
        for (text, expected) in [
            ("Secure token is ENABLED for user ann", "Secure token is ENABLED for user alice"),
            ("ann (Ann Lee)", "alice (Alice Example)"),
            ("/Users/ann/Library", "/Users/alice/Library"),
            ("/Users/bob/Library", "HOME"),
            ("Serial Number: C02XL0THJGH5", "Serial Number: ID"),
            ("Serial: FVFXK3A1Q6L4.", "Serial: ID."),
            ("B1B2B3B4-0000-4000-8000-000000000001", "HARDWARE"),
            ("disk1s1 (0A81F3B1-51D9-3335-B3E3-169C3640360D)", "disk1s1 (UUID)"),
            ("com.apple.x.0A81F3B1-51D9-3335-B3E3-169C3640360D.plist", "UUID"),
            ("MDM server: https://mdm.example.com/mdm?x=1", "MDM server: URL?x=1"),
            ("ann.lee@example.com, ann", "MAIL, alice"),
            ("10.0.17.5 and fe80::1 and a4:83:e7:00:11:22", "ADDRESS and ADDRESS and ADDRESS"),
            ("hash 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "hash ID"),
            ("ECID: 0x1C6D3A0E12345", "ECID: ID"),
            ("number 1234567890", "number ID"),
            ("token MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A==", "token ID"),
        ] {
            assert_eq!(redaction().text(text), expected);
        }
    }

    #[test]
    fn settings_stay() {
        for text in [
            "Firewall is enabled. (State = 1) \n",
            "System Integrity Protection status: enabled.\n",
            " hibernatefile        /var/vm/sleepimage\n standbydelayhigh     86400\n",
            "ProductVersion:\t\t26.5.2\nBuildVersion:\t\t25F84\n",
            "2026-01-01 10:00:00.123 sysadminctl[1234:56789] screenLock delay is 300 seconds\n",
            "Enrolled via DEP: Yes\nMDM enrollment: Yes (User Approved)\n",
            "FileVault is On.\n",
        ] {
            assert_eq!(redaction().text(text), text);
        }
    }

    fn ran(stdout: &str) -> Recorded {
        Recorded::Answer(Answer::Ran(Output { status: 0, stdout: stdout.into(), stderr: Vec::new() }))
    }

    fn kept(program: &'static str, args: &[&str], real: &str, simulated: &str) -> Option<String> {
        let ask = Ask::Run(Invocation::new(program, args));
        match redaction().exchange(ask, &ran(real), &[ran(simulated)])?.answer {
            Recorded::Answer(Answer::Ran(output)) => Some(String::from_utf8(output.stdout).unwrap()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_answers_about_settings_are_kept_as_text() {
        let new = "System Integrity Protection status: resting for Ann Lee.\n";
        let words = "System Integrity Protection status: resting for Alice Example.\n";
        assert_eq!(kept("/usr/bin/csrutil", &["status"], new, "").as_deref(), Some(words));
        let real = "  501 /Applications/Secret Project.app/x ann\n    0 /sbin/launchd root\n";
        let simulated = "0 /sbin/launchd root\n";
        let expected = "[withheld] [withheld] [withheld] [withheld]\n0 /sbin/launchd root\n";
        assert_eq!(kept("/bin/ps", &["-axo", "uid=,comm="], real, simulated).as_deref(), Some(expected));
        assert_eq!(kept("/usr/bin/fdesetup", &["list"], "ann,X\n", "").as_deref(), Some("[withheld]\n"));
    }

    #[test]
    fn no_text_is_kept_where_names_are_not_known() {
        let ask = Ask::Run(Invocation::new("/usr/bin/csrutil", &["status"]));
        let kept = Redaction::new(&[], false).exchange(ask, &ran("status for ann\n"), &[ran("status\n")]).unwrap();
        assert_eq!(kept.answer, ran("status [withheld] [withheld]\n"));
    }

    #[test]
    fn what_is_large_or_a_file_is_not_kept() {
        assert_eq!(kept("/usr/bin/csrutil", &["status"], &"x\n".repeat(10_000), ""), None);
        let file = Recorded::Answer(Answer::File(FileAnswer::Present { bytes: b"ann".into(), owner: 0, mode: 0o644 }));
        assert!(redaction().exchange(Ask::File("/x".into()), &file, &[]).is_none());
    }
}
