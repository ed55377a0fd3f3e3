//! `audit_control`, the configuration of macOS's audit (audit_control(5)). Not there since macOS 14 until somebody makes it.

use super::{FileAnswer, Misread, Question};

/// Where it is. `/etc` is a link to `/private/etc`.
pub const PATH: &str = "/private/etc/security/audit_control";

/// Its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditControl {
    entries: Vec<(String, String)>,
}

/// What does it say? `None` where it is not there.
#[must_use]
pub fn file() -> Question<Option<AuditControl>> {
    Question::file(PATH, parse)
}

/// Reads lines of `parameter:value`, blank ones and comments aside.
///
/// # Errors
/// [`Misread`] for another line, for a last line that does not end, and for a file without any.
fn parse(file: &FileAnswer) -> Result<Option<AuditControl>, Misread> {
    const EXPECTED: &str = "lines of parameter:value, the last one ended";
    let FileAnswer::Present { bytes, .. } = file else { return Ok(None) };
    let fail = || Misread::new(EXPECTED, String::from_utf8_lossy(bytes));
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.ends_with('\n')).ok_or_else(fail)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let entry = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let plain = name.bytes().all(|c| c.is_ascii_lowercase() || c == b'-') && !name.is_empty();
        plain.then(|| (name.to_owned(), value.trim().to_owned()))
    };
    let entries = lines.map(entry).collect::<Option<Vec<_>>>().filter(|all| !all.is_empty()).ok_or_else(fail)?;
    Ok(Some(AuditControl { entries }))
}

impl AuditControl {
    /// The values of a parameter, in order.
    #[must_use]
    pub fn values(&self, parameter: &str) -> Vec<&str> {
        self.entries.iter().filter(|(name, _)| name == parameter).map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a parameter that is there once; `None` where it is not.
    #[must_use]
    pub fn value(&self, parameter: &str) -> Option<&str> {
        match self.values(parameter)[..] {
            [value] => Some(value),
            _ => None,
        }
    }
}

/// One entry of a list of event classes: `lo`, `-fm`, `^+ad`.
struct Flag<'a> {
    takes_away: bool,
    succeeded: bool,
    failed: bool,
    class: &'a str,
}

/// The entries of a list of event classes.
///
/// # Errors
/// [`Misread`] for an entry that is none.
fn flags(list: &str) -> Result<Vec<Flag<'_>>, Misread> {
    list.split(',')
        .map(str::trim)
        .map(|entry| {
            let class = entry.trim_start_matches('^').trim_start_matches(['-', '+']);
            let signs = entry.len() - class.len();
            let in_order = signs < 2 || signs == 2 && entry.starts_with('^') && !entry.starts_with("^^");
            let plain = !class.is_empty() && class.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
            if !plain || !in_order {
                return Err(Misread::new("audit classes such as lo,aa,-fm", list));
            }
            let takes_away = entry.starts_with('^');
            let sign = entry.trim_start_matches('^');
            Ok(Flag { takes_away, succeeded: !sign.starts_with('-'), failed: !sign.starts_with('+'), class })
        })
        .collect()
}

/// The entries of `wanted` that the classes `listed` do not cover. A class without a sign covers both signs, `all` covers every
/// class, and `^` takes away what stood before it.
///
/// # Errors
/// [`Misread`] where either is no list of classes.
pub fn uncovered(listed: &str, wanted: &str) -> Result<Vec<String>, Misread> {
    let listed = flags(listed)?;
    let covers = |class: &str, of: fn(&Flag<'_>) -> bool| {
        let mut about = listed.iter().filter(|flag| of(flag) && (flag.class == class || flag.class == "all"));
        about.next_back().is_some_and(|flag| !flag.takes_away)
    };
    let missing = flags(wanted)?.into_iter().zip(wanted.split(',')).filter(|(flag, _)| {
        flag.succeeded && !covers(flag.class, |flag| flag.succeeded)
            || flag.failed && !covers(flag.class, |flag| flag.failed)
    });
    Ok(missing.map(|(_, words)| words.trim().to_owned()).collect())
}

/// Whether trails that expire as `expiry` says are kept for `days` or up to `gigabytes`: `60d`, `5G`, `60d OR 5G`. With OR
/// each of the two conditions lets a trail expire, with AND only both together.
///
/// # Errors
/// [`Misread`] for another form.
pub fn keeps(expiry: &str, days: i64, gigabytes: i64) -> Result<bool, Misread> {
    let fail = || Misread::new("an age or a size, or two with AND or OR between, such as 60d OR 5G", expiry);
    let suffices = |part: &str| -> Option<bool> {
        let unit = part.chars().last().filter(char::is_ascii_alphabetic)?;
        let number: i64 = part.strip_suffix(unit)?.parse().ok().filter(|number| *number >= 0)?;
        let (factor, least) = match unit {
            's' => (1, days.checked_mul(86_400)?),
            'h' => (3_600, days.checked_mul(86_400)?),
            'd' => (86_400, days.checked_mul(86_400)?),
            'y' => (31_536_000, days.checked_mul(86_400)?),
            'B' => (1, gigabytes.checked_mul(1 << 30)?),
            'K' => (1 << 10, gigabytes.checked_mul(1 << 30)?),
            'M' => (1 << 20, gigabytes.checked_mul(1 << 30)?),
            'G' => (1 << 30, gigabytes.checked_mul(1 << 30)?),
            _ => return None,
        };
        Some(number.checked_mul(factor)? >= least)
    };
    let words: Vec<&str> = expiry.split_whitespace().collect();
    match words.as_slice() {
        [one] => suffices(one).ok_or_else(fail),
        [one, word, other] => {
            let (one, other) = (suffices(one).ok_or_else(fail)?, suffices(other).ok_or_else(fail)?);
            match word.to_ascii_uppercase().as_str() {
                "OR" => Ok(one && other),
                "AND" => Ok(one || other),
                _ => Err(fail()),
            }
        }
        _ => Err(fail()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<AuditControl>, Misread> {
        parse(&FileAnswer::Present { bytes: text.into(), owner: 0, mode: 0o400 })
    }

    #[test]
    fn lines_are_read_whole_or_not_at_all() {
        let found = read("#\n# comment\ndir:/var/audit\nflags: lo,aa\ndir:/Volumes/x\n").unwrap().unwrap();
        assert_eq!(found.values("dir"), ["/var/audit", "/Volumes/x"]);
        assert_eq!((found.value("flags"), found.value("dir"), found.value("x")), (Some("lo,aa"), None, None));
        assert_eq!(parse(&FileAnswer::Absent), Ok(None));
        for bad in ["", "\n", "# only\n", "dir:/var/audit", "dir\n", "<true/>:\n", "dir:/var/audit\nwords\n"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn classes_cover_each_other_as_the_manual_says() {
        for (listed, wanted, missing) in [
            ("lo,aa,ad,-ex,-fm,-fr,-fw", "lo,aa,ad,-ex,-fm,-fr,-fw", ""),
            ("lo,aa", "lo,aa,ad", "ad"),
            ("fm", "-fm", ""),
            ("-fm", "fm", "fm"),
            ("+lo,-lo", "lo", ""),
            ("all", "lo,-fm", ""),
            ("-all", "lo,-fm", "lo"),
            ("all,^fm", "lo,-fm", "-fm"),
            ("all,^+fm", "-fm", ""),
            ("^lo,lo", "lo", ""),
        ] {
            assert_eq!(uncovered(listed, wanted).unwrap().join(","), missing, "{listed} for {wanted}");
        }
        for bad in ["", "lo,", "lo,,aa", "lo aa", "--lo", "L0"] {
            assert!(uncovered(bad, "lo").is_err() && uncovered("lo", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn how_long_trails_are_kept_is_compared_by_value() {
        for (expiry, kept) in [
            ("60d OR 5G", true),
            ("90d", true),
            ("1y", true),
            ("5G", true),
            ("5120M", true),
            ("10M", false),
            ("59d", false),
            ("60d OR 10M", false),
            ("60d AND 10M", true),
            ("1d AND 10M", false),
            ("60d or 5G", true),
        ] {
            assert_eq!(keeps(expiry, 60, 5), Ok(kept), "{expiry}");
        }
        for bad in ["", "60", "d", "60 d", "60d 5G", "60d XOR 5G", "-60d", "60d OR", "60w", "9999999999999999999d"] {
            assert!(keeps(bad, 60, 5).is_err(), "{bad}");
        }
    }
}
