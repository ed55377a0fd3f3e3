//! The posture document: what decides whether a Mac may be trusted, each fact with when it was seen and until when it may be
//! believed.
//!
//! A value stands only behind the instant at which it ends: `"value": {"2026-11-22T12:00:00.000Z": "yes"}`. Whoever wants it must
//! take that instant in hand; a consumer that takes a stale value for a true one would have to go out of its way. What is not
//! known, or has outlived its limit when the document is made, has no value at all: `{}`.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use serde_json::{Map, Value, json};

use super::local;
use super::style::{Style, Tone};
use crate::clock::{self, stamp};
use crate::control::{Cadence, Control};
use crate::facts::Facts;
use crate::ledger::history::History;
use crate::policy::Policy;
use crate::policy::tables::{CHECK_INTERVAL, SCHEDULE, SLOW_CHECK_INTERVAL};

/// How many looks on schedule may be missed before a fact says nothing any more.
const LOOKS: i64 = 4;
/// No fact is given up sooner, in seconds: device trust is commonly reckoned in hours.
const SHORTEST: i64 = 2 * 3600;
/// By how much a look may be from the future: clocks are set.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// The macOS major versions that Apple mends as of this release: the newest three, as it has done for years. Apple publishes no
/// such list.
const MENDED: [u32; 3] = [15, 26, 27];

/// The facts that a control answers: name, the control's id, what is said where it holds and where it does not.
const BY_CONTROL: [(&str, &str, [&str; 2]); 13] = [
    ("managed", "mdm_enrolled", ["yes", "no"]),
    ("enrollment", "mdm_automated_enrollment", ["automated", "by_hand"]),
    ("encrypted", "filevault_on", ["yes", "no"]),
    ("recovery_key_escrowed", "filevault_recovery_key_escrowed", ["yes", "no"]),
    ("firewall", "firewall_on", ["on", "off"]),
    ("screen_lock", "screen_lock_password_required", ["on", "off"]),
    ("screen_lock_delay", "screen_lock_password_delay", ["within_limit", "over_limit"]),
    ("macos_minimum_met", "update_minimum_macos", ["yes", "no"]),
    ("secure_boot", "secure_boot", ["full", "reduced"]),
    ("system_integrity_protection", "system_integrity_protection", ["on", "off"]),
    ("sealed_system_volume", "sealed_system_volume", ["on", "off"]),
    ("secure_tokens", "secure_tokens", ["all", "not_all"]),
    ("bootstrap_token", "bootstrap_token", ["escrowed", "not_escrowed"]),
];

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its name.
    pub name: &'static str,
    /// The control that answers it; `None` where the survey of the Mac does.
    pub control: Option<&'static str>,
    /// By what question, in words.
    pub question: &'static str,
    /// When it was last looked at; `None` where it never was, or policy has the control off.
    pub seen: Option<DateTime<Utc>>,
    /// For how long after that it may be believed, in seconds.
    pub limit: i64,
    /// What was seen, or why nothing is known.
    pub said: Result<String, Lack>,
}

/// Why a fact has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It was looked at, and could not be told.
    Unread,
    /// Policy has its control off: nobody looks.
    Off,
    /// Its control is exempt: whether it holds is not judged.
    Exempt,
    /// It was never looked at.
    Never,
    /// What was seen has outlived its limit, or is from the future.
    Stale,
}

impl Lack {
    /// Its word in the document.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Off => "off",
            Self::Exempt => "exempt",
            Self::Never => "never_looked_at",
            Self::Stale => "stale",
        }
    }
}

impl Fact {
    /// The instant at which the value ends; `None` where there is none, or none any more at `now`.
    #[must_use]
    pub fn until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let seen = self.seen.filter(|seen| *seen <= now + AHEAD && self.said.is_ok())?;
        seen.checked_add_signed(TimeDelta::seconds(self.limit)).filter(|until| *until > now)
    }

    /// The value at `now` with the instant at which it ends, or why there is none.
    ///
    /// # Errors
    /// Why nothing is known.
    fn value(&self, now: DateTime<Utc>) -> Result<(&str, DateTime<Utc>), Lack> {
        let said = self.said.as_deref().map_err(|lack| *lack)?;
        Ok((said, self.until(now).ok_or(Lack::Stale)?))
    }
}

/// How the Mac is known to be.
#[derive(Clone, Debug)]
pub struct Posture {
    /// When it was put together.
    pub now: DateTime<Utc>,
    /// The facts, in order.
    pub facts: Vec<Fact>,
}

impl Posture {
    /// Puts it together out of what is on record, and of what kind of Mac it is, where that is known at `now`.
    #[must_use]
    pub fn of(
        catalogue: &[&'static Control],
        history: &History,
        policy: &Policy,
        mac: Option<&Facts>,
        now: DateTime<Utc>,
    ) -> Self {
        let limit = |cadence: Cadence| {
            let setting = if cadence == Cadence::Cheap { &CHECK_INTERVAL } else { &SLOW_CHECK_INTERVAL };
            LOOKS.saturating_mul(policy.section(&SCHEDULE).integer(setting)).max(SHORTEST)
        };
        let mut facts = Vec::new();
        for (name, id, [holds, does_not]) in BY_CONTROL {
            let Some(control) = catalogue.iter().find(|control| control.id == id) else { continue };
            let standing = history.controls.get(id);
            let said = match standing.map(|standing| standing.state.as_str()) {
                Some("compliant") => Ok(holds),
                Some("drifted") => Ok(does_not),
                Some("not_applicable") => Ok("not_applicable"),
                Some("off") => Err(Lack::Off),
                Some("exempt") => Err(Lack::Exempt),
                // A word of another version says no more than unknown does.
                Some(_) => Err(Lack::Unread),
                None => Err(Lack::Never),
            };
            let looked = standing.filter(|_| said != Err(Lack::Off));
            facts.push(Fact {
                name,
                control: Some(id),
                question: control.check,
                seen: looked.and_then(|standing| clock::read(&standing.seen_at)),
                limit: limit(control.cadence),
                said: said.map(str::to_owned),
            });
        }
        let of_mac = |name, question, said: Option<String>| {
            let seen = said.is_some().then_some(now);
            let said = said.ok_or(Lack::Unread);
            Fact { name, control: None, question, seen, limit: limit(Cadence::Slow), said }
        };
        let mended = |facts: &Facts| if MENDED.contains(&facts.macos.major()) { "yes" } else { "no" };
        facts.push(of_mac("macos", "sw_vers", mac.map(|facts| facts.macos.to_string())));
        facts.push(of_mac(
            "macos_supported",
            "sw_vers, held against the versions that Apple mended when this release was made",
            mac.map(|facts| mended(facts).to_owned()),
        ));
        Self { now, facts }
    }

    /// The document.
    #[must_use]
    pub fn json(&self, simulated: Option<&str>) -> Value {
        let mut facts = Map::new();
        for fact in &self.facts {
            let mut value = Map::new();
            let known = fact.value(self.now);
            if let Ok((said, until)) = known {
                value.insert(stamp(until), said.into());
            }
            facts.insert(
                fact.name.to_owned(),
                json!({
                    "value": value,
                    "unknown": known.err().map(Lack::word),
                    "seen": fact.seen.map(stamp),
                    "limit_seconds": fact.limit,
                    "control": fact.control,
                    "question": fact.question,
                }),
            );
        }
        json!({ "v": 1, "agent": env!("CARGO_PKG_VERSION"), "simulated": simulated, "made": stamp(self.now), "facts": facts })
    }

    /// For people.
    #[must_use]
    pub fn text<Z: TimeZone>(&self, zone: &Z, style: &Style) -> String {
        let width = self.facts.iter().map(|fact| fact.name.len()).max().unwrap_or(0);
        let mut out = String::new();
        for fact in &self.facts {
            let known = fact.value(self.now);
            let (word, tone) = known.map_or(("unknown", Tone::Unsure), |(said, _)| (said, tone(said)));
            let at = fact.seen.map(|seen| local::at(seen, zone));
            let when = match (known, at) {
                (Ok(_), Some(at)) => format!("seen {at}"),
                (Err(Lack::Off), _) => "not looked at: policy has it off".to_owned(),
                (Err(Lack::Exempt), Some(at)) => format!("exempt; last looked at {at}"),
                (Err(Lack::Stale), Some(at)) => format!("not looked at since {at}"),
                (Err(_), Some(at)) => format!("could not be told at {at}"),
                (_, None) => "never looked at".to_owned(),
            };
            let pad = " ".repeat(15_usize.saturating_sub(word.chars().count()));
            out.push_str(&format!("{:<width$}  {}{pad} {when}\n", fact.name, style.paint(word, tone)));
        }
        out
    }
}

fn tone(said: &str) -> Tone {
    match said {
        "no" | "off" | "over_limit" | "by_hand" | "reduced" | "not_all" | "not_escrowed" => Tone::Bad,
        "not_applicable" => Tone::Quiet,
        _ => Tone::Good,
    }
}

#[cfg(test)]
mod tests;
