//! Two layers and the defaults to one policy: for each key the managed layer before the local one before the default, except
//! that the local layer may weaken nothing on a Mac that an MDM manages, or may manage.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::checks::{self, Place};
use super::keys::{LEVEL, MODE_OF_ALL, TOP};
use super::layer::{Leaf, Leaves, Said};
use super::tables::{SECTIONS, Section, TIMING};
use super::{
    ControlPolicy, Enrolled, Fault, Layer, LayerText, Layers, LedgerPolicy, Mode, Origin, Policy, Problem,
    SectionPolicy,
};
use crate::control::{Control, Level, Setting};
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
    let managed = Said::open(Layer::Managed, &layers.managed, &layers.managed_last_good, catalogue);
    let local = Said::open(Layer::Local, &layers.local, &layers.local_last_good, catalogue);
    let problems = managed.problems.iter().chain(&local.problems).cloned().collect();
    let mut merge = Merge { managed: &managed, local: &local, enrolled, problems };
    let policy = merge.policy(catalogue);
    let mut problems = merge.problems;
    problems.sort_by(|a, b| (a.layer, &a.key).cmp(&(b.layer, &b.key)));
    (policy, [Layer::Managed, Layer::Local].into_iter().flat_map(|layer| kept(&problems, layer)).collect())
}

/// The first [`MOST_PROBLEMS`] problems of `layer`, and one that counts the rest.
fn kept(problems: &[Problem], layer: Layer) -> Vec<Problem> {
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
    let layers = Layers { managed: LayerText::Bytes(bytes.to_vec()), ..Layers::default() };
    let (_, problems) = read(&layers, catalogue, &Enrolled::Yes);
    problems.into_iter().map(|problem| Fault { key: problem.key, what: problem.fault }).collect()
}

struct Merge<'a> {
    managed: &'a Said,
    local: &'a Said,
    enrolled: &'a Enrolled,
    problems: Vec<Problem>,
}

impl<'a> Merge<'a> {
    fn policy(&mut self, catalogue: &[&'static Control]) -> Policy {
        let mut top = self.settings(Place::Top, &TOP, |said| Some(&said.top));
        let level = Level::try_from(top.settings.integer(&LEVEL)).unwrap_or(Level::L1);
        let mut from = |setting: &Setting| top.settings_from.remove(setting.key).unwrap_or(Origin::Default);
        let (level_from, mode_from) = (from(&LEVEL), from(&MODE_OF_ALL));
        let mode = Mode::parse(&top.settings.text(&MODE_OF_ALL)).unwrap_or(Mode::Enforce);
        let controls =
            catalogue.iter().map(|control| (control.id, self.control(control, level, (mode, mode_from)))).collect();
        let sections: BTreeMap<_, _> = SECTIONS.iter().map(|section| (section.name, self.section(section))).collect();
        Policy { level, level_from, mode, mode_from, controls, ledger: LedgerPolicy::of(&sections), sections }
    }

    fn section(&mut self, section: &'static Section) -> SectionPolicy {
        self.settings(Place::Section(section), section.settings, |said| said.sections.get(section.name))
    }

    /// Decides everything about `control`, with the `mode` of controls that policy does not name and where that came from.
    fn control(&mut self, control: &'static Control, level: Level, of_all: (Mode, Origin)) -> ControlPolicy {
        let default = Mode::default_for(control);
        let (mut mode, mut mode_from) = self.settle(
            |said| said.controls.get(control.id)?.mode.as_ref(),
            default,
            |_| None,
            |mode| (*mode < default).then_some("is weaker than"),
        );
        let settings: Vec<_> = control.settings.iter().copied().chain(TIMING).collect();
        let SectionPolicy { settings, settings_from } =
            self.settings(Place::Control, &settings, |said| Some(&said.controls.get(control.id)?.settings));
        let named = mode_from != Origin::Default;
        if !named && of_all.0 < mode {
            (mode, mode_from) = of_all;
        }
        let selected = mode != Mode::Off && (control.level <= level || named);
        ControlPolicy { control, mode, mode_from, named, settings, settings_from, selected }
    }

    /// Decides the `settings` of one place, which `find` picks out of a layer.
    fn settings(
        &mut self,
        place: Place,
        settings: &[&'static Setting],
        find: impl Fn(&'a Said) -> Option<&'a Leaves>,
    ) -> SectionPolicy {
        let mut settled = SectionPolicy::default();
        for setting in settings {
            let default = setting.default();
            let (value, from) = self.settle(
                |said| find(said)?.get(setting.key),
                default.clone(),
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
        default: T,
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
        let (value, origin) = chosen.unwrap_or((default, Origin::Default));
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
