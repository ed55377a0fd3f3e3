//! The items of the schedule that a policy comes to.

use std::str::FromStr;

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::{CatchUp, Form, Item, Work};
use crate::control::{Cadence, Setting, Settings, time_of_day};
use crate::policy::tables::{
    AT_BOOT, CATCH_UP, CHECK_INTERVAL, CRON, INTERVAL, SCHEDULE, SIGN_OUT, SLOW_CHECK_INTERVAL, SPLAY, TIMES,
};
use crate::policy::{ControlPolicy, Policy};

/// Longest splay that policy can ask for, in seconds.
const LONGEST_SPLAY: i64 = 86_400;

/// The items of `policy`, in the order that they are shown. `device` tells this Mac from others and is always the same on it;
/// where it is empty nothing is splayed.
#[must_use]
pub fn items(policy: &Policy, device: &str) -> Vec<Item> {
    let schedule = policy.section(&SCHEDULE);
    let sign_out = policy.section(&SIGN_OUT);
    let (own, shared): (Vec<_>, Vec<_>) =
        policy.controls.values().filter(|of| of.selected).partition(|of| !forms(&of.settings).is_empty());
    let mut items = Vec::new();
    for (name, cadence, setting) in
        [("checks", Cadence::Cheap, &CHECK_INTERVAL), ("slow_checks", Cadence::Slow, &SLOW_CHECK_INTERVAL)]
    {
        let ids = ids(shared.iter().filter(|of| of.control.cadence == cadence));
        if !ids.is_empty() {
            let forms = interval(&schedule, setting).into_iter().collect();
            // No splay: it counts from a time that no two Macs have in common.
            items.push(item(name.into(), Work::Checks(ids), forms, &Settings::default(), "", cadence == Cadence::Slow));
        }
    }
    let all = ids(own.iter().chain(&shared));
    if !all.is_empty() {
        items.push(item("passes".into(), Work::Checks(all), forms(&schedule), &schedule, device, true));
    }
    for of in own {
        let name = format!("control:{}", of.control.id);
        let slow = of.control.cadence == Cadence::Slow;
        items.push(item(name, Work::Checks(vec![of.control.id]), forms(&of.settings), &of.settings, device, slow));
    }
    let mut when = forms(&sign_out);
    when.extend(sign_out.flag(&AT_BOOT).then_some(Form::Boot));
    items.push(item("sign_out".into(), Work::SignOut, when, &sign_out, device, false));
    items.retain(|item| !item.forms.is_empty());
    items
}

/// Gives `item`, which was made without a device, the splay of the schedule that the ledger says is followed, in words.
/// Returns whether it is that schedule.
pub fn splay_as_followed(item: &mut Item, form: &str) -> bool {
    if item.words == form {
        return true;
    }
    let seconds =
        form.strip_prefix(item.words.as_str()).and_then(|rest| rest.strip_prefix(LATER.0)?.strip_suffix(LATER.1));
    let Some(seconds) = seconds.and_then(|text| text.parse().ok()).filter(|n| (1..=LONGEST_SPLAY).contains(n)) else {
        return false;
    };
    item.splay = TimeDelta::seconds(seconds);
    form.clone_into(&mut item.words);
    true
}

/// What stands before and after the seconds of a splay.
const LATER: (&str, &str) = (", ", " s later on this Mac");

fn ids<'a>(of: impl Iterator<Item = &'a &'a ControlPolicy>) -> Vec<&'static str> {
    let mut ids: Vec<&'static str> = of.map(|of| of.control.id).collect();
    ids.sort_unstable();
    ids
}

fn item(name: String, work: Work, forms: Vec<Form>, settings: &Settings, device: &str, needs_power: bool) -> Item {
    let splay = splay(device, &name, settings.integer(&SPLAY));
    let catch_up = if settings.text(&CATCH_UP) == "skip" { CatchUp::Skip } else { CatchUp::Once };
    let mut words = forms.iter().map(in_words).collect::<Vec<_>>().join("; ");
    if splay > 0 {
        words.push_str(&format!("{}{splay}{}", LATER.0, LATER.1));
    }
    Item { name, work, forms, catch_up, splay: TimeDelta::seconds(splay), needs_power, words }
}

/// By how many seconds, up to `longest`, `device` is later with the item `name`.
fn splay(device: &str, name: &str, longest: i64) -> i64 {
    let Some(bound) = u64::try_from(longest).ok().filter(|bound| *bound > 0 && !device.is_empty()) else { return 0 };
    let digest = Sha256::digest(format!("{device}\0{name}").as_bytes());
    let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    i64::try_from(number % (bound + 1)).unwrap_or(0)
}

/// The forms that `Interval`, `Times` and `Cron` among `settings` come to.
fn forms(settings: &Settings) -> Vec<Form> {
    let mut times: Vec<_> = settings.list(&TIMES).iter().filter_map(|text| time_of_day(text)).collect();
    times.sort_unstable();
    times.dedup();
    let cron = Some(settings.text(&CRON)).filter(|text| !text.is_empty());
    let cron = cron.and_then(|text| cron::Schedule::from_str(&text).ok());
    let mut forms: Vec<Form> = interval(settings, &INTERVAL).into_iter().collect();
    forms.extend(Some(times).filter(|times| !times.is_empty()).map(Form::Times));
    forms.extend(cron.map(|cron| Form::Cron(Box::new(cron))));
    forms
}

fn interval(settings: &Settings, setting: &Setting) -> Option<Form> {
    let seconds = settings.integer(setting);
    (seconds > 0).then(|| TimeDelta::try_seconds(seconds).map(Form::Interval)).flatten()
}

fn in_words(form: &Form) -> String {
    match form {
        Form::Interval(length) => format!("every {}", duration(length.num_seconds())),
        Form::Times(times) => {
            let times: Vec<String> = times.iter().map(|time| time.format("%H:%M").to_string()).collect();
            match times.as_slice() {
                [earlier @ .., last] if !earlier.is_empty() => format!("daily at {} and {last}", earlier.join(", ")),
                _ => format!("daily at {}", times.concat()),
            }
        }
        Form::Cron(cron) => format!("at {} (cron)", cron.source().split_whitespace().collect::<Vec<_>>().join(" ")),
        Form::Boot => "at each start of the Mac".to_owned(),
    }
}

/// `seconds` in the largest unit that it is a whole number of.
fn duration(seconds: i64) -> String {
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let (size, unit) = units.into_iter().find(|(size, _)| seconds % size == 0).unwrap_or((1, "second"));
    match seconds / size {
        1 => unit.to_owned(),
        n => format!("{n} {unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Value;
    use crate::controls;
    use crate::policy::tables::Section;

    fn policy() -> Policy {
        Policy::built_in(&controls::all())
    }

    fn set(policy: &mut Policy, section: &'static Section, setting: &Setting, value: Value) {
        policy.sections.entry(section.name).or_default().settings.set(setting, value);
    }

    fn set_own(policy: &mut Policy, control: &str, setting: &Setting, value: Value) {
        policy.controls.get_mut(control).unwrap().settings.set(setting, value);
    }

    fn times(times: &[&str]) -> Value {
        Value::List(times.iter().map(|time| (*time).to_owned()).collect())
    }

    fn find<'a>(items: &'a [Item], name: &str) -> Option<&'a Item> {
        items.iter().find(|item| item.name == name)
    }

    fn checks(items: &[Item], name: &str) -> Vec<&'static str> {
        match find(items, name).map(|item| &item.work) {
            Some(Work::Checks(ids)) => ids.clone(),
            other => panic!("{name}: {other:?}"),
        }
    }

    #[test]
    fn every_selected_control_is_in_one_check_and_no_other_is_in_any() {
        let mut policy = policy();
        policy.controls.get_mut("firewall_on").unwrap().selected = false;
        set_own(&mut policy, "update_check", &TIMES, times(&["09:00"]));
        let items = items(&policy, "");
        let mut found: Vec<&str> = items
            .iter()
            .flat_map(|item| match &item.work {
                Work::Checks(ids) => ids.clone(),
                Work::SignOut => panic!("nobody is signed out"),
            })
            .collect();
        found.sort_unstable();
        let selected: Vec<&str> = policy.controls.values().filter(|of| of.selected).map(|of| of.control.id).collect();
        assert_eq!(found, selected);
        assert!(!found.contains(&"firewall_on"));
        assert_eq!(checks(&items, "control:update_check"), ["update_check"]);
        let slow = policy.controls.values().filter(|of| of.selected && of.control.cadence == Cadence::Slow).count();
        assert_eq!(find(&items, "slow_checks").is_some(), slow > 0);
        assert!(!find(&items, "checks").unwrap().needs_power);
        assert!(find(&items, "slow_checks").is_none_or(|item| item.needs_power));
    }

    #[test]
    fn passes_go_over_everything_where_policy_asks_for_them() {
        let mut policy = policy();
        set_own(&mut policy, "update_check", &INTERVAL, Value::Integer(7200));
        assert!(find(&items(&policy, ""), "passes").is_none());
        set(&mut policy, &SCHEDULE, &CRON, Value::Text("0  0 3 * * Sun".into()));
        set(&mut policy, &SCHEDULE, &CATCH_UP, Value::Text("skip".into()));
        let items = items(&policy, "");
        let passes = find(&items, "passes").unwrap();
        assert_eq!(passes.words, "at 0 0 3 * * Sun (cron)");
        assert_eq!(passes.catch_up, CatchUp::Skip);
        assert!(passes.needs_power);
        assert!(checks(&items, "passes").contains(&"update_check"));
        assert_eq!(find(&items, "checks").unwrap().catch_up, CatchUp::Once);
        assert_eq!(find(&items, "control:update_check").unwrap().words, "every 2 hours");
    }

    #[test]
    fn a_sign_out_has_every_form_that_policy_gives_it() {
        let mut policy = policy();
        assert!(find(&items(&policy, ""), "sign_out").is_none());
        set(&mut policy, &SIGN_OUT, &AT_BOOT, Value::Flag(true));
        assert_eq!(find(&items(&policy, ""), "sign_out").unwrap().words, "at each start of the Mac");
        set(&mut policy, &SIGN_OUT, &INTERVAL, Value::Integer(5400));
        set(&mut policy, &SIGN_OUT, &TIMES, times(&["17:30", "09:00", "12:15", "09:00"]));
        let items = items(&policy, "");
        let words = "every 90 minutes; daily at 09:00, 12:15 and 17:30; at each start of the Mac";
        assert_eq!(find(&items, "sign_out").unwrap().words, words);
        assert_eq!(find(&items, "sign_out").unwrap().work, Work::SignOut);
    }

    #[test]
    fn a_splay_is_the_same_each_time_and_differs_between_macs_and_items() {
        let splays: Vec<i64> = (0..200).map(|n| splay(&format!("Mac {n}"), "sign_out", 1800)).collect();
        assert!(splays.iter().all(|splay| (0..=1800).contains(splay)));
        let different: std::collections::BTreeSet<_> = splays.iter().collect();
        assert!(different.len() > 150, "{different:?}");
        assert_eq!(splay("Mac 7", "sign_out", 1800), splays[7]);
        assert_ne!(splay("Mac 7", "passes", 1800), splays[7]);
        assert_eq!((splay("", "sign_out", 1800), splay("Mac 7", "sign_out", 0)), (0, 0));
    }

    #[test]
    fn a_splay_is_part_of_the_schedule_and_can_be_read_back_from_it() {
        let mut policy = policy();
        set(&mut policy, &SIGN_OUT, &TIMES, times(&["09:00"]));
        set(&mut policy, &SIGN_OUT, &SPLAY, Value::Integer(1800));
        let of = |device: &str| find(&items(&policy, device), "sign_out").unwrap().clone();
        let (followed, mut unknown) = (of("Mac 7"), of(""));
        assert!(followed.splay > TimeDelta::zero() && followed.words != unknown.words);
        for other in
            ["", "daily at 09:00", "daily at 09:00, -3 s later on this Mac", "daily at 10:00, 3 s later on this Mac"]
        {
            assert_eq!(splay_as_followed(&mut unknown, other), other == unknown.words, "{other}");
            assert_eq!(unknown.splay, TimeDelta::zero());
        }
        assert!(splay_as_followed(&mut unknown, &followed.words));
        assert_eq!((unknown.splay, &unknown.words), (followed.splay, &followed.words));
    }

    #[test]
    fn a_duration_is_in_the_largest_whole_unit() {
        for (seconds, words) in [
            (1, "second"),
            (90, "90 seconds"),
            (900, "15 minutes"),
            (3600, "hour"),
            (28_800, "8 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(duration(seconds), words);
        }
    }
}
