//! Settings of each person: what stands in their own preference files, and what becomes of it all together.
//!
//! Every person counts, whoever is logged in: accounts from user id 501 on that are not hidden, but for those whom policy
//! exempts. Their files are read as root and never through anything that they could have put in the way
//! ([`files::read_own`](crate::host::files::read_own)). A change is made in the person's own session, by `defaults` run as that
//! person; they can change it back.

use std::collections::BTreeSet;
use std::path::PathBuf;

use plist::Value;

use super::preference::{RESTRICTIONS, newer, number, recorded, shown, truth, write};
use super::{Can, Finding, Plan, Remedy, Step, Variant, View, Watch};
use crate::facts::Version;
use crate::host::ToolError;
use crate::host::sessions::sessions;
use crate::mac::{Change, UserFile, defaults, dscl, plist_file};

/// A person with an account on the Mac.
#[derive(Clone, Debug)]
pub struct Person {
    /// Short name.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Home folder, where the directory names one.
    pub home: Option<String>,
}

/// How one person's settings stand.
#[derive(Clone, Debug)]
pub struct Stand {
    /// Whether they are as wanted.
    pub holds: bool,
    /// What was seen, without the person's name.
    pub seen: String,
}

impl View<'_> {
    /// The people whose settings count here, by user id, and the short names of those whom policy exempts.
    ///
    /// # Errors
    /// [`ToolError`] where the directory gave no known answer.
    pub fn people(&self) -> Result<(Vec<Person>, Vec<String>), ToolError> {
        let accounts = self.ask(&dscl::users())?.into_iter().filter(dscl::Account::is_person);
        let mut people: Vec<Person> = accounts
            .filter_map(|account| {
                Some(Person { uid: u32::try_from(account.uid).ok()?, name: account.name, home: account.home })
            })
            .collect();
        people.sort_by_key(|person| person.uid);
        let (exempt, people): (Vec<_>, Vec<_>) =
            people.into_iter().partition(|person| self.exempt.contains(&person.name));
        Ok((people, exempt.into_iter().map(|person| person.name).collect()))
    }

    /// Looks at each person by `look`, and says what it comes to, each by name. Drift that is known is drift, whatever could
    /// not be told of others; otherwise one person of whom it could not be told makes it unknown.
    ///
    /// # Errors
    /// [`ToolError`] where the directory gave no known answer; the first one of `look` where nobody has drifted.
    pub fn each_person(
        &self,
        wanted: impl Into<String>,
        look: impl Fn(&Person) -> Result<Stand, ToolError>,
    ) -> Result<Finding, ToolError> {
        let (people, exempt) = self.people()?;
        if people.is_empty() {
            let because = if exempt.is_empty() {
                "nobody has an account here".to_owned()
            } else {
                format!("policy exempts everybody who has an account here: {}", exempt.join(", "))
            };
            return Ok(Finding::not_applicable(because));
        }
        let (mut held, mut drifted, mut untold, mut error) = (Vec::new(), Vec::new(), Vec::new(), None);
        for person in &people {
            match look(person) {
                Ok(stand) => {
                    let said = format!("{}: {}", person.name, stand.seen);
                    if stand.holds { held.push(said) } else { drifted.push(said) }
                }
                Err(why) => {
                    untold.push(format!("{}: could not be told: {}", person.name, why.chain()));
                    error.get_or_insert(why);
                }
            }
        }
        if !exempt.is_empty() {
            let passed_over = format!("passed over by policy: {}", exempt.join(", "));
            held.push(passed_over.clone());
            untold.push(passed_over);
        }
        match error {
            _ if !drifted.is_empty() => {
                drifted.append(&mut untold);
                Ok(Finding::drifted(drifted.join("; "), wanted))
            }
            Some(error) => Err(error),
            None => Ok(Finding::compliant(held.join("; "))),
        }
    }

    /// The user ids of those who are logged in, at the screen or behind it.
    fn logged_in(&self) -> Result<BTreeSet<u32>, ToolError> {
        Ok(sessions(self.mac)?.into_iter().map(|session| session.uid).collect())
    }
}

/// A preference domain among a user's own.
#[derive(Clone, Copy, Debug)]
pub struct Domain {
    /// Its name.
    pub name: &'static str,
    /// Whether it holds for this Mac alone (`defaults -currentHost`).
    pub by_host: bool,
}

impl Domain {
    /// The person's file, without `.plist`, below the home.
    fn below(&self, view: &View<'_>) -> Result<String, ToolError> {
        if !self.by_host {
            return Ok(format!("Library/Preferences/{}", self.name));
        }
        let uuid = view.facts.uuid.as_ref().filter(|uuid| uuid.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        let uuid = uuid.ok_or_else(|| ToolError::Incomplete {
            asked: "system_profiler SPHardwareDataType".into(),
            lacks: "the hardware UUID, by which settings for this Mac alone are filed".into(),
        })?;
        Ok(format!("Library/Preferences/ByHost/{}.{uuid}", self.name))
    }

    /// What `person` has set `key` to. Where `ask` says that the person is logged in and a change has just been made, `defaults`
    /// is asked as well, as that person: its answer, a string, counts where the two differ.
    ///
    /// # Errors
    /// [`ToolError`] where the person's file is there and cannot be read, or `defaults` gave no known answer.
    pub fn own(&self, view: &View<'_>, person: &Person, key: &str, ask: bool) -> Result<Option<Value>, ToolError> {
        let below = PathBuf::from(format!("{}.plist", self.below(view)?));
        let file = UserFile { home: home(person)?.into(), below, uid: person.uid };
        let file = view.ask(&plist_file::user_file(file))?.and_then(|mut list| list.remove(key));
        if !ask {
            return Ok(file);
        }
        let told = view.ask(&defaults::read_of_user(person.uid, self.by_host, self.name, key))?;
        Ok(newer(file, told.value().map(str::to_owned)))
    }
}

fn home(person: &Person) -> Result<&str, ToolError> {
    person.home.as_deref().ok_or_else(|| ToolError::Incomplete {
        asked: dscl::users().ask.to_string(),
        lacks: format!("the home folder of {}", person.name),
    })
}

/// One preference that each person has.
#[derive(Debug)]
pub struct Preference {
    /// Where it is.
    pub domain: Domain,
    /// Its key.
    pub key: &'static str,
    /// What it is about, in words that a state can follow.
    pub about: &'static str,
    /// What it must be.
    pub good: Good,
    /// Whether macOS does the wanted thing where it is not set, and what it does then, in words.
    pub unset: (bool, &'static str),
}

/// What a person's preference must be.
#[derive(Debug)]
pub enum Good {
    /// This.
    Flag(bool),
    /// Any number but this; it is removed where it is.
    Not(i64),
    /// One of these numbers; the first is set.
    OneOf(&'static [i64]),
}

/// Who decides what a preference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    ProfileForAll,
    ProfileForOne,
    Person,
}

/// What a preference is.
enum Is {
    Good(String),
    Bad(String, By, Option<Value>),
}

impl Preference {
    /// What `person` lives with: what a profile forces for the Mac, or for the person, or else what is their own.
    fn decided(&self, view: &View<'_>, person: &Person, ask: bool) -> Result<(Option<Value>, By), ToolError> {
        if let Some(value) = view.forced(self.domain.name, self.key)? {
            return Ok((Some(value), By::ProfileForAll));
        }
        if let Some(value) = view.forced_for(&person.name, self.domain.name, self.key)? {
            return Ok((Some(value), By::ProfileForOne));
        }
        Ok((self.domain.own(view, person, self.key, ask)?, By::Person))
    }

    fn is(&self, view: &View<'_>, person: &Person, ask: bool) -> Result<Is, ToolError> {
        let (value, by) = self.decided(view, person, ask)?;
        let (holds, state) = match (&value, &self.good) {
            (None, _) => (self.unset.0, format!("not set: {}", self.unset.1)),
            (Some(value), Good::Flag(wanted)) => match truth(value) {
                Ok(is) => (is == *wanted, if is { "on" } else { "off" }.to_owned()),
                Err(_) => (false, format!("neither on nor off: {}", shown(value))),
            },
            (Some(value), Good::Not(bad)) => (number(value).is_ok_and(|is| is != *bad), shown(value)),
            (Some(value), Good::OneOf(good)) => (number(value).is_ok_and(|is| good.contains(&is)), shown(value)),
        };
        let by_whom = if by == By::Person { "" } else { ", forced by a profile" };
        let seen = format!("{} {state}{by_whom}", self.about);
        Ok(if holds { Is::Good(seen) } else { Is::Bad(seen, by, value) })
    }

    /// The change that makes it good for `person`, where `prior` is now.
    fn step(&self, view: &View<'_>, person: &Person, prior: Option<&Value>) -> Result<Step, ToolError> {
        let (name, key) = (self.domain.name, self.key);
        let file = format!("{}/{}", home(person)?, self.domain.below(view)?);
        let theirs = |change: Change| defaults::by_user(change, person.uid, self.domain.by_host);
        let change = match self.good {
            Good::Flag(wanted) => defaults::write_bool(name, key, wanted),
            Good::Not(_) => defaults::delete(name, key),
            Good::OneOf(good) => defaults::write_int(name, key, good.first().copied().unwrap_or_default()),
        };
        let back = match prior {
            None => defaults::delete(name, key),
            Some(value) => write(name, key, value).ok_or_else(|| ToolError::Unsupported {
                what: format!("how to put back {key} of {file}, which holds {}; it is left alone", shown(value)),
            })?,
        };
        let prior = [(format!("{file} {key}"), recorded(prior))].into();
        Ok(Step { change: theirs(change), undo: vec![theirs(back)], prior })
    }
}

/// A restriction of a profile's that settles it for everybody who is under it.
#[derive(Debug)]
pub struct Restriction {
    /// The key of `com.apple.applicationaccess` that must be false.
    pub key: &'static str,
    /// The first macOS that heeds it.
    pub since: &'static [u32],
}

/// What tells of a change in this domain of anybody's.
#[must_use]
pub const fn watches(domain: &'static str) -> [Watch; 3] {
    [Watch::Domain(domain), Watch::UserDomain(domain), Watch::Session]
}

/// The same where a [`Restriction`] can settle it.
#[must_use]
pub const fn watches_with_restriction(domain: &'static str) -> [Watch; 5] {
    let [theirs, own, session] = watches(domain);
    [Watch::Domain(RESTRICTIONS), Watch::UserDomain(RESTRICTIONS), theirs, own, session]
}

/// The variant in which people's own settings are changed by their [`Each::plan`], each in the session of who is logged in.
#[must_use]
pub const fn in_sessions(
    how: &'static str,
    plan: fn(&View<'_>) -> Result<Plan, ToolError>,
    side_effects: &'static str,
) -> Variant {
    Variant::everywhere(Can::UserContext, Remedy::Automatic { how, plan, side_effects, all_or_nothing: false })
        .of_each_user()
}

impl Restriction {
    /// Whether a profile forces it, for everybody or for this person.
    fn holds(&self, view: &View<'_>, person: Option<&Person>) -> Result<bool, ToolError> {
        if view.facts.macos < Version(self.since.to_vec()) {
            return Ok(false);
        }
        let value = match person {
            None => view.forced(RESTRICTIONS, self.key)?,
            Some(person) => view.forced_for(&person.name, RESTRICTIONS, self.key)?,
        };
        Ok(value.is_some_and(|value| truth(&value) == Ok(false)))
    }
}

/// Preferences that each person's must be as wanted, and what settles it without them.
#[derive(Debug)]
pub struct Each {
    /// The preferences.
    pub preferences: &'static [Preference],
    /// What is wanted, in words.
    pub wanted: &'static str,
    /// A profile's restriction that does.
    pub restriction: Option<Restriction>,
}

impl Each {
    /// Looks at everybody's.
    ///
    /// # Errors
    /// [`ToolError`] where it could not be told, and is not known to have drifted.
    pub fn probe(&self, view: &View<'_>) -> Result<Finding, ToolError> {
        if let Some(restriction) = &self.restriction
            && restriction.holds(view, None)?
        {
            return Ok(Finding::compliant(format!("a profile forces {RESTRICTIONS} {} to false", restriction.key)));
        }
        let logged_in = if view.after_change { Some(view.logged_in()?) } else { None };
        view.each_person(self.wanted, |person| {
            let present = logged_in.as_ref().map(|all| all.contains(&person.uid));
            let (mut good, mut bad) = (Vec::new(), Vec::new());
            for preference in self.all_but_restricted(view, person)? {
                match preference.is(view, person, present == Some(true))? {
                    Is::Good(seen) => good.push(seen),
                    Is::Bad(seen, ..) => bad.push(seen),
                }
            }
            if bad.is_empty() && good.is_empty() {
                good.push("forced by a profile".to_owned());
            }
            let holds = bad.is_empty();
            let mut seen = if holds { good } else { bad }.join(", ");
            if !holds && present == Some(false) {
                seen.push_str(" (not logged in, so it is not changed)");
            }
            Ok(Stand { holds, seen })
        })
    }

    /// Plans the change for everybody who is logged in and needs one.
    ///
    /// # Errors
    /// [`ToolError`] where it could not be told who is logged in, or nobody is to be changed and somebody's settings could not
    /// be read or put back.
    pub fn plan(&self, view: &View<'_>) -> Result<Plan, ToolError> {
        let logged_in = view.logged_in()?;
        let (mut steps, mut absent, mut managed, mut error) = (Vec::new(), Vec::new(), None, None);
        for person in view.people()?.0 {
            match self.changes(view, &person) {
                Ok((_, Some(by))) => _ = managed.get_or_insert(by),
                Ok((changes, _)) if changes.is_empty() => {}
                Ok(_) if !logged_in.contains(&person.uid) => absent.push(person.name),
                Ok((changes, _)) => steps.extend(changes),
                Err(why) => _ = error.get_or_insert(why),
            }
        }
        Ok(match (error, managed) {
            _ if !steps.is_empty() => Plan::Now(steps),
            _ if !absent.is_empty() => Plan::Later {
                because: format!("not logged in: {}; it is changed in each user's own session", absent.join(", ")),
            },
            (Some(error), _) => return Err(error),
            (None, Some(by)) => Plan::Managed { by },
            (None, None) => Plan::Now(steps),
        })
    }

    /// What is to be changed for one person; or what forces something else.
    fn changes(&self, view: &View<'_>, person: &Person) -> Result<(Vec<Step>, Option<String>), ToolError> {
        let mut steps = Vec::new();
        for preference in self.all_but_restricted(view, person)? {
            match preference.is(view, person, false)? {
                Is::Good(_) => {}
                Is::Bad(_, By::Person, prior) => steps.push(preference.step(view, person, prior.as_ref())?),
                Is::Bad(..) => {
                    let by = format!("a profile forces {} {}", preference.domain.name, preference.key);
                    return Ok((Vec::new(), Some(by)));
                }
            }
        }
        Ok((steps, None))
    }

    /// The preferences, none for a person to whom the restriction applies.
    fn all_but_restricted(&self, view: &View<'_>, person: &Person) -> Result<&'static [Preference], ToolError> {
        match &self.restriction {
            Some(restriction) if restriction.holds(view, Some(person))? => Ok(&[]),
            _ => Ok(self.preferences),
        }
    }
}
