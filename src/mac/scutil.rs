//! `scutil --nc list`: virtual private network services and whether they are connected.

use serde::Serialize;

use super::lines::{Reply, is_uuid, said};
use super::{Invocation, Misread, Output, Question};

/// Services in the current network set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Services {
    /// In the order printed.
    pub services: Vec<Service>,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its name, as the user sees it.
    pub name: String,
    /// What stands in the brackets: `VPN:com.example.app`, `PPP:L2TP`.
    pub kind: String,
    /// `Connected`, `Disconnected`, `Connecting`, ...
    pub status: String,
}

/// Which services are there, and are they connected?
#[must_use]
pub fn connections() -> Question<Services> {
    Question::lines(Invocation::new("/usr/sbin/scutil", &["--nc", "list"]), parse_nc_list)
}

/// Reads the answer. A service line: a star where enabled, the status in parentheses, a UUID, the type, the name in quotes
/// and the kind in brackets.
///
/// # Errors
/// [`Misread`] where the first line or a part of a service line is missing.
pub(crate) fn parse_nc_list(output: &Output) -> Result<Services, Misread> {
    const EXPECTED: &str = "\"Available network connection services\" and service lines";
    let reply = Reply::of(output)?;
    reply.status_in(&[0], EXPECTED)?;
    let fail = || reply.misread(EXPECTED);
    let (first, rest) = reply.lines.split_first().ok_or_else(fail)?;
    if !said(first, "Available network connection services in the current set (*=enabled):") {
        return Err(fail());
    }
    let services = rest.iter().map(|line| service(line)).collect::<Option<_>>().ok_or_else(fail)?;
    Ok(Services { services })
}

fn service(line: &str) -> Option<Service> {
    let line = line.strip_prefix('*').unwrap_or(line).trim_start();
    let (status, rest) = line.strip_prefix('(')?.split_once(')')?;
    let (rest, kind) = rest.strip_suffix(']')?.rsplit_once('[')?;
    let (head, name) = rest.trim_end().strip_suffix('"')?.split_once('"')?;
    let known = is_uuid(head.split_whitespace().next()?) && ![status, kind, name].iter().any(|part| part.is_empty());
    known.then(|| Service { name: name.to_owned(), kind: kind.to_owned(), status: status.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    const HEAD: &str = "Available network connection services in the current set (*=enabled):\n";
    const ROW: &str =
        "* (Disconnected)   0B7C6E5D-1111-4222-8333-944455556666 VPN (com.x.y) \"My [old] VPN\"   [VPN:com.x.y]\n";

    #[test]
    fn services_are_read() {
        let read = parse_nc_list(&out(&format!("{HEAD}{ROW}"))).unwrap().services;
        assert_eq!(
            (read[0].name.as_str(), read[0].kind.as_str(), read[0].status.as_str()),
            ("My [old] VPN", "VPN:com.x.y", "Disconnected")
        );
        assert_eq!(parse_nc_list(&out(HEAD)).unwrap().services, []);
        for end in 1..ROW.trim_end().len() {
            assert!(
                parse_nc_list(&out(&format!("{HEAD}{}", &ROW[..end]))).is_err() || ROW[..end].trim() == "",
                "{}",
                &ROW[..end]
            );
        }
        assert!(parse_nc_list(&out(ROW)).is_err());
        assert!(parse_nc_list(&out_with(1, HEAD)).is_err());
    }
}
