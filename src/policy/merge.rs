//! Two layers and the defaults to one policy: for each key the managed layer before the local one before the default, except
//! that the local layer may weaken nothing on a Mac that an MDM manages, or may manage.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::keys::{LEVEL, MAXIMUM_SEGMENT_SIZE, RETENTION_DAYS};
use super::layer::{Leaf, Said};
use super::{ControlPolicy, Enrolled, Fault, Layer, LayerText, Layers, LedgerPolicy, Mode, Origin, Policy, Problem};
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
        let (level, level_from) = self.integer(&LEVEL, |said| said.level.as_ref());
        let level = Level::try_from(level).unwrap_or(Level::L1);
        let controls = catalogue.iter().map(|control| (control.id, self.control(control, level))).collect();
        let (segment, max_segment_bytes_from) =
            self.integer(&MAXIMUM_SEGMENT_SIZE, |said| said.ledger.get(MAXIMUM_SEGMENT_SIZE.key));
        let (days, retention_days_from) = self.integer(&RETENTION_DAYS, |said| said.ledger.get(RETENTION_DAYS.key));
        let ledger = LedgerPolicy {
            max_segment_bytes: segment.unsigned_abs(),
            max_segment_bytes_from,
            retention_days: u32::try_from(days).unwrap_or(0),
            retention_days_from,
        };
        Policy { level, level_from, controls, ledger, sections: BTreeMap::new() }
    }

    fn control(&mut self, control: &'static Control, level: Level) -> ControlPolicy {
        let default = Mode::default_for(control);
        let (mode, mode_from) =
            self.settle(|said| said.controls.get(control.id)?.mode.as_ref(), default, |mode| *mode < default);
        let mut settings = Settings::default();
        let mut settings_from = BTreeMap::new();
        for setting in control.settings {
            let (value, from) = self.setting(setting, |said| said.controls.get(control.id)?.settings.get(setting.key));
            if from != Origin::Default {
                settings.set(setting, value);
            }
            settings_from.insert(setting.key, from);
        }
        let named = mode_from != Origin::Default;
        let selected = mode != Mode::Off && (control.level <= level || named);
        ControlPolicy { control, mode, mode_from, settings, settings_from, selected }
    }

    fn integer(&mut self, setting: &Setting, find: impl Fn(&'a Said) -> Option<&'a Leaf<Value>>) -> (i64, Origin) {
        let (value, from) = self.setting(setting, find);
        let mut settings = Settings::default();
        settings.set(setting, value);
        (settings.integer(setting), from)
    }

    fn setting(&mut self, setting: &Setting, find: impl Fn(&'a Said) -> Option<&'a Leaf<Value>>) -> (Value, Origin) {
        let default = setting.default();
        let weaker = |value: &Value| !keeps_for_ever(setting, value) && setting.is_laxer(value, &default);
        self.settle(find, default.clone(), weaker)
    }

    /// Decides one key, which `find` picks out of a layer.
    fn settle<T: Clone + Display + 'a>(
        &mut self,
        find: impl Fn(&'a Said) -> Option<&'a Leaf<T>>,
        default: T,
        weaker: impl Fn(&T) -> bool,
    ) -> (T, Origin) {
        let mut chosen: Option<(T, Origin)> = None;
        let mut objections = Vec::new();
        for said in [self.managed, self.local] {
            let Some(leaf) = find(said) else { continue };
            match &leaf.value {
                Err(why) => objections.push((said.layer, &leaf.path, why.clone())),
                Ok(_) if chosen.is_some() => {}
                Ok(value) => match self.not_honoured(said.layer, weaker(value)) {
                    Some(why) => objections.push((
                        said.layer,
                        &leaf.path,
                        format!("{} is weaker than {default}, {why}", shown(value)),
                    )),
                    None => chosen = Some((value.clone(), said.origin)),
                },
            }
        }
        let (value, origin) = chosen.unwrap_or((default, Origin::Default));
        for (layer, path, why) in objections {
            let instead = format!("{origin} value in force: {}", shown(&value));
            self.problems.push(Problem::new(layer, path, why, &instead));
        }
        (value, origin)
    }

    /// Why a value from `layer` does not count; `None` where it does.
    fn not_honoured(&self, layer: Layer, weaker: bool) -> Option<String> {
        if layer == Layer::Managed || !weaker {
            return None;
        }
        match self.enrolled {
            Enrolled::No => None,
            Enrolled::Yes => Some("which only the managed layer may say on an enrolled Mac".to_owned()),
            Enrolled::Unknown(why) => Some(format!(
                "which only the managed layer may say unless the Mac is known not to be enrolled ({})",
                text::excerpt(why)
            )),
        }
    }
}

fn shown(value: &impl Display) -> String {
    text::excerpt(&value.to_string())
}

/// Whether `value` is the retention that is longer than any number of days.
fn keeps_for_ever(setting: &Setting, value: &Value) -> bool {
    std::ptr::eq(setting, &RETENTION_DAYS) && *value == Value::Integer(0)
}
