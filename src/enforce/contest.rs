//! Whether a drifted setting may be mended now: pure, from how it stands, what policy allows, and the time.

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock;
use crate::ledger::history::Standing;
use crate::policy::{Policy, tables};

/// For how long a mend counts.
const DAY: TimeDelta = TimeDelta::days(1);
/// The longest wait between two tries.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// A time on record that lies further ahead than this comes from a clock that has been set back since, and says nothing.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// What policy allows in mending the same setting again.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How often within a day.
    pub most: usize,
    /// How long to wait before the second time; twice as long each further time.
    pub first_delay: TimeDelta,
    /// After how long a contested setting is tried again.
    pub rearm: TimeDelta,
    /// The policy's digest: a contested setting is tried again when it is another one.
    pub digest: String,
}

impl Limits {
    /// What `policy` has in its section `Contested`.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        let section = policy.section(&tables::CONTESTED);
        Self {
            most: usize::try_from(section.integer(&tables::CONTESTED_LIMIT)).unwrap_or(usize::MAX),
            first_delay: TimeDelta::seconds(section.integer(&tables::CONTESTED_FIRST_DELAY)),
            rearm: TimeDelta::hours(section.integer(&tables::CONTESTED_REARM)),
            digest: policy.digest(),
        }
    }

    /// How long to wait after so many tries.
    fn delay(&self, tries: usize) -> TimeDelta {
        let Some(doublings) = tries.checked_sub(1) else { return TimeDelta::zero() };
        let factor = 1_i32.checked_shl(u32::try_from(doublings).unwrap_or(u32::MAX)).filter(|factor| *factor > 0);
        factor.and_then(|factor| self.first_delay.checked_mul(factor)).map_or(LONGEST, |delay| delay.min(LONGEST))
    }
}

/// What may be done about a drifted setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum May {
    /// Mend it.
    Mend,
    /// It was contested, and may be mended again.
    Rearm {
        /// Why, in words.
        because: String,
    },
    /// Nothing before then.
    Wait {
        /// When it may be mended again.
        until: DateTime<Utc>,
    },
    /// Nothing: from now on it is contested.
    Contend {
        /// When it was mended within the last day, RFC 3339, oldest first.
        mended: Vec<String>,
    },
    /// Nothing: it is contested.
    Leave {
        /// Since when, RFC 3339.
        since: String,
        /// How often it had been mended.
        times: usize,
    },
}

/// What may be done about a setting that stands so and is drifted `now`.
#[must_use]
pub fn may_mend(standing: &Standing, limits: &Limits, now: DateTime<Utc>) -> May {
    if let Some(since) = &standing.contested {
        return match rearmed(standing, since, limits, now) {
            Some(because) => May::Rearm { because },
            None => May::Leave { since: since.clone(), times: standing.mended.len() },
        };
    }
    let mended = mended(standing, now);
    if mended.len() >= limits.most {
        return May::Contend { mended: mended.into_iter().map(|(text, _)| text.clone()).collect() };
    }
    let last = mended.iter().map(|(_, at)| *at).chain(tried_at(standing, now)).max();
    match last.and_then(|last| last.checked_add_signed(limits.delay(tries(standing, mended.len())))) {
        Some(until) if until > now => May::Wait { until },
        _ => May::Mend,
    }
}

/// When a setting that stands so, and that a change made `now` did not bring about, may be tried again.
#[must_use]
pub fn after_failure(standing: &Standing, limits: &Limits, now: DateTime<Utc>) -> DateTime<Utc> {
    let tries = tries(standing, mended(standing, now).len()).saturating_add(1);
    now.checked_add_signed(limits.delay(tries)).unwrap_or(now)
}

/// How many tries the next one must keep its distance from. What was set back while it was mended is both.
fn tries(standing: &Standing, mended: usize) -> usize {
    mended.max(usize::try_from(standing.failures).unwrap_or(usize::MAX))
}

/// The mends of the last day, and a change whose result is not on record: it may have been made.
fn mended(standing: &Standing, now: DateTime<Utc>) -> Vec<(&String, DateTime<Utc>)> {
    let unresolved = standing.tried_at.as_ref().filter(|_| standing.trying);
    let all = standing.mended.iter().chain(unresolved);
    let dated = all.filter_map(|text| Some((text, past(text, now)?)));
    dated.filter(|(_, at)| now.signed_duration_since(*at) < DAY).collect()
}

fn tried_at(standing: &Standing, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    past(standing.tried_at.as_deref()?, now)
}

/// Why a contested setting may be mended again, where it may.
fn rearmed(standing: &Standing, since: &str, limits: &Limits, now: DateTime<Utc>) -> Option<String> {
    if standing.contested_policy.as_ref().is_some_and(|policy| *policy != limits.digest) {
        return Some("policy has changed since it became contested".to_owned());
    }
    match past(since, now) {
        Some(since) if now.signed_duration_since(since) < limits.rearm => None,
        Some(_) => Some(format!("contested for {}", crate::text::count(hours(limits.rearm), "hour", "hours"))),
        None => Some(format!("contested since {since}, which the clock has not reached")),
    }
}

fn hours(time: TimeDelta) -> usize {
    usize::try_from(time.num_hours()).unwrap_or(usize::MAX)
}

/// A time on record; `None` where it is none, or lies ahead.
fn past(time: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let time = clock::read(time)?;
    (time.signed_duration_since(now) <= AHEAD).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::stamp;

    fn limits() -> Limits {
        Limits { most: 5, first_delay: TimeDelta::seconds(10), rearm: TimeDelta::hours(24), digest: "aa".to_owned() }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(100) + TimeDelta::seconds(seconds)
    }

    fn mended(seconds: &[i64]) -> Standing {
        let mended: Vec<String> = seconds.iter().map(|seconds| stamp(at(*seconds))).collect();
        Standing { tried_at: mended.last().cloned(), mended, ..Standing::default() }
    }

    fn wait(standing: &Standing, now: i64) -> May {
        may_mend(standing, &limits(), at(now))
    }

    #[test]
    fn each_further_mend_waits_twice_as_long_up_to_an_hour() {
        assert_eq!(wait(&Standing::default(), 0), May::Mend);
        let mut made = vec![0];
        for delay in [10, 20, 40, 80] {
            let last = *made.last().unwrap();
            assert_eq!(wait(&mended(&made), last + delay - 1), May::Wait { until: at(last + delay) }, "{delay}");
            assert_eq!(wait(&mended(&made), last + delay), May::Mend, "{delay}");
            made.push(last + delay);
        }
        let contend = wait(&mended(&made), made[4]);
        assert_eq!(contend, May::Contend { mended: made.iter().map(|seconds| stamp(at(*seconds))).collect() });
        for failures in [10, 31, 32, 33, u32::MAX] {
            let refused = Standing { failures, tried_at: Some(stamp(at(0))), ..Standing::default() };
            assert_eq!(wait(&refused, 3599), May::Wait { until: at(3600) }, "{failures}");
            assert_eq!(wait(&refused, 3600), May::Mend, "{failures}");
        }
    }

    #[test]
    fn a_refusal_backs_off_and_is_never_contested() {
        let refused = Standing { failures: 3, tried_at: Some(stamp(at(0))), ..Standing::default() };
        assert_eq!(wait(&refused, 39), May::Wait { until: at(40) });
        assert_eq!(after_failure(&refused, &limits(), at(40)), at(40 + 80));
        let often = Standing { failures: 500, ..refused };
        assert_eq!(wait(&often, 3600), May::Mend);
    }

    #[test]
    fn mends_of_more_than_a_day_ago_do_not_count() {
        let day = 86_400;
        assert!(matches!(wait(&mended(&[0, 10, 30, 70, 150]), day - 1), May::Contend { .. }));
        assert_eq!(wait(&mended(&[0, 10, 30, 70, 150]), day), May::Mend);
    }

    #[test]
    fn a_change_without_a_result_counts_as_a_mend() {
        let mut crashed = mended(&[0, 10, 30, 70]);
        (crashed.tried_at, crashed.trying) = (Some(stamp(at(150))), true);
        assert!(matches!(wait(&crashed, 150), May::Contend { mended } if mended.len() == 5));
        let first = Standing { tried_at: Some(stamp(at(0))), trying: true, failures: 1, ..Standing::default() };
        assert_eq!(wait(&first, 9), May::Wait { until: at(10) });
    }

    #[test]
    fn a_contested_setting_is_left_until_time_or_policy_says_otherwise() {
        let mut standing = mended(&[0, 10, 30, 70, 150]);
        standing.contested = Some(stamp(at(200)));
        standing.contested_policy = Some("aa".to_owned());
        assert_eq!(wait(&standing, 200), May::Leave { since: stamp(at(200)), times: 5 });
        assert!(matches!(wait(&standing, 200 + 86_399), May::Leave { .. }));
        assert!(matches!(wait(&standing, 200 + 86_400), May::Rearm { because } if because == "contested for 24 hours"));
        standing.contested_policy = Some("bb".to_owned());
        assert!(matches!(wait(&standing, 201), May::Rearm { because } if because.contains("policy has changed")));
        // By which policy it became contested is not known: time alone tells.
        standing.contested_policy = None;
        assert!(matches!(wait(&standing, 201), May::Leave { .. }));
    }

    #[test]
    fn a_clock_that_was_set_back_neither_blocks_for_long_nor_frees_at_once() {
        let mut standing = mended(&[1000, 1010]);
        assert_eq!(wait(&standing, 1010 - 300), May::Wait { until: at(1030) });
        assert_eq!(wait(&standing, 600), May::Mend);
        standing.contested = Some(stamp(at(1000)));
        assert!(matches!(wait(&standing, 999), May::Leave { .. }));
        assert!(matches!(wait(&standing, 600), May::Rearm { .. }));
    }
}
