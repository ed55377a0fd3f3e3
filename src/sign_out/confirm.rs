//! Whether the VPN of Jamf Trust went down after a sign-out, the nearest that can be seen of it.

use chrono::{DateTime, TimeDelta, Utc};

use super::owed::plus;
use crate::host::{Look, ask};
use crate::ledger::Stage;
use crate::mac::jamf_trust::IDENTIFIER;
use crate::mac::scutil;
use crate::text::excerpt;

/// How long to wait between two looks.
pub const BETWEEN: TimeDelta = TimeDelta::seconds(2);
/// How late the last look may be, for the time that tools take.
const SLACK: TimeDelta = TimeDelta::seconds(5);

/// What `scutil` says of the app's VPN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vpn {
    /// At least one service of the app is connected.
    Connected,
    /// None is, and one is going down.
    GoingDown,
    /// None is: the status of the first, in `scutil`'s word.
    Down(String),
    /// The app has no service in the current set.
    Absent,
    /// It could not be read: why.
    Unread(String),
}

/// Looks at it.
#[must_use]
pub fn vpn(look: &dyn Look) -> Vpn {
    let services = match ask(look, &scutil::connections()) {
        Ok(list) => list.services,
        Err(error) => return Vpn::Unread(error.chain()),
    };
    let of_app: Vec<&str> =
        services.iter().filter(|service| service.kind.contains(IDENTIFIER)).map(|service| &*service.status).collect();
    match of_app.first() {
        None => Vpn::Absent,
        Some(_) if of_app.contains(&"Connected") => Vpn::Connected,
        Some(_) if of_app.contains(&"Disconnecting") => Vpn::GoingDown,
        Some(status) => Vpn::Down(excerpt(status)),
    }
}

/// A delivered sign-out that waits for its VPN to go down.
#[derive(Clone, Debug)]
pub struct Watching {
    before: Vpn,
    until: DateTime<Utc>,
    within: TimeDelta,
    /// Looks that are left, so that a clock that is set back makes it no longer.
    looks: i64,
}

impl Watching {
    /// Watches a sign-out that was delivered at `delivered`; `before` is how the VPN was before it.
    #[must_use]
    pub fn new(before: Vpn, delivered: DateTime<Utc>, within: TimeDelta) -> Self {
        Self { before, until: plus(delivered, within), within, looks: within.num_seconds().max(0) + 5 }
    }

    /// Looks, and says how it ended, with the reason in words; `None` while that is not known.
    #[must_use]
    pub fn look(&mut self, look: &dyn Look, now: DateTime<Utc>) -> Option<(Stage, String)> {
        let unconfirmed = |why: String| Some((Stage::Unconfirmed, why));
        match &self.before {
            Vpn::Connected => {}
            Vpn::GoingDown => return unconfirmed("its VPN was going down before".to_owned()),
            Vpn::Down(status) => return unconfirmed(format!("its VPN was not connected before ({status})")),
            Vpn::Absent => return unconfirmed("no VPN service of Jamf Trust was there before".to_owned()),
            Vpn::Unread(why) => return unconfirmed(format!("its VPN could not be read before: {why}")),
        }
        self.looks -= 1;
        let (after, seconds) = (vpn(look), self.within.num_seconds());
        let in_time = now <= plus(self.until, SLACK);
        if let Vpn::Down(status) = &after {
            return Some(if in_time {
                (Stage::Confirmed, format!("its VPN was connected before and is not now ({status})"))
            } else {
                (Stage::Unconfirmed, format!("its VPN is not connected now, and nobody looked within {seconds} s"))
            });
        }
        if now < self.until && self.looks > 0 {
            return None;
        }
        unconfirmed(match after {
            Vpn::Absent => "its VPN service was connected before and is not listed now".to_owned(),
            Vpn::Unread(why) => format!("its VPN could not be read after it: {why}"),
            Vpn::GoingDown => format!("its VPN was still going down after {seconds} s"),
            _ => format!("its VPN was still connected after {seconds} s"),
        })
    }
}
