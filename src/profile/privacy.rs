//! Full Disk Access for the agent's program, known by its path and by its signature.

use plist::{Dictionary, Value};

use super::payload::{Payload, Profile};
use crate::installed::{LABEL as IDENTIFIER, PROGRAM};

/// How `codesign` prints that a field of a certificate is there: the one comment that a requirement may have.
const EXISTS: &str = "/* exists */";
/// The longest requirement that is taken, in bytes.
const LONGEST: usize = 4096;

/// What a program's signature must fulfil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    text: String,
    /// What is weak about it, for whoever makes the profile.
    pub warning: Option<&'static str>,
}

impl Requirement {
    /// Reads the requirement as `codesign -dr -` prints it, with or without what stands before the arrow.
    ///
    /// # Errors
    /// In words, starting with "it", for what any other program could fulfil as well, or is no requirement.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let text = ["# designated =>", "designated =>"].iter().find_map(|head| text.strip_prefix(head)).unwrap_or(text);
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST || text.chars().any(crate::text::is_unsafe) {
            return Err(format!("it is not one line of 1 to {LONGEST} bytes"));
        }
        let tokens = tokens(&text.replace(EXISTS, "exists"))
            .ok_or("its brackets or quotes do not match, or it has a negation or a comment")?;
        let outer = tokens.iter().map(|(depth, _)| *depth).min().unwrap_or_default();
        let words: Vec<&str> =
            tokens.iter().filter(|(depth, _)| *depth == outer).map(|(_, word)| word.as_str()).collect();
        let is_of_hashes =
            tokens.iter().all(|(_, word)| matches!(word.as_str(), "cdhash" | "or") || word.starts_with("H\""));
        let warning = if is_of_hashes && words.contains(&"cdhash") {
            Some(
                "a cdhash is that of one build, signed ad hoc: after an upgrade the grant is void until a new profile is there",
            )
        } else {
            // Alternatives within brackets are how codesign says that one of several kinds of certificate will do.
            let named = words
                .windows(2)
                .any(|pair| matches!(pair, ["identifier", name] if name.trim_matches('"') == IDENTIFIER));
            if !named || words.contains(&"or") {
                return Err(format!("other programs fulfil it: it does not insist on the identifier \"{IDENTIFIER}\""));
            }
            let signed = words.iter().any(|word| matches!(*word, "anchor" | "certificate"));
            (!signed).then_some("it names no certificate, so whoever can write the program's file can sign for it")
        };
        Ok(Self { text: text.to_owned(), warning })
    }
}

/// The words of a requirement, each with how many brackets it stands in; quoted text is part of its word. `None` where brackets
/// or quotes do not match, and for a negation or a comment, which no requirement of this program has.
fn tokens(text: &str) -> Option<Vec<(usize, String)>> {
    let (mut depth, mut quoted, mut word, mut tokens) = (0_usize, false, String::new(), Vec::new());
    for c in text.chars().chain([' ']) {
        if quoted || !(c.is_whitespace() || "()".contains(c)) {
            if "!/#".contains(c) && !quoted {
                return None;
            }
            quoted ^= c == '"';
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            tokens.push((depth, std::mem::take(&mut word)));
        }
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    (depth == 0 && !quoted).then_some(tokens)
}

/// The profile.
#[must_use]
pub fn profile(requirement: &Requirement, organization: Option<&str>) -> Profile {
    let mut grant = Dictionary::new();
    grant.insert("Identifier".into(), PROGRAM.into());
    grant.insert("IdentifierType".into(), "path".into());
    grant.insert("CodeRequirement".into(), requirement.text.as_str().into());
    grant.insert("Allowed".into(), true.into());
    grant.insert("Comment".into(), "The Holdfast agent".into());
    let service = Value::Array(vec![Value::Dictionary(grant)]);
    let services: Dictionary = [("SystemPolicyAllFiles".to_owned(), service)].into_iter().collect();
    Profile {
        role: "privacy",
        name: "Holdfast: Full Disk Access".into(),
        description: "Lets the Holdfast agent read what macOS protects, so that it can tell how each setting stands."
            .into(),
        organization: organization.map(str::to_owned),
        payloads: vec![Payload {
            kind: "com.apple.TCC.configuration-profile-policy",
            role: "files".into(),
            name: "Holdfast: Full Disk Access".into(),
            keys: [("Services".to_owned(), Value::Dictionary(services))].into_iter().collect(),
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str =
        "identifier \"org.holdfast.agent\" and anchor apple generic and certificate leaf[subject.OU] = ABCDE12345";
    const EITHER: &str = "anchor apple generic and identifier \"org.holdfast.agent\" and (certificate leaf[field.1.2.3] \
                          /* exists */ or certificate 1[field.1.2.4] /* exists */ and certificate leaf[subject.OU] = ABCDE12345)";

    #[test]
    fn the_requirement_is_taken_as_codesign_prints_it() {
        for text in [SIGNED.to_owned(), format!("designated => {SIGNED}"), format!("# designated => {SIGNED}\n")] {
            assert_eq!(Requirement::parse(&text), Ok(Requirement { text: SIGNED.to_owned(), warning: None }));
        }
        for good in ["identifier org.holdfast.agent and anchor apple generic", EITHER, &format!("({SIGNED})")] {
            assert_eq!(Requirement::parse(good).unwrap().warning, None, "{good}");
        }
    }

    #[test]
    fn the_grant_is_for_this_program_alone_and_gives_it_what_it_asks_for() {
        let made = profile(&Requirement::parse(SIGNED).unwrap(), None);
        let services = made.payloads[0].keys["Services"].as_dictionary().unwrap();
        assert_eq!(services.keys().collect::<Vec<_>>(), ["SystemPolicyAllFiles"]);
        let grants = services["SystemPolicyAllFiles"].as_array().unwrap();
        let grant = grants[0].as_dictionary().unwrap();
        assert_eq!((grants.len(), &grant["Allowed"]), (1, &Value::from(true)));
        for (key, text) in [("Identifier", PROGRAM), ("IdentifierType", "path"), ("CodeRequirement", SIGNED)] {
            assert_eq!(grant[key].as_string(), Some(text));
        }
    }

    #[test]
    fn what_is_weak_is_said_and_what_others_fulfil_is_refused() {
        for (text, part) in [
            ("# designated => cdhash H\"00\"", "a cdhash is that of one build"),
            ("# designated => cdhash H\"00\" or cdhash H\"11\"", "a cdhash is that of one build"),
            ("identifier \"org.holdfast.agent\"", "names no certificate"),
        ] {
            assert!(Requirement::parse(text).unwrap().warning.unwrap().contains(part), "{text}");
        }
        let others = "other programs fulfil it";
        for (text, part) in [
            ("", "not one line"),
            ("designated => ", "not one line"),
            ("anchor apple\ngeneric", "not one line"),
            (&"a".repeat(LONGEST + 1), "not one line"),
            ("anchor apple generic", others),
            ("identifier \"org.holdfast.agent.other\" and anchor apple", others),
            ("identifier \"com.example\" and anchor apple", others),
            ("anchor apple and info[x] = \"identifier org.holdfast.agent\"", others),
            ("cdhash H\"00\" or anchor apple", others),
            (&format!("{SIGNED} or anchor apple generic"), others),
            (&format!("anchor apple generic or ({SIGNED})"), others),
            ("cdhash H\"00\" or (anchor apple generic)", others),
            ("(cdhash H\"00\") or (anchor apple generic)", others),
            ("()", others),
            ("or", others),
            (&format!("!{SIGNED}"), "a negation"),
            (&format!("anchor apple generic /* and {SIGNED} */"), "a comment"),
            (&format!("anchor apple generic # and {SIGNED}"), "a comment"),
            (&format!("anchor apple generic // and {SIGNED}"), "a comment"),
            (&format!("({SIGNED}"), "do not match"),
            (&format!("{SIGNED})"), "do not match"),
            ("identifier \"org.holdfast.agent", "do not match"),
        ] {
            let refused = Requirement::parse(text).unwrap_err();
            assert!(refused.contains(part), "{text}: {refused}");
        }
    }
}
