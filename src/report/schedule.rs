//! The schedule: what is done when, how it went, what was missed, and when it is due next.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use serde_json::{Value, json};

use super::local::{at, shown};
use super::style::{Style, Tone, count};
use crate::clock::{self, stamp};
use crate::ledger::Counts;
use crate::ledger::history::{self, History, ItemHistory, SignOutHistory};
use crate::policy::Policy;
use crate::schedule::{CatchUp, Form, Item, LastAlive, Work, decide, items, splay_as_followed};
use crate::text::visible;

/// Columns in front of what is said of an item.
const INDENT: usize = 14;

/// For how long the daemon may give no sign of life: it leaves one every 5 minutes.
const SILENCE: TimeDelta = TimeDelta::minutes(11);

/// One item, with how it stands.
#[derive(Debug)]
pub struct Row<'a> {
    /// The item, with the splay that the daemon gives it on this Mac.
    pub item: Item,
    /// How it stands by the ledger; `None` where no daemon has followed this schedule yet.
    pub standing: Option<&'a ItemHistory>,
    /// The time that a run is due for which was not made yet. Not of sign-outs, which each user owes apart.
    pub due: Option<DateTime<Utc>>,
    /// When it is due next; `None` where that is never, or counts from a time that is still to come.
    pub next: Option<DateTime<Utc>>,
    /// How each user's sign-outs stand, by short name; empty for what is no sign-out.
    pub users: Vec<(&'a str, &'a SignOutHistory)>,
}

impl Row<'_> {
    /// When it was last done, RFC 3339; for sign-outs, when one was last delivered.
    fn last_run(&self) -> Option<&str> {
        let delivered = self.users.iter().filter_map(|(_, user)| user.delivered_at.as_deref());
        delivered.chain(self.standing.and_then(|standing| standing.last_run.as_deref())).max()
    }
}

/// The schedule that `policy` comes to, as it stands by `history` at `now`.
#[must_use]
pub fn rows<'a, Z: TimeZone>(policy: &Policy, history: &'a History, now: DateTime<Utc>, zone: &Z) -> Vec<Row<'a>> {
    let row = |mut item: Item| {
        let standing = history.schedule.get(&item.name);
        let standing = standing.filter(|standing| {
            standing.form == history::form(&item.words) || splay_as_followed(&mut item, &standing.form)
        });
        let anchor = standing.and_then(|standing| clock::read(&standing.anchor));
        let settled = standing.and_then(|standing| clock::read(standing.settled.as_deref()?));
        let (due, next) = match anchor {
            Some(anchor) => {
                let decision = decide(&item, anchor, settled, None, now, zone, &[]);
                (decision.due.map(|due| due.slot).filter(|_| item.work != Work::SignOut), decision.next)
            }
            None => {
                // When an interval begins is not known yet.
                let forms = item.forms.iter().filter(|form| !matches!(form, Form::Interval(_))).cloned().collect();
                let known = Item { forms, ..item.clone() };
                (None, decide(&known, now, None, None, now, zone, &[]).next)
            }
        };
        let is_sign_out = item.work == Work::SignOut;
        let users = history.sign_outs.iter().filter(|_| is_sign_out).map(|(user, stands)| (user.as_str(), stands));
        Row { standing, due, next, users: users.collect(), item }
    };
    // What a device is splayed by is on record.
    items(policy, "").into_iter().map(row).collect()
}

/// The rows as JSON.
#[must_use]
pub fn to_json(rows: &[Row<'_>]) -> Value {
    rows.iter().map(row_json).collect()
}

fn row_json(row: &Row<'_>) -> Value {
    let Row { item, standing, due, next, users } = row;
    let controls = match &item.work {
        Work::Checks(controls) => Some(controls),
        Work::SignOut => None,
    };
    let last_missed = standing.and_then(|standing| standing.last_missed.as_ref());
    let user = |(user, stands): &(&str, &SignOutHistory)| {
        json!({
            "user": user,
            "stage": stands.stage,
            "at": stands.at,
            "due": stands.due,
            "detail": stands.detail,
            "until": stands.until,
            "delivered": stands.delivered,
            "delivered_at": stands.delivered_at,
        })
    };
    json!({
        "item": item.name,
        "schedule": item.words,
        "catch_up": match item.catch_up { CatchUp::Once => "once", CatchUp::Skip => "skip" },
        "splay": item.splay.num_seconds(),
        "needs_power": item.needs_power,
        "controls": controls,
        "followed_since": standing.map(|standing| &standing.anchor),
        "last_run": row.last_run(),
        "counts": standing.and_then(|standing| standing.last_counts),
        "due": due.map(stamp),
        "next_due": next.map(stamp),
        "missed": standing.map_or(0, |standing| standing.missed),
        "last_missed": last_missed.map(|missed| json!({
            "due": missed.due,
            "why": missed.why,
            "made_up": missed.made_up,
        })),
        "users": (item.work == Work::SignOut).then(|| users.iter().map(user).collect::<Vec<_>>()),
    })
}

/// The rows as text, with times in `zone`.
#[must_use]
/// `daemon` is what is said of the daemon.
pub fn text<Z: TimeZone>(rows: &[Row<'_>], daemon: &str, zone: &Z, style: &Style) -> String {
    let mut out = format!("{}\n", style.wrap(daemon, 0));
    if rows.is_empty() {
        out.push_str("Nothing is scheduled: policy selects no control, and no sign-out.\n");
    }
    for row in rows {
        out.push_str(&row_text(row, zone, style));
    }
    out
}

/// How the daemon stands: by the ledger, and by its last sign of life, which alone tells of one that was ended by force.
#[must_use]
pub fn daemon<Z: TimeZone>(history: &History, alive: Option<&LastAlive>, now: DateTime<Utc>, zone: &Z) -> String {
    match &history.daemon_since {
        Some(since) => {
            let since = shown(since, zone);
            match alive.filter(|alive| is_silent(alive, now)) {
                Some(alive) => format!(
                    "The daemon started {since}, and its last sign of life was {}: it was ended, or hangs, or the Mac has just \
                     woken.",
                    at(alive.moment.wall, zone)
                ),
                None => format!("The daemon has run since {since}."),
            }
        }
        None if history.schedule.is_empty() => {
            "No daemon has run on this Mac yet. Intervals count from its first start.".to_owned()
        }
        None => "The daemon does not run: it was told to stop.".to_owned(),
    }
}

/// Whether no sign of life has come for so long that the daemon may not be there any more.
#[must_use]
pub fn is_silent(alive: &LastAlive, now: DateTime<Utc>) -> bool {
    now - alive.moment.wall > SILENCE
}

fn row_text<Z: TimeZone>(row: &Row<'_>, zone: &Z, style: &Style) -> String {
    let Row { item, standing, due, next, users } = row;
    let mut out = format!("\n{}\n", style.paint(&item.name, Tone::Heading));
    let mut say = |word: &str, tone: Option<Tone>, text: &str| {
        let word: String = visible(word).chars().take(style.width.saturating_sub(2)).collect();
        // A long name has a line to itself.
        let room = INDENT.saturating_sub(2 + word.chars().count());
        let gap = if room > 0 { " ".repeat(room) } else { format!("\n{}", " ".repeat(INDENT)) };
        let word = tone.map_or_else(|| word.clone(), |tone| style.paint(&word, tone));
        out.push_str(&format!("  {word}{gap}{}\n", style.wrap(text, INDENT)));
    };
    let catch_up = match item.catch_up {
        CatchUp::Once => "",
        CatchUp::Skip => "; missed times are let go",
    };
    let what = match &item.work {
        Work::Checks(controls) if controls.len() > 1 => format!(", {}", count(controls.len(), "control", "controls")),
        _ => String::new(),
    };
    say("when", None, &format!("{}{what}{catch_up}", item.words));
    if standing.is_none() {
        say("", Some(Tone::Unsure), "no daemon has followed this schedule yet");
    }
    if item.work != Work::SignOut {
        say("last run", None, &row.last_run().map_or_else(|| "never".to_owned(), |at| shown(at, zone)));
        if let Some(counts) = standing.and_then(|standing| standing.last_counts) {
            let tone = if counts.drifted + counts.unknown > 0 { Tone::Bad } else { Tone::Good };
            // What falls together is one pass, and its counts are of everything in it.
            let alone =
                matches!(&item.work, Work::Checks(controls) if u32::try_from(controls.len()) == Ok(counts.total()));
            let with = if alone { "" } else { ", with what was due at the same time" };
            say("result", Some(tone), &format!("{}{with}", totals(&counts)));
        }
    }
    for (user, stands) in users {
        let name = if user.is_empty() { "nobody" } else { user };
        say(name, None, &sign_out(stands, zone));
    }
    if users.is_empty() && item.work == Work::SignOut {
        say("last run", None, "nobody was signed out yet");
    }
    if let Some(due) = due {
        say("due", Some(Tone::Unsure), &format!("since {}, and not done yet", at(*due, zone)));
    }
    say("next due", None, &next.map_or_else(|| not_known(item, standing.is_some()), |next| at(next, zone)));
    if let Some((standing, last)) = standing.and_then(|standing| Some((standing, standing.last_missed.as_ref()?))) {
        let why: Vec<String> = last.why.iter().map(|why| why.replace('_', " ")).collect();
        let made_up = last
            .made_up
            .as_ref()
            .map_or_else(|| "let go".to_owned(), |made_up| format!("made up {}", shown(made_up, zone)));
        let text = format!("{}, last {} ({}), {made_up}", standing.missed, shown(&last.due, zone), why.join(", "));
        say("missed", None, &text);
    }
    out
}

/// Why there is no next time.
fn not_known(item: &Item, is_followed: bool) -> String {
    let has = |wanted: fn(&Form) -> bool| item.forms.iter().any(wanted);
    if !is_followed && has(|form| matches!(form, Form::Interval(_))) {
        return "counts from the daemon's start".to_owned();
    }
    if has(|form| matches!(form, Form::Boot)) { "with the next start of the Mac" } else { "never again" }.to_owned()
}

fn sign_out<Z: TimeZone>(stands: &SignOutHistory, zone: &Z) -> String {
    let mut text = format!("{} {}", stands.stage.word().replace('_', " "), shown(&stands.at, zone));
    if let (Some(due), Some(at)) = (clock::read(&stands.due), clock::read(&stands.at))
        && at - due >= TimeDelta::minutes(1)
    {
        text.push_str(&format!(", was due {}", shown(&stands.due, zone)));
    }
    if let Some(until) = &stands.until {
        text.push_str(&format!(", until {}", shown(until, zone)));
    }
    if !stands.detail.is_empty() {
        text.push_str(&format!(": {}", stands.detail));
    }
    if stands.delivered > 0 {
        let times = if stands.delivered == 1 { "once".to_owned() } else { format!("{} times", stands.delivered) };
        let last = stands.delivered_at.as_ref().map(|last| format!(", last {}", shown(last, zone)));
        text.push_str(&format!("; delivered {times}{}", last.unwrap_or_default()));
    }
    text
}

fn totals(counts: &Counts) -> String {
    let parts: Vec<String> =
        counts.in_words().iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    if parts.is_empty() { "no control".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests;
