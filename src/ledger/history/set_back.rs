//! What becomes of the schedule where the clock was set back.

use chrono::TimeDelta;

use super::{History, is_plain};
use crate::clock;

/// How far the clock may be set back and nothing that was done comes again.
pub const SET_BACK: TimeDelta = TimeDelta::minutes(5);

impl History {
    /// The clock was set back to `to`. What was settled by more than [`SET_BACK`] later than that is settled up to `to`, and
    /// what counted from there counts from `to`: the times between come again, and none of them may go by unseen.
    pub(super) fn set_back(&mut self, to: &str) {
        let Some(now) = clock::read(to).filter(|_| is_plain(to)) else { return };
        let take_back = |time: &mut String| {
            if clock::read(time).is_some_and(|time| time - now > SET_BACK) {
                to.clone_into(time);
            }
        };
        for item in self.schedule.values_mut() {
            take_back(&mut item.anchor);
            item.settled.as_mut().into_iter().for_each(take_back);
        }
        for user in self.sign_outs.values_mut() {
            let before = user.before.as_mut().and_then(|before| before.at.as_mut());
            user.settled.as_mut().into_iter().chain(before).for_each(take_back);
        }
    }
}
