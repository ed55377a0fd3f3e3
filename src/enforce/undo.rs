//! Puts back what the agent changed and still stands so: look, say, change, look again, as in a pass.
//!
//! Newest first, setting by setting. What is not as the agent left it is left alone and named; so is what is now somebody
//! else's, what cannot be put back, and every command that is none of the agent's own ([`changes`]). Once a setting of a
//! control could not be put back, the older ones of the same control stay as they are, as in a pass that stops at a refusal.

use std::collections::{BTreeMap, BTreeSet};

use super::Pass;
use crate::control::Finding;
use crate::host::{self, ToolError, Touch};
use crate::ledger::history::Made;
use crate::ledger::{Event, Journal, LedgerError};
use crate::mac::Question;
use crate::mac::changes::{self, Single};

/// What of it is to be put back, and how.
pub struct Wish<'a> {
    /// Of which settings.
    pub wanted: &'a dyn Fn(&Made) -> bool,
    /// Also where somebody else has changed it since.
    pub force: bool,
    /// Only as far as the last change of each goes: one that would undo an earlier change, too, stays.
    pub last_only: bool,
}

impl Wish<'_> {
    /// All of it, but nothing that somebody else has changed since.
    #[must_use]
    pub fn all() -> Self {
        Self { wanted: &|_| true, force: false, last_only: false }
    }
}

/// What became of one setting that the agent had changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// It was put back, and is seen so.
    Back {
        /// What is seen of the control now.
        seen: String,
    },
    /// It was as before the agent's change already.
    Already,
    /// [`Pass::would_undo`] would put it back.
    Would,
    /// It is not as the agent left it, so somebody else has changed it, and it is theirs.
    Changed,
    /// An earlier run of the agent's had set it to something else, and its way back leads to before that.
    Earlier,
    /// A later run of the agent's has changed it again.
    Later {
        /// Which run.
        run: String,
    },
    /// Another control, which nobody asked for, has set it as well, or was about to, and may need it so.
    Shared {
        /// Which.
        with: String,
    },
    /// It had been set back, and somebody else set it again.
    Others {
        /// Since when, RFC 3339.
        since: String,
    },
    /// There is no way back.
    NoWayBack,
    /// The command on record is none of the agent's own; it was not run.
    Unknown {
        /// The command.
        argv: Vec<String>,
    },
    /// It could not be told how it is now, so it was left alone.
    Unread {
        /// The whole error.
        why: String,
    },
    /// It was tried, and is not back.
    NotBack {
        /// A refusal in the tool's own words, or what was seen afterwards.
        why: String,
    },
    /// Another setting would have had to be put back before it, and was not.
    Behind {
        /// Which.
        setting: String,
    },
    /// The run was told to stop before it came to it.
    Interrupted,
}

/// One setting that the agent had changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The control that changed it.
    pub control: String,
    /// The setting's name.
    pub setting: String,
    /// The command that puts it back, where there is one.
    pub back: Option<Vec<String>>,
    /// What became of it.
    pub became: Became,
}

impl Undone {
    /// Whether it stands as the agent made it, although it was to be put back.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(
            self.became,
            Became::Unknown { .. }
                | Became::Unread { .. }
                | Became::NotBack { .. }
                | Became::Behind { .. }
                | Became::Interrupted
        )
    }
}

/// How a setting stands against what the agent left and what was there before.
enum Stands {
    /// As the agent left it, or to be treated as if it were; this puts it back.
    AsLeft(Single),
    /// Otherwise.
    Otherwise(Became),
}

impl Pass<'_> {
    /// Puts back what of `made` is wished for, and tells of each, newest first. Stops between two settings where told to.
    ///
    /// # Errors
    /// [`LedgerError`] where the ledger could not be written: everything stops there, before the next change.
    pub fn undo(
        &self,
        made: &BTreeMap<String, Made>,
        wish: &Wish<'_>,
        touch: &dyn Touch,
        journal: &mut dyn Journal,
    ) -> Result<Vec<Undone>, LedgerError> {
        self.undo_each(made, wish, &mut |single, made| self.put_back(single, made, touch, journal))
    }

    /// What [`Pass::undo`] would do. Changes nothing, writes nothing.
    #[must_use]
    pub fn would_undo(&self, made: &BTreeMap<String, Made>, wish: &Wish<'_>) -> Vec<Undone> {
        self.undo_each(made, wish, &mut |_, _| Ok(Became::Would)).unwrap_or_default()
    }

    fn undo_each(
        &self,
        made: &BTreeMap<String, Made>,
        wish: &Wish<'_>,
        put_back: &mut dyn FnMut(&Single, &Made) -> Result<Became, LedgerError>,
    ) -> Result<Vec<Undone>, LedgerError> {
        let mut all: Vec<(&String, &Made)> = made.iter().filter(|(_, made)| (wish.wanted)(made)).collect();
        all.sort_by_key(|(_, made)| (std::cmp::Reverse((made.line, made.step)), made.place));
        let mut done: Vec<Undone> = Vec::new();
        // By control, the setting that could not be put back.
        let mut broken: BTreeMap<&str, &String> = BTreeMap::new();
        let mut standing: BTreeSet<&String> = all.iter().map(|(setting, _)| *setting).collect();
        for (setting, made) in &all {
            let became = if self.is_stopped() {
                Became::Interrupted
            } else if let Some(first) = broken.get(made.control.as_str()) {
                Became::Behind { setting: (*first).clone() }
            } else if wish.last_only && made.further {
                Became::Earlier
            } else {
                match self.stands(setting, made, wish.force) {
                    Stands::Otherwise(became) => became,
                    Stands::AsLeft(single) => match single.needs.as_ref().filter(|needs| standing.contains(needs)) {
                        Some(needs) => Became::Behind { setting: needs.clone() },
                        None => put_back(&single, made)?,
                    },
                }
            };
            if matches!(became, Became::Back { .. } | Became::Already | Became::Would) {
                standing.remove(setting);
            }
            if matches!(became, Became::NotBack { .. }) {
                broken.insert(&made.control, setting);
            }
            let (control, setting, back) = (made.control.clone(), (*setting).clone(), made.back.clone());
            done.push(Undone { control, setting, back, became });
        }
        Ok(done)
    }

    /// How a setting stands now. By force, whatever somebody else has made of it is put back like what the agent left.
    fn stands(&self, setting: &str, made: &Made, force: bool) -> Stands {
        let otherwise = Stands::Otherwise;
        let Some(left) = changes::single(&made.left, setting) else {
            return otherwise(Became::Unknown { argv: made.left.clone() });
        };
        let back = match &made.back {
            None => None,
            Some(argv) => match changes::single(argv, setting) {
                Some(back) => Some(back),
                None => return otherwise(Became::Unknown { argv: argv.clone() }),
            },
        };
        if let Some(since) = made.others.as_ref().filter(|_| !force || back.is_none()) {
            return otherwise(Became::Others { since: since.clone() });
        }
        let before = made.before.as_ref().and_then(|argv| changes::single(argv, setting));
        let is_as_left = self.holds(&left.holds).and_then(|holds| match &before {
            Some(before) if !holds => self.holds(&before.holds),
            _ => Ok(holds),
        });
        match (is_as_left, back) {
            (Ok(true), Some(back)) => Stands::AsLeft(back),
            (Ok(true), None) => otherwise(Became::NoWayBack),
            (Ok(false), None) => otherwise(Became::Changed),
            (Ok(false), Some(back)) => match self.holds(&back.holds) {
                Ok(true) => otherwise(Became::Already),
                Ok(false) if force => Stands::AsLeft(back),
                Ok(false) => otherwise(Became::Changed),
                Err(why) => otherwise(Became::Unread { why: why.chain() }),
            },
            (Err(why), _) => otherwise(Became::Unread { why: why.chain() }),
        }
    }

    /// Whether all of it is so.
    fn holds(&self, questions: &[Question<bool>]) -> Result<bool, ToolError> {
        let mut all = true;
        for question in questions {
            all &= host::ask(self.once(), question)?;
        }
        Ok(all)
    }

    /// Says it, does it, looks again, and says what is seen.
    fn put_back(
        &self,
        single: &Single,
        made: &Made,
        touch: &dyn Touch,
        journal: &mut dyn Journal,
    ) -> Result<Became, LedgerError> {
        let control = made.control.clone();
        let changes = vec![single.change.run.line()];
        journal.append(Event::TakesBack { control: control.clone(), changes })?;
        tracing::debug!("puts back by {}", single.change);
        let refusal = touch.touch(&single.change).err().map(|error| error.chain());
        self.once().forget();
        let holds = self.holds(&single.holds);
        let seen = self.seen_now(&control);
        let why = match &holds {
            Ok(true) => None,
            Ok(false) => Some(format!("{} is not as it was before", single.setting)),
            Err(error) => Some(format!("could not be read again: {}", error.chain())),
        };
        let whole = why.is_none();
        let said: Vec<String> = refusal.into_iter().chain(why).chain([seen]).collect();
        let said = said.join("; ");
        journal.append(Event::TakenBack { control, whole, seen: said.clone() })?;
        Ok(if whole { Became::Back { seen: said } } else { Became::NotBack { why: said } })
    }

    /// What is seen of a control, in words.
    fn seen_now(&self, id: &str) -> String {
        let Some(control) = crate::controls::find(id) else { return "this version has no such control".to_owned() };
        match self.look_at(control, true) {
            Ok(Finding::Compliant { seen } | Finding::Drifted { seen, .. }) => format!("now {seen}"),
            Ok(Finding::NotApplicable { because }) => format!("does not apply: {because}"),
            Err(error) => format!("the control could not be looked at: {}", error.chain()),
        }
    }
}
