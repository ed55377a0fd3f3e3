//! Two layers and the defaults to one policy: for each key the managed layer before the local one before the default, except
//! that the local layer may weaken nothing on a Mac that an MDM manages, or may manage.

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::{DateTime, Utc};

use super::checks::{self, Place};
use super::keys::{EXEMPTION_WARNING_DAYS, LEVEL, MODE_OF_ALL, PRESET, TOP};
use super::layer::{Leaf, Leaves, Said};
use super::presets::{self, Preset};
use super::tables::{SECTIONS, Section, TIMING};
use super::{
    ControlPolicy, Enrolled, Fault, Instead, Layer, LayerText, Layers, LedgerPolicy, Mode, Origin, Policy, Problem,
    SectionPolicy,
};
use crate::control::{Control, Level, Setting, Settings, Value};
use crate::text;

/// The most problems that are kept of one layer: each becomes a line of the ledger.
const MOST_PROBLEMS: usize = 50;

/// Makes the policy in force out of `layers`, and says everything that is wrong with them. Never fails as a whole: a bad value
/// or an unknown key leaves the lower layer's value or the default, a layer that cannot be read leaves its last good copy.
///
/// A key that weakens the Mac (a mode below the control's default, a value laxer than the default, a shorter retention) counts
/// only from the managed layer, or from the local one on a Mac that is known not to be enrolled.
#[must_use]
pub fn read(layers: &Layers, catalogue: &[&'static Control], enrolled: &Enrolled) -> (Policy, Vec<Problem>) {
    read_instead(layers, catalogue, enrolled, &Instead::NOTHING)
}

/// The same, held to something else than what the layers have for `Preset` and `Level`.
#[must_use]
pub fn read_instead(
    layers: &Layers,
    catalogue: &[&'static Control],
    enrolled: &Enrolled,
    instead: &Instead,
) -> (Policy, Vec<Problem>) {
    let managed = Said::open(Layer::Managed, &layers.managed, &layers.managed_last_good, catalogue);
    let mut local = Said::open(Layer::Local, &layers.local, &layers.local_last_good, catalogue);
    // A preset stands in place of the level: what the managed layer says of one goes before what the local says of the other.
    if managed.top.contains_key(LEVEL.key)
        && !managed.top.contains_key(PRESET.key)
        && let Some(leaf) = local.top.remove(PRESET.key)
    {
        let fault = "the managed layer has a Level, and a preset would stand in its place".to_owned();
        local.problems.push(Problem::new(Layer::Local, &leaf.path, fault, "ignored"));
    }
    let problems = managed.problems.iter().chain(&local.problems).cloned().collect();
    let mut merge = Merge { managed: &managed, local: &local, enrolled, instead: *instead, problems };
    let policy = merge.policy(catalogue);
    let mut problems = merge.problems;
    problems.sort_by(|a, b| (a.layer, &a.key).cmp(&(b.layer, &b.key)));
    (policy, [Layer::Managed, Layer::Local].into_iter().flat_map(|layer| kept(&problems, layer)).collect())
}

/// The first [`MOST_PROBLEMS`] problems of `layer`, and one that counts the rest.
pub(super) fn kept(problems: &[Problem], layer: Layer) -> Vec<Problem> {
    let mut of_layer = problems.iter().filter(|problem| problem.layer == layer).cloned();
    let mut kept: Vec<Problem> = of_layer.by_ref().take(MOST_PROBLEMS).collect();
    let more = of_layer.count();
    if more > 0 {
        kept.push(Problem::new(layer, "", text::count(more, "more problem", "more problems"), ""));
    }
    kept
}

/// Everything that [`read`] would object to in `bytes` as the managed layer.
#[must_use]
pub fn validate(bytes: &[u8], catalogue: &[&'static Control]) -> Vec<Fault> {
    judged(bytes, catalogue, None)
}

/// The same, and the exemptions that are over at `now`.
#[must_use]
pub fn validate_at(bytes: &[u8], catalogue: &[&'static Control], now: DateTime<Utc>) -> Vec<Fault> {
    judged(bytes, catalogue, Some(now))
}

fn judged(bytes: &[u8], catalogue: &[&'static Control], now: Option<DateTime<Utc>>) -> Vec<Fault> {
    let layers = Layers { managed: LayerText::Bytes(bytes.to_vec()), ..Layers::default() };
    let (policy, problems) = read(&layers, catalogue, &Enrolled::Yes);
    let over = policy.problems_over(|exemption| now.is_some_and(|now| exemption.expires <= now));
    problems.into_iter().chain(over).map(|problem| Fault { key: problem.key, what: problem.fault }).collect()
}

struct Merge<'a> {
    managed: &'a Said,
    local: &'a Said,
    enrolled: &'a Enrolled,
    instead: Instead,
    problems: Vec<Problem>,
}

impl<'a> Merge<'a> {
    fn policy(&mut self, catalogue: &[&'static Control]) -> Policy {
        let mut top = self.settings(Place::Top, &TOP, |said| Some(&said.top), |_| None);
        let mut from = |setting: &Setting| top.settings_from.remove(setting.key).unwrap_or(Origin::Default);
        let (mut preset_from, mut level_from) = (from(&PRESET), from(&LEVEL));
        let (mode_from, warning_days_from) = (from(&MODE_OF_ALL), from(&EXEMPTION_WARNING_DAYS));
        let mut preset = presets::find(&top.settings.text(&PRESET));
        let mut level = Level::try_from(top.settings.integer(&LEVEL)).unwrap_or(Level::L1);
        if self.instead.is_nothing() {
            if let Some(preset) = preset.filter(|preset| !preset.has_levels()) {
                self.out_of_place(preset);
                (level, level_from) = (Level::L1, Origin::Default);
            }
        } else {
            if let Some(asked) = self.instead.preset {
                (preset, preset_from) = (Some(asked), Origin::CommandLine);
            } else if preset.is_some_and(|preset| !preset.has_levels()) {
                (preset, preset_from) = (None, Origin::CommandLine);
            }
            if let Some(asked) = self.instead.level {
                (level, level_from) = (asked, Origin::CommandLine);
            } else if preset.is_some_and(|preset| !preset.has_levels()) {
                (level, level_from) = (Level::L1, Origin::Default);
            }
        }
        let mode = Mode::parse(&top.settings.text(&MODE_OF_ALL)).unwrap_or(Mode::Enforce);
        let aim = (preset, level);
        let controls =
            catalogue.iter().map(|control| (control.id, self.control(control, aim, (mode, mode_from)))).collect();
        let sections: BTreeMap<_, _> = SECTIONS.iter().map(|section| (section.name, self.section(section))).collect();
        let warning_days = u32::try_from(top.settings.integer(&EXEMPTION_WARNING_DAYS)).unwrap_or(0);
        Policy {
            preset,
            preset_from,
            level,
            level_from,
            mode,
            mode_from,
            warning_days,
            warning_days_from,
            exemptions: self.managed.exemptions.clone(),
            exemptions_from: self.managed.origin,
            controls,
            ledger: LedgerPolicy::of(&sections),
            sections,
        }
    }

    fn section(&mut self, section: &'static Section) -> SectionPolicy {
        self.settings(Place::Section(section), section.settings, |said| said.sections.get(section.name), |_| None)
    }

    /// Says of a `Level` that `preset` leaves nothing to.
    fn out_of_place(&mut self, preset: &Preset) {
        for said in [self.managed, self.local] {
            if let Some(leaf) = said.top.get(LEVEL.key).filter(|leaf| leaf.value.is_ok()) {
                let fault = format!("the preset {} stands in its place, and has no levels", preset.name);
                self.problems.push(Problem::new(said.layer, &leaf.path, fault, "ignored"));
            }
        }
    }

    /// Decides everything about `control`, with the `mode` of controls that policy does not name and where that came from.
    fn control(
        &mut self,
        control: &'static Control,
        (preset, level): (Option<&'static Preset>, Level),
        of_all: (Mode, Origin),
    ) -> ControlPolicy {
        let default = Mode::default_for(control);
        let (mut mode, mut mode_from) = self.settle(
            |said| said.controls.get(control.id)?.mode.as_ref(),
            (default, Origin::Default),
            |_| None,
            |mode| (*mode < default).then_some("is weaker than"),
        );
        let settings: Vec<_> = control.settings.iter().copied().chain(TIMING).collect();
        let SectionPolicy { settings, settings_from } = self.settings(
            Place::Control,
            &settings,
            |said| Some(&said.controls.get(control.id)?.settings),
            |setting| preset?.value(control, setting, level).filter(|value| setting.objection(value).is_none()),
        );
        let named = mode_from != Origin::Default;
        if !named && of_all.0 < mode {
            (mode, mode_from) = of_all;
        }
        let is_in = preset.map_or(control.level <= level, |preset| preset.has(control, level));
        let selected = mode != Mode::Off && (is_in || named);
        ControlPolicy { control, mode, mode_from, named, settings, settings_from, selected }
    }

    /// Decides the `settings` of one place, which `find` picks out of a layer. A value of the preset stands in place of the
    /// default: what is weaker than it is weaker.
    fn settings(
        &mut self,
        place: Place,
        settings: &[&'static Setting],
        find: impl Fn(&'a Said) -> Option<&'a Leaves>,
        of_preset: impl Fn(&Setting) -> Option<Value>,
    ) -> SectionPolicy {
        let mut settled =
            SectionPolicy { settings: Settings::of(settings.iter().copied()), ..SectionPolicy::default() };
        for setting in settings {
            let (default, origin) = of_preset(setting)
                .map_or_else(|| (setting.default(), Origin::Default), |value| (value, Origin::Preset));
            let (value, from) = self.settle(
                |said| find(said)?.get(setting.key),
                (default.clone(), origin),
                |value| checks::objection(place, setting, value, &settled.settings),
                |value| checks::weakens(setting, value, &default),
            );
            if from != Origin::Default {
                settled.settings.set(setting, value);
            }
            settled.settings_from.insert(setting.key, from);
        }
        settled
    }

    /// Decides one key, which `find` picks out of a layer: the first layer's whose value neither meets an `objection` nor
    /// weakens the Mac against the `default` where it may not. `weakens` says so with a verb.
    fn settle<T: Clone + Display + 'a>(
        &mut self,
        find: impl Fn(&'a Said) -> Option<&'a Leaf<T>>,
        (default, default_from): (T, Origin),
        objection: impl Fn(&T) -> Option<String>,
        weakens: impl Fn(&T) -> Option<&'static str>,
    ) -> (T, Origin) {
        let mut chosen: Option<(T, Origin)> = None;
        let mut objections = Vec::new();
        for said in [self.managed, self.local] {
            let Some(leaf) = find(said) else { continue };
            let judged = match &leaf.value {
                Err(why) => Err(why.clone()),
                Ok(_) if chosen.is_some() => continue,
                Ok(value) => match (objection(value), self.not_honoured(said.layer, weakens(value))) {
                    (Some(why), _) => Err(why),
                    (None, Some((verb, why))) => Err(format!("{} {verb} {default}, {why}", shown(value))),
                    (None, None) => Ok(value),
                },
            };
            match judged {
                Ok(value) => chosen = Some((value.clone(), said.origin)),
                Err(why) => objections.push((said.layer, &leaf.path, why)),
            }
        }
        let (value, origin) = chosen.unwrap_or((default, default_from));
        for (layer, path, why) in objections {
            let instead = format!("{origin} value in force: {}", shown(&value));
            self.problems.push(Problem::new(layer, path, why, &instead));
        }
        (value, origin)
    }

    /// Why a value from `layer` does not count though nothing is wrong with it, behind the verb of its weakness; `None` where
    /// it counts.
    fn not_honoured(&self, layer: Layer, weakens: Option<&'static str>) -> Option<(&'static str, String)> {
        let verb = weakens.filter(|_| layer != Layer::Managed)?;
        let why = match self.enrolled {
            Enrolled::No => return None,
            Enrolled::Yes => "which only the managed layer may say on an enrolled Mac".to_owned(),
            Enrolled::Unknown(why) => format!(
                "which only the managed layer may say unless the Mac is known not to be enrolled ({})",
                text::excerpt(why)
            ),
        };
        Some((verb, why))
    }
}

fn shown(value: &impl Display) -> String {
    text::excerpt(&value.to_string())
}
