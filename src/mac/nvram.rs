//! `nvram`: what the firmware hands to the kernel at start-up.

use serde::Serialize;

use super::lines::{Reply, said};
use super::{Invocation, Misread, Output, Question};

/// The arguments that the kernel is started with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BootArguments {
    /// In order; `None` where the variable is not set, as on a Mac nobody changed.
    pub boot_arguments: Option<Vec<String>>,
}

/// Which arguments is the kernel started with?
#[must_use]
pub fn boot_arguments() -> Question<BootArguments> {
    Question::lines(Invocation::new("/usr/sbin/nvram", &["boot-args"]), parse_boot_arguments)
}

/// How the tool says that there is no such variable, on standard error and with status 1: that wording, whole, and no other.
const UNSET: &str = "nvram: Error getting variable - 'boot-args': (iokit/common) data was not found";

/// Reads the answer: the name, a TAB and the value, in which the tool writes bytes that do not print as `%` and two digits.
///
/// # Errors
/// [`Misread`] for anything but that line, or the one that says that the variable is not set.
pub(crate) fn parse_boot_arguments(output: &Output) -> Result<BootArguments, Misread> {
    const EXPECTED: &str = "\"boot-args\", a TAB and the arguments, or that the variable is not set";
    // Both streams: on which one the tool says that there is none is known from its source alone.
    let reply = Reply::merged(output)?;
    let line = reply.only(EXPECTED)?;
    if said(line, UNSET) {
        reply.status_in(&[1], EXPECTED)?;
        return Ok(BootArguments { boot_arguments: None });
    }
    reply.status_in(&[0], EXPECTED)?;
    let value = match line.split_once('\t') {
        Some(("boot-args", value)) => value,
        // A value of blanks alone goes with those at the end of the line.
        None if line == "boot-args" => "",
        _ => return Err(reply.misread(EXPECTED)),
    };
    let value = unescaped(value).ok_or_else(|| reply.misread(EXPECTED))?;
    // The kernel parts its arguments at blanks and TABs.
    let arguments = value.split([' ', '\t', '\0']).filter(|argument| !argument.is_empty()).map(str::to_owned);
    Ok(BootArguments { boot_arguments: Some(arguments.collect()) })
}

/// `text` with each `%` and its two digits as the byte that they stand for.
fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    fn read(text: &str) -> Option<Vec<String>> {
        parse_boot_arguments(&out(text)).unwrap().boot_arguments
    }

    #[test]
    fn arguments_are_parted_where_the_kernel_parts_them() {
        assert_eq!(read("boot-args\t-v keepsyms=1\n").unwrap(), ["-v", "keepsyms=1"]);
        assert_eq!(read("boot-args\tdebug=0x100%09amfi=3\n").unwrap(), ["debug=0x100", "amfi=3"]);
        assert_eq!(read("boot-args\t\n"), Some(vec![]));
        for bad in
            ["boot-args -v\n", "boot-args\t%4\n", "boot-args\t%zz\n", "boot-args\t%ff\n", "x\t-v\n", "", "a\nb\n"]
        {
            assert!(parse_boot_arguments(&out(bad)).is_err(), "{bad}");
        }
        assert!(parse_boot_arguments(&out_with(1, "boot-args\t-v\n")).is_err());
    }

    #[test]
    fn only_its_own_words_with_status_1_say_that_none_is_set() {
        let told =
            |status: i32, text: &str| parse_boot_arguments(&Output { status, stdout: Vec::new(), stderr: text.into() });
        let unset = format!("{UNSET}\n");
        assert_eq!(told(1, &unset), Ok(BootArguments { boot_arguments: None }));
        assert!(told(0, &unset).is_err());
        assert!(told(1, "").is_err());
        assert!(told(1, &unset.replace("data was not found", "not permitted")).is_err());
        assert!(told(1, &unset.replace("boot-args", "boot-arg")).is_err());
    }
}
