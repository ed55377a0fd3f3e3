//! `pmset -g batt` and `-g assertions`: what the Mac runs on, and what keeps its display awake.

use serde::Serialize;

use super::lines::{Reply, integer};
use super::{Invocation, Misread, Output, Question};

const PROGRAM: &str = "/usr/bin/pmset";

/// What the Mac runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Battery {
    /// Whether it draws from its battery, or from a UPS's: no mains.
    pub on_battery: bool,
    /// Charge of its own battery; `None` where it has none. Of several the emptiest.
    pub percent: Option<u8>,
}

/// What keeps the display awake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assertions {
    /// Who does, in the order printed, without macOS's own housekeeping.
    pub display_awake_by: Vec<Holder>,
}

/// Who holds an assertion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its process's name, `zoom.us`.
    pub process: String,
    /// `PreventUserIdleDisplaySleep` or `NoDisplaySleepAssertion`.
    pub kind: String,
    /// Its own words, `Video Wake Lock`; `None` where it gives none.
    pub name: Option<String>,
}

/// What does the Mac run on?
#[must_use]
pub fn battery() -> Question<Battery> {
    Question::lines(Invocation::new(PROGRAM, &["-g", "batt"]), parse_battery)
}

/// What keeps the display awake?
#[must_use]
pub fn assertions() -> Question<Assertions> {
    Question::lines(Invocation::new(PROGRAM, &["-g", "assertions"]), parse_assertions)
}

/// Reads the answer of `pmset -g batt`: `Now drawing from 'AC Power'`, then a line for each battery or UPS, as
/// ` -InternalBattery-0 (id=1234)`, a TAB, `80%; AC attached; not charging present: true`. A desktop prints the first
/// line alone. Lines below a battery's that begin with a TAB are notes about it. None of it is documented; the wordings
/// are those of published answers.
///
/// # Errors
/// [`Misread`] for another first line, a battery without its charge, and a Mac on battery that names none.
pub(crate) fn parse_battery(output: &Output) -> Result<Battery, Misread> {
    const EXPECTED: &str = "\"Now drawing from '...'\" and a line for each battery";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    let (first, rest) = reply.lines.split_first().ok_or_else(fail)?;
    let source = first.strip_prefix("Now drawing from '").and_then(|rest| rest.strip_suffix('\''));
    let on_battery = match source {
        Some("AC Power") => false,
        Some("Battery Power" | "UPS Power") => true,
        _ => return Err(fail()),
    };
    let (mut percent, mut devices): (Option<u8>, usize) = (None, 0);
    for line in rest {
        if line.starts_with('\t') && devices > 0 {
            continue;
        }
        let device = device(line).ok_or_else(fail)?;
        devices += 1;
        if device.internal && device.present {
            percent = Some(percent.map_or(device.percent, |least| least.min(device.percent)));
        }
    }
    if on_battery && devices == 0 {
        return Err(fail());
    }
    Ok(Battery { on_battery, percent })
}

struct Device {
    internal: bool,
    present: bool,
    percent: u8,
}

fn device(line: &str) -> Option<Device> {
    let line = line.trim_start().strip_prefix('-')?;
    let (head, state) = line.split_once("%;")?;
    let percent = head.rsplit(char::is_whitespace).next()?;
    let percent = percent.bytes().all(|b| b.is_ascii_digit()).then(|| percent.parse().ok()).flatten()?;
    let present = match state.rsplit_once("present:")?.1.trim() {
        "true" => true,
        "false" => false,
        _ => return None,
    };
    (percent <= 100).then_some(Device { internal: head.starts_with("InternalBattery"), present, percent })
}

/// The assertions that keep the display awake; the second is the old name of the first, and what browsers and many
/// conference programs hold.
const KINDS: [&str; 2] = ["PreventUserIdleDisplaySleep", "NoDisplaySleepAssertion"];

/// macOS's own, which tell of no call and no presentation.
const HOUSEKEEPING: [&str; 3] = ["WindowServer", "powerd", "coreaudiod"];

const SUMMARY: &str = "Assertion status system-wide:";
const OWNERS: &str = "Listed by owning process:";

/// Reads the answer of `pmset -g assertions`: a date, counters by kind, a line for each assertion that a process holds
/// (with its age, which some lack), indented notes below it, and what the kernel holds.
///
/// # Errors
/// [`Misread`] where a heading is missing, for a line of a process that is not as above, for a line of no known section,
/// and where the counter says that the display is kept awake and no process is named that does.
pub(crate) fn parse_assertions(output: &Output) -> Result<Assertions, Misread> {
    const EXPECTED: &str = "the counters of assertions, and who holds them";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    let mut lines = reply.lines.iter().map(String::as_str).skip_while(|line| *line != SUMMARY);
    let dated = reply.lines.iter().take_while(|line| *line != SUMMARY);
    if !dated.clone().all(|line| is_date(line)) || dated.count() > 1 || lines.next().is_none() {
        return Err(fail());
    }
    let mut counted = None;
    for line in lines.by_ref().take_while(|line| line.trim_start() != OWNERS) {
        let (kind, number) = line.trim_start().rsplit_once(' ').ok_or_else(fail)?;
        let number = integer(number).ok_or_else(fail)?;
        if kind.trim_end() == KINDS[0] && counted.replace(number).is_some() {
            return Err(fail());
        }
    }
    let counted = counted.ok_or_else(fail)?;
    let mut holders = Vec::new();
    let mut in_kernel = false;
    for line in lines {
        let entry = line.trim_start();
        if entry.len() == line.len() {
            in_kernel = is_kernel_heading(line);
            if !in_kernel {
                return Err(fail());
            }
        } else if !in_kernel && entry.starts_with("pid ") {
            holders.push(holder(entry).ok_or_else(fail)?);
        } else if !in_kernel && holders.is_empty() {
            return Err(fail());
        }
    }
    holders.retain(|holder| KINDS.contains(&holder.kind.as_str()));
    if counted != 0 && holders.is_empty() {
        return Err(fail());
    }
    holders.retain(|holder| !HOUSEKEEPING.contains(&holder.process.as_str()));
    Ok(Assertions { display_awake_by: holders })
}

/// `2026-10-03 01:15:00 +0530`, in older answers with a note after it.
fn is_date(line: &str) -> bool {
    let shape = "dddd-dd-dd dd:dd:dd";
    line.len() >= shape.len()
        && line.bytes().zip(shape.bytes()).all(|(b, s)| if s == b'd' { b.is_ascii_digit() } else { b == s })
}

fn is_kernel_heading(line: &str) -> bool {
    ["Kernel Assertions:", "No kernel assertions", "Idle sleep preventers:"].iter().any(|head| line.starts_with(head))
}

/// `pid 12(Some App): [0x1a] 00:01:02 NoDisplaySleepAssertion named: "x"`. The process's name and the assertion's may
/// hold brackets and quotes.
fn holder(line: &str) -> Option<Holder> {
    let (pid, rest) = line.strip_prefix("pid ")?.split_once('(')?;
    let pid = pid.bytes().all(|b| b.is_ascii_digit()).then(|| pid.parse().ok()).flatten()?;
    let (process, rest) = rest.split_once("): [0x")?;
    let (id, rest) = rest.split_once("] ")?;
    let (what, name) = match rest.split_once(" named: \"") {
        Some((what, name)) => (what, Some(name.strip_suffix('"')?.to_owned())),
        None => (rest, None),
    };
    let kind = match what.split_once(' ') {
        Some((age, kind)) if age.bytes().all(|b| b.is_ascii_digit() || b == b':') => kind,
        Some(_) => return None,
        None => what,
    };
    let known = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric());
    let known = known && !process.is_empty() && !id.is_empty() && id.bytes().all(|b| b.is_ascii_hexdigit());
    known.then(|| Holder { pid, process: process.to_owned(), kind: kind.to_owned(), name })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    fn power(text: &str) -> Option<(bool, Option<u8>)> {
        parse_battery(&out(text)).ok().map(|read| (read.on_battery, read.percent))
    }

    #[test]
    fn the_source_and_the_charge_are_read() {
        for (text, expected) in [
            (
                "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t19%; discharging; 1:02 remaining present: true\n",
                (true, Some(19)),
            ),
            (
                "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t80%; AC attached; not charging present: true\n",
                (false, Some(80)),
            ),
            (
                "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t60%; charging; (no estimate) present: true\n\tNote: x\n",
                (false, Some(60)),
            ),
            ("Now drawing from 'AC Power'\n", (false, None)),
            (
                "Now drawing from 'UPS Power'\n -Some UPS (id=9)\t50%; discharging; 0:20 remaining present: true\n",
                (true, None),
            ),
            (
                "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t0%; discharging; (no estimate) present: false\n",
                (false, None),
            ),
        ] {
            assert_eq!(power(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn unclear_sources_are_refused() {
        for bad in [
            "",
            "Now drawing from 'Battery Power'\n",
            "Now drawing from 'Solar Power'\n",
            "Now drawing from 'AC Power\n",
            "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t101%; charged; present: true\n",
            "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t80%; charged; 0:00 rem\n",
            "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\tcharged present: true\n",
            "Now drawing from 'AC Power'\nNow drawing from 'Battery Power'\n",
            "Now drawing from 'AC Power'\n\tNote\n",
        ] {
            assert_eq!(power(bad), None, "{bad}");
        }
        assert!(parse_battery(&out_with(1, "Now drawing from 'AC Power'\n")).is_err());
    }

    const TEXT: &str = "2026-10-03 01:15:00 +0530 \nAssertion status system-wide:\n   BackgroundTask                 0\n   PreventUserIdleDisplaySleep    1\nListed by owning process:\n   pid 446(WindowServer): [0x000036c0000995cf] PreventUserIdleDisplaySleep named: \"x\"\n   pid 60530(Brave Browser (GPU)): [0x001a83ca0005a59f] 101:01:19 NoDisplaySleepAssertion named: \"Video \"Wake\" Lock\"  \n\tTimeout will fire in 600 secs Action=TimeoutActionRelease\n   pid 7(zoom.us): [0x1] 00:00:09 PreventUserIdleDisplaySleep\n   pid 8(backupd): [0x2] 00:00:09 BackgroundTask named: \"b\"\nKernel Assertions: 0x100=MAGICWAKE\n   id=555  level=255 0x100=MAGICWAKE mod=1 description=en0 owner=en0\nIdle sleep preventers: IODisplayWrangler\n";

    #[test]
    fn who_keeps_the_display_awake_is_read() {
        let read = parse_assertions(&out(TEXT)).unwrap().display_awake_by;
        let rows: Vec<_> =
            read.iter().map(|h| (h.pid, h.process.as_str(), h.kind.as_str(), h.name.as_deref())).collect();
        assert_eq!(
            rows,
            [
                (60530, "Brave Browser (GPU)", "NoDisplaySleepAssertion", Some("Video \"Wake\" Lock")),
                (7, "zoom.us", "PreventUserIdleDisplaySleep", None)
            ]
        );
        let none = "2026-10-03 01:15:00 +0530\nAssertion status system-wide:\n   PreventUserIdleDisplaySleep    0\nListed by owning process:\n   pid 8(powerd): [0x2] 00:00:09 PreventUserIdleSystemSleep named: \"b\"\nNo kernel assertions.\n";
        assert_eq!(parse_assertions(&out(none)).unwrap().display_awake_by, []);
        let indented = none.replace("\nListed", "\n   Listed").replace("+0530", "+0100 : Showing all");
        assert_eq!(parse_assertions(&out(&indented)).unwrap().display_awake_by, []);
    }

    #[test]
    fn unclear_assertions_are_refused() {
        let without_holders = &TEXT[..TEXT.find("   pid 446").unwrap()];
        let without_owners = &TEXT[..TEXT.find("Listed").unwrap()];
        for bad in [
            "".to_owned(),
            TEXT.replace("2026-10-03 01:15:00 +0530 \n", "pmset: x\n"),
            TEXT.replace(SUMMARY, "Something else:"),
            TEXT.replace("   PreventUserIdleDisplaySleep    1\n", ""),
            TEXT.replace("pid 7(zoom.us)", "pid seven(zoom.us)"),
            TEXT.replace("[0x1] 00:00:09", "[0x1] ago"),
            TEXT.replace("Lock\"  \n", "Lo\n"),
            TEXT.replace("Kernel Assertions", "More Assertions"),
            format!("{TEXT}garbage\n"),
            format!("{TEXT}{TEXT}"),
            without_holders.to_owned(),
            without_owners.to_owned(),
        ] {
            assert!(parse_assertions(&out(&bad)).is_err(), "{bad}");
        }
        assert!(parse_assertions(&out_with(1, TEXT)).is_err());
        assert!(parse_assertions(&err(0, "pmset: failed\n")).is_err());
    }
}
