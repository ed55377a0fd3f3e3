//! `pfctl`: the packet filter. Needs root.

use serde::Serialize;

use super::lines::{Reply, after, misread};
use super::{Invocation, Misread, Output, Question};

const PROGRAM: &str = "/sbin/pfctl";

/// The packet filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Info {
    /// Whether it filters.
    pub enabled: bool,
}

/// The packet filter's rules, in order and without those that are no filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rules {
    /// As printed.
    pub rules: Vec<String>,
}

impl Rules {
    /// Whether incoming connections are refused unless a rule about some of them lets them in: one rule blocks all of them, and
    /// none passes all of them.
    #[must_use]
    pub fn deny_by_default(&self) -> bool {
        let any = |what: &str| self.rules.iter().any(|rule| after(rule, what).is_some_and(is_about_everything_in));
        (any("block drop ") || any("block return ")) && !any("pass ")
    }
}

/// Whether a rule, its action taken off, is about everything that comes in: `in log quick all`, of which only the last word must
/// be there.
fn is_about_everything_in(rule: &str) -> bool {
    let rest = ["in ", "log ", "quick "].iter().fold(rule, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
    rest == "all" || rest.starts_with("all ")
}

/// Does the packet filter filter?
#[must_use]
pub fn info() -> Question<Info> {
    Question::lines(Invocation::new(PROGRAM, &["-s", "info"]), parse_info)
}

/// What rules does the packet filter have, those of its anchors included?
#[must_use]
pub fn rules() -> Question<Rules> {
    Question::lines(Invocation::new(PROGRAM, &["-a", "*", "-sr"]), parse_rules)
}

/// What it says on standard error on every Mac, whose kernel has no queueing.
const NOISE: [&str; 2] = ["No ALTQ support in kernel", "ALTQ related functions disabled"];

fn reply(output: &Output, expected: &str) -> Result<Reply, Misread> {
    let mut reply = Reply::of(output)?;
    reply.status_in(&[0], expected)?;
    reply.lines.retain(|line| !NOISE.contains(&line.as_str()));
    Ok(reply)
}

/// Reads the answer of `-s info`: `Status: Enabled for ...` or `Status: Disabled`, then tables of counters, whose headings begin
/// with a capital letter and whose rows are indented.
///
/// # Errors
/// [`Misread`] for other than that.
pub(crate) fn parse_info(output: &Output) -> Result<Info, Misread> {
    const EXPECTED: &str = "\"Status: Enabled\" or \"Status: Disabled\"";
    let reply = reply(output, EXPECTED)?;
    let (first, counters) = reply.lines.split_first().ok_or_else(|| reply.misread(EXPECTED))?;
    let counts = |line: &String| {
        line.starts_with(|c: char| c == ' ' || c.is_ascii_uppercase()) && after(line, "Status: ").is_none()
    };
    if !counters.iter().all(counts) {
        return Err(reply.misread(EXPECTED));
    }
    let enabled = match after(first, "Status: ").and_then(|rest| rest.split_whitespace().next()) {
        Some("Enabled") => true,
        Some("Disabled") => false,
        _ => return Err(reply.misread(EXPECTED)),
    };
    Ok(Info { enabled })
}

/// Reads the answer of `-a * -sr`: a rule each line, those in anchors between braces.
///
/// # Errors
/// [`Misread`] for lines that begin with no known word.
pub(crate) fn parse_rules(output: &Output) -> Result<Rules, Misread> {
    const EXPECTED: &str = "rules of the packet filter";
    const OTHERS: [&str; 9] =
        ["anchor ", "scrub", "nat", "rdr", "binat", "no ", "dummynet", "antispoof", "load anchor"];
    let reply = reply(output, EXPECTED)?;
    let mut rules = Vec::new();
    for line in &reply.lines {
        let line = line.trim();
        if line.starts_with("block ") || line.starts_with("pass ") {
            rules.push(line.to_owned());
        } else if line != "}" && !OTHERS.iter().any(|word| line.starts_with(word)) {
            return Err(misread(EXPECTED, line));
        }
    }
    // Every Mac has the anchors of macOS's own: silence is no set of rules.
    if reply.lines.is_empty() { Err(misread(EXPECTED, "")) } else { Ok(Rules { rules }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    fn denies(text: &str) -> Option<bool> {
        parse_rules(&out(text)).ok().map(|rules| rules.deny_by_default())
    }

    #[test]
    fn a_default_deny_is_a_rule_about_everything_that_nothing_takes_back() {
        let usual = "scrub-anchor \"com.apple/*\" all fragment reassemble\nanchor \"com.apple/*\" all {\n}\n";
        assert_eq!(denies(usual), Some(false));
        let rule = |rule: &str| denies(&format!("{usual}{rule}\npass in proto tcp from any to any port = 22\n"));
        for good in ["block drop in all", "block drop all", "block return in log all", "block drop in quick all"] {
            assert_eq!(rule(good), Some(true), "{good}");
        }
        for bad in ["block drop out all", "block drop in proto tcp all", "block drop in on en0 all", "pass in all"] {
            assert_eq!(rule(bad), Some(false), "{bad}");
        }
        assert_eq!(rule("block drop in all\npass all flags S/SA keep state"), Some(false));
        for unknown in ["", "pfctl: /dev/pf: Permission denied\n", "x\n"] {
            assert_eq!(denies(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn whether_it_filters_is_said_first() {
        let read = |text: &str| parse_info(&out(text)).map(|info| info.enabled).ok();
        assert_eq!(
            read(
                "Status: Enabled for 0 days 01:02:03           Debug: Urgent\n\nState Table                          Total\n  current entries                        0\n"
            ),
            Some(true)
        );
        assert_eq!(read("Status: Disabled                              Debug: Urgent\n"), Some(false));
        for bad in [
            "",
            "Status: \n",
            "Status: Enabled\nStatus: Disabled\n",
            "Status: Enabled\nx\n",
            "Debug: Urgent\nStatus: Enabled\n",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(parse_info(&out_with(1, "Status: Enabled\n")).is_err());
    }
}
