//! Sign-outs of Jamf Trust, for people and for programs.

use std::collections::HashMap;

use chrono::TimeZone;
use serde_json::{Value, json};

use super::local::{at, bare, shown};
use super::style::{Style, Tone, count};
use crate::clock::stamp;
use crate::ledger::history::SignOutHistory;
use crate::ledger::{Entry, Event, Stage};
use crate::policy::Problem;
use crate::sign_out::owed::Debt;
use crate::text::visible;

/// Widest line that is made, in columns.
const WIDTH: usize = 80;
/// Widest user name in a table, in columns.
const USER: usize = 16;

/// How the sign-outs of one user stand.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    /// Short name.
    pub user: &'a str,
    /// Whether they are logged in; `None` where that could not be told.
    pub logged_in: Option<bool>,
    /// What is on record of them.
    pub last: Option<&'a SignOutHistory>,
    /// What is due by the schedule; `None` where there is none, or the daemon has not begun to follow it.
    pub debt: Option<Debt>,
}

/// The stage's word and its colour.
fn word(stage: Stage) -> (String, Tone) {
    let tone = match stage {
        Stage::Confirmed => Tone::Good,
        Stage::Requested | Stage::Delivered => Tone::Changed,
        Stage::Deferred | Stage::Postponed | Stage::Held | Stage::Unconfirmed => Tone::Unsure,
        Stage::NotDone | Stage::GivenUp => Tone::Bad,
        Stage::NotApplicable => Tone::Quiet,
    };
    (stage.word().replace('_', " "), tone)
}

/// What is said of all users.
#[derive(Clone, Debug)]
pub struct Standings<'a> {
    /// The schedule in words, where there is one.
    pub schedule: Option<&'a str>,
    /// Whether a daemon has begun to follow it.
    pub is_followed: bool,
    /// Why it cannot be told who is logged in, if so.
    pub unseen: Option<&'a str>,
    /// The users.
    pub users: Vec<Standing<'a>>,
}

/// All users as text, with times in `zone`.
#[must_use]
pub fn text<Z: TimeZone>(all: &Standings<'_>, zone: &Z, style: &Style) -> String {
    let style = &Style { width: style.width.min(WIDTH), ..*style };
    let schedule = all.schedule.unwrap_or("no schedule: policy signs nobody out by itself");
    let mut out = format!("{}\n", style.wrap(&format!("Sign-outs of Jamf Trust: {schedule}"), 2));
    if all.schedule.is_some() && !all.is_followed {
        out.push_str("No daemon has followed this schedule yet: nothing is due before one does.\n");
    }
    let users = &all.users;
    if users.is_empty() {
        let here = if all.unseen.is_some() { "who is logged in could not be read" } else { "nobody is logged in" };
        out.push_str(&format!("\nNobody is on record, and {here}.\n"));
    }
    for user in users {
        let logged_in = match user.logged_in {
            Some(true) => "logged in",
            Some(false) => "not logged in",
            None => "whether they are logged in could not be read",
        };
        out.push_str(&format!("\n{} ({logged_in})\n", style.paint(user.user, Tone::Heading)));
        out.push_str(&last(user.last, zone, style));
        let mut line = |text: &str| out.push_str(&format!("  {}\n", style.wrap(text, 4)));
        match &user.debt {
            Some(Debt::Owed(owed)) => {
                let triggers: Vec<&str> = owed.triggers.iter().map(|trigger| trigger.word()).collect();
                let login = if user.logged_in == Some(false) { ", until they log in" } else { "" };
                line(&format!("waits: due since {} by {}{login}", at(owed.due, zone), triggers.join(", ")));
            }
            Some(Debt::LetGo(missed)) => {
                line(&format!("missed and let go: {}", count_of(missed.count)));
            }
            Some(Debt::Nothing { next: Some(next) }) => line(&format!("next due {}", at(*next, zone))),
            Some(Debt::Nothing { next: None }) => line("not due by the clock"),
            None => {}
        }
    }
    out
}

fn count_of(n: u64) -> String {
    count(usize::try_from(n).unwrap_or(usize::MAX), "time", "times")
}

fn last<Z: TimeZone>(last: Option<&SignOutHistory>, zone: &Z, style: &Style) -> String {
    let Some(last) = last else { return "  no sign-out on record\n".to_owned() };
    let (word, tone) = word(last.stage);
    let until = last.until.as_ref().map(|until| format!(" until {}", shown(until, zone))).unwrap_or_default();
    let mut out = format!("  last: {}{until}, {}\n", style.paint(&word, tone), shown(&last.at, zone));
    if !last.detail.is_empty() {
        out.push_str(&format!("        {}\n", style.wrap(&last.detail, 8)));
    }
    if let Some(at) = &last.delivered_at {
        let times = count_of(last.delivered);
        out.push_str(&format!("  delivered {times}, last {}\n", shown(at, zone)));
    }
    out
}

/// All users as JSON, format version 1.
#[must_use]
pub fn json(all: &Standings<'_>, simulated: Option<&str>, ledger: Option<&str>, problems: &[Problem]) -> Value {
    let users: Vec<Value> = all
        .users
        .iter()
        .map(|user| {
            let (waits, next) = match &user.debt {
                Some(Debt::Owed(owed)) => {
                    let triggers: Vec<&str> = owed.triggers.iter().map(|trigger| trigger.word()).collect();
                    (json!({ "due": stamp(owed.due), "triggers": triggers, "begun": owed.open }), None)
                }
                Some(Debt::Nothing { next }) => (Value::Null, next.map(stamp)),
                Some(Debt::LetGo(_)) | None => (Value::Null, None),
            };
            json!({
                "user": user.user,
                "logged_in": user.logged_in,
                "last": user.last.map(|last| json!({
                    "stage": last.stage,
                    "at": last.at,
                    "due": last.due,
                    "detail": last.detail,
                    "until": last.until,
                })),
                "delivered": user.last.map_or(0, |last| last.delivered),
                "delivered_at": user.last.and_then(|last| last.delivered_at.as_ref()),
                "waits": waits,
                "next": next,
            })
        })
        .collect();
    json!({
        "v": 1,
        "simulated": simulated,
        "ledger_problem": ledger,
        "problems": problems,
        "sessions_problem": all.unseen,
        "schedule": all.schedule,
        "users": users,
    })
}

/// One sign-out on record, from its first line to its last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The user's short name; empty where nobody was logged in.
    pub user: String,
    /// When it was due, RFC 3339.
    pub due: String,
    /// What made it due.
    pub triggers: Vec<String>,
    /// When it was delivered, RFC 3339; `None` where it was not.
    pub delivered_at: Option<String>,
    /// Its steps, in order: stage, when, and in words.
    pub steps: Vec<(Stage, String, String)>,
}

impl Told {
    /// How far it came.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        self.steps.last().map(|step| step.0)
    }
}

/// The sign-outs that `entries` tell of, in the order of their first lines. Those whose first lines are no longer there are
/// told from what is.
#[must_use]
pub fn told(entries: impl Iterator<Item = Entry>) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for entry in entries {
        let Event::SignOut { stage, user, due, triggers, detail, .. } = entry.event else { continue };
        let place = *places.entry((user.clone(), due.clone())).or_insert(all.len());
        if place == all.len() {
            all.push(Told { user, due, triggers: Vec::new(), delivered_at: None, steps: Vec::new() });
        }
        let Some(one) = all.get_mut(place) else { continue };
        if one.triggers.is_empty() {
            one.triggers = triggers;
        }
        if stage == Stage::Delivered {
            one.delivered_at = Some(entry.time.clone());
        }
        one.steps.push((stage, entry.time, detail));
    }
    all
}

/// The sign-outs as text, one a line, with times in `zone`: as the compatibility log has them.
#[must_use]
pub fn history_text<Z: TimeZone>(all: &[Told], zone: &Z, style: &Style) -> String {
    if all.is_empty() {
        return "no sign-out is on record\n".to_owned();
    }
    let head = format!("{:<22}{:<18}{:<16}{}", "DUE (local time)", "USER", "OUTCOME", "DELIVERED");
    let mut out = format!("{}\n", style.paint(&head, Tone::Heading));
    for one in all {
        let (outcome, tone) = one.stage().map_or_else(Default::default, word_of);
        let user = if one.user.is_empty() { "(nobody)".to_owned() } else { short(&visible(&one.user)) };
        let pad = " ".repeat(16_usize.saturating_sub(outcome.chars().count()));
        let delivered = one.delivered_at.as_deref().map_or("-".to_owned(), |at| bare(at, zone));
        let user = format!("{user}{}", " ".repeat(18_usize.saturating_sub(user.chars().count())));
        let tone = tone.unwrap_or(Tone::Quiet);
        out.push_str(&format!("{:<22}{user}{}{pad}{delivered}\n", bare(&one.due, zone), style.paint(&outcome, tone)));
    }
    out
}

fn word_of(stage: Stage) -> (String, Option<Tone>) {
    let (word, tone) = word(stage);
    (word, Some(tone))
}

fn short(name: &str) -> String {
    if name.chars().count() <= USER {
        return name.to_owned();
    }
    name.chars().take(USER - 1).chain(['…']).collect()
}

/// The sign-outs as JSON, format version 1.
#[must_use]
pub fn history_json(all: &[Told], simulated: Option<&str>) -> Value {
    let all: Vec<Value> = all
        .iter()
        .map(|one| {
            let steps = one.steps.iter();
            json!({
                "user": one.user,
                "due": one.due,
                "triggers": one.triggers,
                "outcome": one.stage(),
                "delivered_at": one.delivered_at,
                "steps": steps.map(|(stage, at, detail)| json!({ "stage": stage, "at": at, "detail": detail })).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "v": 1, "simulated": simulated, "sign_outs": all })
}

/// What `sign-out --now` came to, as JSON, format version 1.
#[must_use]
pub fn now_json(user: &str, steps: &[(Stage, String)], simulated: Option<&str>) -> Value {
    let outcome = steps.last().map(|step| step.0);
    let steps: Vec<Value> = steps.iter().map(|(stage, detail)| json!({ "stage": stage, "detail": detail })).collect();
    json!({ "v": 1, "simulated": simulated, "user": user, "outcome": outcome, "steps": steps })
}

/// One step of `sign-out --now`, as a line.
#[must_use]
pub fn step_text(user: &str, stage: Stage, detail: &str, style: &Style) -> String {
    let (word, tone) = match stage {
        // On the command line a refusal is the end of it.
        Stage::NotDone => ("refused".to_owned(), Tone::Bad),
        other => word(other),
    };
    let text = if detail.is_empty() { visible(user) } else { format!("{user}: {detail}") };
    let pad = " ".repeat(16_usize.saturating_sub(word.len()));
    format!("{}{pad}{}\n", style.paint(&word, tone), style.wrap(&text, 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: u64, user: &str, due: &str, stage: Stage) -> Entry {
        Entry {
            v: 1,
            seq,
            time: format!("2026-11-22T08:00:{seq:02}.250Z"),
            boot: None,
            run: "r".into(),
            simulated: false,
            event: Event::SignOut {
                stage,
                user: user.into(),
                due: due.into(),
                triggers: vec!["time".into()],
                detail: "in words".into(),
                until: None,
            },
            prev: String::new(),
        }
    }

    const DUE: &str = "2026-11-22T08:00:00.000Z";

    #[test]
    fn each_sign_out_is_one_line_of_at_most_80_columns() {
        let name = "a name that is longer than most, \u{1b}[2J";
        let all = told(
            [
                entry(1, "ada", DUE, Stage::Requested),
                entry(2, "ada", DUE, Stage::NotDone),
                entry(3, name, DUE, Stage::Requested),
                entry(4, "ada", DUE, Stage::Requested),
                entry(5, "ada", DUE, Stage::Delivered),
                entry(6, "ada", DUE, Stage::Confirmed),
                entry(7, "", "2026-11-22T09:00:00.000Z", Stage::Deferred),
            ]
            .into_iter(),
        );
        assert_eq!(all.len(), 3);
        assert_eq!((all[0].steps.len(), all[0].stage()), (5, Some(Stage::Confirmed)));
        let text = history_text(&all, &chrono_tz::America::New_York, &Style { colour: false, width: 80 });
        assert!(text.lines().count() == 4 && text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(!text.contains('\u{1b}'));
        let ada = text.lines().nth(1).unwrap();
        let words: Vec<&str> = ada.split_whitespace().collect();
        assert_eq!(words, ["2026-11-22", "03:00:00", "ada", "confirmed", "2026-11-22", "03:00:05"]);
    }

    #[test]
    fn who_is_logged_in_is_not_claimed_where_it_could_not_be_read() {
        let all =
            |unseen| Standings { schedule: Some("daily at 07:30"), is_followed: false, unseen, users: Vec::new() };
        let said = |unseen| text(&all(unseen), &chrono::Utc, &Style::PLAIN);
        assert!(said(None).contains("nobody is logged in"));
        assert!(!said(Some("why")).contains("nobody is logged in") && said(Some("why")).contains("could not be read"));
        assert!(said(None).contains("No daemon has followed this schedule yet"));
        assert_eq!(json(&all(Some("why")), None, None, &[])["sessions_problem"], "why");
    }

    #[test]
    fn json_says_how_each_ended() {
        let all = told([entry(1, "ada", DUE, Stage::Requested)].into_iter());
        let json = history_json(&all, None);
        assert_eq!((json["v"].as_u64(), json["sign_outs"][0]["outcome"].as_str()), (Some(1), Some("requested")));
        assert_eq!(json["sign_outs"][0]["delivered_at"], Value::Null);
    }
}
