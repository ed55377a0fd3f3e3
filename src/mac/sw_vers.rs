//! `sw_vers`: the macOS version. One tab after the colon up to 10.15, two on 26, spaces in some renderings.

use serde::Serialize;

use super::lines::Reply;
use super::{Invocation, Misread, Output, Question};

/// What `sw_vers` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OsVersion {
    /// `macOS`, or `Mac OS X` up to 10.15.
    pub product: String,
    /// `26.5.2`: one to four numbers joined by full stops.
    pub version: String,
    /// `(a)` where a rapid security response is installed.
    pub extra: Option<String>,
    /// `25F84`; a beta's ends in a small letter.
    pub build: String,
}

/// Which macOS is this?
#[must_use]
pub fn version() -> Question<OsVersion> {
    Question::lines(Invocation::new("/usr/bin/sw_vers", &[]), parse)
}

/// Reads the answer.
///
/// # Errors
/// [`Misread`] for anything but the three or four known lines, each once.
pub(crate) fn parse(output: &Output) -> Result<OsVersion, Misread> {
    const EXPECTED: &str = "ProductName, ProductVersion and BuildVersion";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    let (mut product, mut version, mut extra, mut build) = (None, None, None, None);
    for line in &reply.lines {
        let (key, value) = line.split_once(':').ok_or_else(fail)?;
        let slot = match key {
            "ProductName" => &mut product,
            "ProductVersion" => &mut version,
            "ProductVersionExtra" => &mut extra,
            "BuildVersion" => &mut build,
            _ => return Err(fail()),
        };
        let value = value.trim();
        if value.is_empty() && key == "ProductVersionExtra" {
            continue;
        }
        if value.is_empty() || slot.replace(value.to_owned()).is_some() {
            return Err(fail());
        }
    }
    let version = version.filter(|text| is_version(text)).ok_or_else(fail)?;
    let build = build.filter(|text| is_build(text)).ok_or_else(fail)?;
    Ok(OsVersion { product: product.ok_or_else(fail)?, version, extra, build })
}

fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() <= 4 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// Digits, a capital letter, digits, at most one small letter: `22E772610a`.
fn is_build(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let body = text.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(text);
    body.split_once(|c: char| c.is_ascii_uppercase()).is_some_and(|(train, number)| digits(train) && digits(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    #[test]
    fn every_spacing_is_read() {
        for gap in ["\t", "\t\t", "      "] {
            let text = format!("ProductName:{gap}macOS\nProductVersion:{gap}26.1\nBuildVersion:{gap}25B78\n");
            let read = parse(&out(&text)).unwrap();
            assert_eq!((read.version.as_str(), read.build.as_str(), read.extra), ("26.1", "25B78", None));
        }
        let rsr =
            "ProductName:\tmacOS\nProductVersion:\t13.4.1\nProductVersionExtra:\t(c)\nBuildVersion:\t22F770820d\n";
        assert_eq!(parse(&out(rsr)).unwrap().extra.as_deref(), Some("(c)"));
        assert_eq!(parse(&out(&rsr.replace("(c)", ""))).unwrap().extra, None);
    }

    #[test]
    fn anything_else_is_refused() {
        let whole = "ProductName:\tmacOS\nProductVersion:\t15.1\nBuildVersion:\t24B83\n";
        assert!(parse(&out(whole)).is_ok());
        assert!(parse(&out_with(99, whole)).is_err());
        for bad in [
            "",
            "ProductName:\tmacOS\nProductVersion:\t15.1\n",
            "ProductName:\tmacOS\nProductVersion:\t15.\nBuildVersion:\t24B83\n",
        ] {
            assert!(parse(&out(bad)).is_err(), "{bad}");
        }
        for extra in ["ProductVersion:\t15.2\n", "Warning: something\n", "nonsense\n", "BuildVersion:\t\n"] {
            assert!(parse(&out(&format!("{whole}{extra}"))).is_err(), "{extra}");
        }
    }
}
