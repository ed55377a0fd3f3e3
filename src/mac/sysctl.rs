//! `sysctl`: the boot session. Its UUID changes with every start of the Mac.

use serde::Serialize;

use super::lines::{Reply, is_uuid};
use super::{Invocation, Misread, Output, Question};

/// The boot that the Mac is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BootSession {
    /// `kern.bootsessionuuid`.
    pub uuid: String,
}

/// Which boot is this?
#[must_use]
pub fn boot_session() -> Question<BootSession> {
    Question::lines(Invocation::new("/usr/sbin/sysctl", &["-n", "kern.bootsessionuuid"]), parse)
}

/// Reads the answer.
///
/// # Errors
/// [`Misread`] for anything but one UUID.
pub(crate) fn parse(output: &Output) -> Result<BootSession, Misread> {
    let reply = Reply::of(output)?;
    reply.status_in(&[0], "a UUID")?;
    let uuid = reply.only("a UUID")?;
    if is_uuid(uuid) { Ok(BootSession { uuid: uuid.to_owned() }) } else { Err(reply.misread("a UUID")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    #[test]
    fn one_uuid_is_read_and_nothing_else() {
        let uuid = "0B7C6E5D-1111-4222-8333-944455556666";
        assert_eq!(parse(&out(&format!("{uuid}\n"))).unwrap().uuid, uuid);
        assert!(parse(&out_with(1, uuid)).is_err());
        for bad in ["", "0B7C6E5D-1111-4222-8333-94445555666\n", "sysctl: unknown oid 'kern.bootsessionuuid'\n"] {
            assert!(parse(&out(bad)).is_err(), "{bad}");
        }
    }
}
