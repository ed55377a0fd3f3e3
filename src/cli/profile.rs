//! `profile`: configuration profiles and declarations for an MDM.

use super::arguments::{Preset, Profile, ProfileCommand};
use super::exit::Exit;
use super::machine::complain;
use super::out;
use crate::controls;
use crate::policy::assign::Refused;
use crate::policy::presets;
use crate::profile::service::TeamId;
use crate::profile::{payload, policy, service};

/// Prints one.
pub fn run(options: &Profile) -> Exit {
    match &options.command {
        ProfileCommand::Policy(preset) => match chosen(preset) {
            Ok((named, dictionary)) => print(&policy::profile(named, dictionary, preset.organization())),
            Err(exit) => exit,
        },
        ProfileCommand::Companion { .. } | ProfileCommand::Privacy { .. } => Exit::CouldNotRun,
        ProfileCommand::Service { organization, team_id } => {
            let team = match team_id.as_deref().map(|text| TeamId::parse(text).ok_or(text)).transpose() {
                Ok(team) => team,
                Err(text) => {
                    let text = crate::text::excerpt(text);
                    let why = format!("\"{text}\" is not a team identifier, ten capital letters and digits");
                    return complain(&why, Exit::Usage);
                }
            };
            if team.is_none() {
                note("without --team-id any job with the daemon's label matches, whoever signed it");
            }
            print(&service::profile(team.as_ref(), organization.organization.as_deref()))
        }
    }
}

/// The preset, and the policy that it and what was set come to.
fn chosen(options: &Preset) -> Result<(&'static presets::Preset, plist::Dictionary), Exit> {
    let Some(preset) = presets::find(&options.preset) else {
        let name = crate::text::excerpt(&options.preset);
        return Err(complain(&format!("there is no preset \"{name}\": {}", presets::names()), Exit::Usage));
    };
    match policy::policy(preset, options.values.iter().map(String::as_str), &controls::all()) {
        Ok(policy) => Ok((preset, policy)),
        Err(Refused::Values(faults)) => {
            for fault in faults {
                complain(&fault.to_string(), Exit::BadPolicy);
            }
            Err(Exit::BadPolicy)
        }
        Err(refused) => Err(complain(&refused.to_string(), Exit::Usage)),
    }
}

fn print(profile: &payload::Profile) -> Exit {
    match profile.to_xml() {
        Ok(text) => {
            out::print(&text);
            Exit::Fine
        }
        Err(error) => complain(&format!("the profile could not be written: {error}"), Exit::CouldNotRun),
    }
}

/// Says on standard error what the profile does not say itself.
fn note(text: &str) {
    out::error(&format!("note: {}\n", crate::text::visible(text)));
}

impl Preset {
    fn organization(&self) -> Option<&str> {
        self.organization.organization.as_deref()
    }
}
