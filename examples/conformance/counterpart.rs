//! The simulated Mac that is most like this one, in each of its worlds, and how names here are names there.

use holdfast::facts::{Facts, Form, Processor};
use holdfast::host::sessions::sessions;
use holdfast::host::survey::survey;
use holdfast::host::transcript::{Exchange, Recorded, Recorder};
use holdfast::host::{Look, ask};
use holdfast::mac::{Ask, Invocation, dscl, stat, system_profiler};
use holdfast::sim::{Mac, SimMac, World};

/// A text of this Mac's that stands for somebody or something, and what it is called on the simulated one.
pub type Pair = (String, String);

/// The simulated Mac, once for each world.
pub struct Counterpart {
    /// Which one it is, and what of its kind had to be changed.
    pub name: String,
    /// Names and identifiers, this Mac's and the simulated one's.
    pub pairs: Vec<Pair>,
    /// Whether it is known who has an account here.
    pub people_known: bool,
    uids: Vec<(u32, u32)>,
    worlds: Vec<SimMac>,
    /// People of the simulated Mac's whom nobody here stands for.
    strangers: Vec<String>,
}

impl Counterpart {
    /// The one for a Mac of that kind.
    pub fn find(facts: &Facts, real: &dyn Look) -> Result<Self, String> {
        let likeness = |mac: &Mac| {
            survey(&SimMac::in_memory(World::Hardened, *mac)).map_or((false, false, false), |simulated| {
                let major = simulated.macos.major() == facts.macos.major();
                (simulated.processor == facts.processor, major, simulated.form == facts.form)
            })
        };
        let mac = Mac::ALL.into_iter().max_by_key(likeness).unwrap_or_default();
        // Where that cannot be told, the difference will be, by the question's own answer.
        let at_screen = ask(real, &stat::console_user()).map_or(true, |console| console.console_user.is_some());
        let mut worlds = Vec::new();
        for world in World::ALL {
            let sim = SimMac::in_memory(world, mac);
            let edited = sim.edit(|state| {
                state.macos.version = facts.macos.to_string();
                state.macos.build.clone_from(&facts.build);
                if !at_screen {
                    state.console_user = None;
                    state.behind.clear();
                }
            });
            edited.map_err(|error| error.to_string())?;
            worlds.push(sim);
        }
        let (pairs, uids) = worlds.first().map(|sim| names(real, sim)).unwrap_or_default();
        let people_known = ask(real, &dscl::users()).is_ok();
        let strangers = worlds.iter().flat_map(|sim| people(sim)).map(|account| account.name);
        let strangers = strangers.filter(|name| pairs.iter().all(|(_, there)| there != name)).collect();
        let mut name = format!("{}, told that it has macOS {}", mac.name(), facts.macos);
        let (processor, _, form) = likeness(&mac);
        if !processor || !form {
            name +=
                &format!("; there is none that is an {} {}", processor_word(facts.processor), form_word(facts.form));
        }
        Ok(Self { name, pairs, people_known, uids, worlds, strangers })
    }

    /// The question as the simulated Mac must be asked it.
    pub fn translated(&self, ask: &Ask) -> Ask {
        rename(ask, &|text| replaced(text, self.pairs.iter().map(|(here, there)| (here, there))), &|uid| {
            self.uids.iter().find(|(here, _)| *here == uid).map_or(uid, |(_, there)| *there)
        })
    }

    /// What the simulated Mac answers, in each world.
    pub fn answers(&self, ask: &Ask) -> Vec<Recorded> {
        let ask = self.translated(ask);
        let answer = |sim: &SimMac| {
            let recorder = Recorder::new(sim);
            // The answer is in the recorder, an error too.
            let _ = recorder.look(&ask);
            recorder.transcript("", "").asks.into_iter().next().map(|Exchange { answer, .. }| answer)
        };
        self.worlds.iter().filter_map(answer).collect()
    }

    /// What is asked of the simulated Mac, in any world, as this one must be asked it.
    pub fn asked_of_simulated(&self, look: &dyn Fn(&dyn Look)) -> Vec<Ask> {
        let mut asked = Vec::new();
        for sim in &self.worlds {
            let recorder = Recorder::new(sim);
            look(&recorder);
            for Exchange { ask, .. } in recorder.transcript("", "").asks {
                if self.is_about_a_stranger(&ask) {
                    continue;
                }
                let here = rename(
                    &ask,
                    &|text| replaced(text, self.pairs.iter().map(|(here, there)| (there, here))),
                    &|uid| self.uids.iter().find(|(_, there)| *there == uid).map_or(uid, |(here, _)| *here),
                );
                if !asked.contains(&here) {
                    asked.push(here);
                }
            }
        }
        asked
    }

    fn is_about_a_stranger(&self, ask: &Ask) -> bool {
        let texts = match ask {
            Ask::File(path) | Ask::Status(path) | Ask::Folder(path) => vec![path.to_string_lossy().into_owned()],
            Ask::Run(run) => run.argv.clone(),
        };
        let mut parts = texts.iter().flat_map(|text| text.split('/'));
        parts.any(|part| self.strangers.iter().any(|name| name == part))
    }
}

/// People in order of their user ids, who is at the screen first, and the hardware.
fn names(real: &dyn Look, sim: &dyn Look) -> (Vec<Pair>, Vec<(u32, u32)>) {
    let (mut pairs, mut uids) = (Vec::new(), Vec::new());
    let there = people(sim);
    for (index, here) in people(real).into_iter().enumerate() {
        // Where more people are here than there, the rest are all as the last one is.
        let Some(there) = there.get(index).or(there.last()) else { break };
        if let (Ok(here), Ok(there)) = (u32::try_from(here.uid), u32::try_from(there.uid)) {
            uids.push((here, there));
        }
        let full = |account: &dscl::Account| account.real_name.clone().unwrap_or_default();
        pairs.extend([
            (full(&here), full(there)),
            (here.generated_uid.clone(), there.generated_uid.clone()),
            (here.name.clone(), there.name.clone()),
        ]);
    }
    // Whoever is at the screen is named by another tool, which may work where dscl does not.
    let console = |look| ask(look, &stat::console_user()).ok().and_then(|console| console.console_user);
    if let (Some(here), Some(there)) = (console(real), console(sim)) {
        pairs.push((here, there));
    }
    let uuid = |look| ask(look, &system_profiler::hardware()).ok().and_then(|hardware| hardware.uuid);
    if let (Some(here), Some(there)) = (uuid(real), uuid(sim)) {
        pairs.push((here, there));
    }
    pairs.retain(|(here, there)| !here.is_empty() && !there.is_empty());
    (pairs, uids)
}

fn people(look: &dyn Look) -> Vec<dscl::Account> {
    let at_screen = sessions(look).unwrap_or_default().into_iter().find(|session| session.at_screen);
    let mut accounts: Vec<dscl::Account> =
        ask(look, &dscl::users()).unwrap_or_default().into_iter().filter(dscl::Account::is_person).collect();
    accounts.sort_by_key(|account| (at_screen.as_ref().is_none_or(|one| one.name != account.name), account.uid));
    accounts
}

fn rename(ask: &Ask, text: &dyn Fn(&str) -> String, uid: &dyn Fn(u32) -> u32) -> Ask {
    match ask {
        Ask::File(path) => Ask::File(text(&path.to_string_lossy()).into()),
        Ask::Status(path) => Ask::Status(text(&path.to_string_lossy()).into()),
        Ask::Folder(path) => Ask::Folder(text(&path.to_string_lossy()).into()),
        Ask::Run(run) => Ask::Run(Invocation {
            argv: run.argv.iter().map(|argument| text(argument)).collect(),
            as_user: run.as_user.map(uid),
            limit: run.limit,
        }),
    }
}

/// The text with each name put in the place of the other, where it stands as a word.
pub fn replaced<'a>(text: &str, pairs: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let pairs: Vec<_> = pairs.filter(|(from, _)| !from.is_empty()).collect();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = text;
    let mut before = None;
    while let Some(next) = rest.chars().next() {
        let found = pairs.iter().find_map(|(from, to)| {
            let after = rest.strip_prefix(from.as_str())?;
            let begins = !from.starts_with(is_part) || before.is_none_or(|c| !is_part(c));
            let ends = !from.ends_with(is_part) || !after.starts_with(is_part);
            (begins && ends).then_some((from, to, after))
        });
        if let Some((from, to, after)) = found {
            out.push_str(to);
            before = from.chars().last();
            rest = after;
        } else {
            out.push(next);
            before = Some(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

fn processor_word(processor: Processor) -> &'static str {
    match processor {
        Processor::Intel => "Intel",
        Processor::AppleSilicon => "Apple silicon",
    }
}

fn form_word(form: Form) -> &'static str {
    match form {
        Form::Laptop => "laptop",
        Form::Desktop => "desktop",
        Form::Virtual => "virtual Mac",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_where_they_are_words() {
        let pairs = [("ann".to_owned(), "alice".to_owned()), ("Ann Lee".to_owned(), "Alice".to_owned())];
        let there = |text: &str| replaced(text, pairs.iter().map(|(here, there)| (here, there)));
        for (text, expected) in [
            ("/Users/ann/Library", "/Users/alice/Library"),
            ("ann", "alice"),
            ("hannah annual ann2 _ann", "hannah annual ann2 _ann"),
            ("Ann Lee (ann)", "Alice (alice)"),
            ("ann,ann", "alice,alice"),
            ("", ""),
        ] {
            assert_eq!(there(text), expected);
        }
    }

    #[test]
    fn a_simulated_mac_is_its_own_counterpart() {
        for mac in Mac::ALL {
            for world in World::ALL {
                let sim = SimMac::in_memory(world, mac);
                let found = Counterpart::find(&survey(&sim).unwrap(), &sim).unwrap();
                assert!(found.name.starts_with(mac.name()), "{}", found.name);
                assert!(!found.name.contains("there is none"), "{}", found.name);
                assert!(found.pairs.iter().all(|(here, there)| here == there), "{:?}", found.pairs);
            }
        }
    }
}
