//! The schedule: what is due when, over a year of sleep, weekends, restarts and changes of the time, and case by case.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// clippy.toml allows them in tests, but does not know a test target's own functions

mod named;
mod properties;
mod shown;
mod year;

use std::str::FromStr;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use holdfast::schedule::{CatchUp, Form, Item, Work};

/// An item that does nothing in particular.
fn item(forms: Vec<Form>, catch_up: CatchUp) -> Item {
    Item {
        name: "item".into(),
        work: Work::SignOut,
        forms,
        catch_up,
        splay: TimeDelta::zero(),
        needs_power: false,
        words: String::new(),
    }
}

fn splayed(item: Item, seconds: i64) -> Item {
    Item { splay: TimeDelta::seconds(seconds), ..item }
}

fn every(seconds: i64) -> Form {
    Form::Interval(TimeDelta::seconds(seconds))
}

fn daily(times: &[&str]) -> Form {
    Form::Times(times.iter().map(|time| NaiveTime::parse_from_str(time, "%H:%M").unwrap()).collect())
}

fn cron(expression: &str) -> Form {
    Form::Cron(Box::new(cron::Schedule::from_str(expression).unwrap()))
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}
