//! `profile`: configuration profiles and declarations for an MDM.

use std::io::Read;
use std::path::Path;

use super::arguments::{Companion, Organization, Preset, Profile, ProfileCommand};
use super::exit::Exit;
use super::machine::complain;
use super::out;
use crate::controls;
use crate::policy::assign::Refused;
use crate::policy::{self, Enrolled, LayerText, Layers, presets};
use crate::profile::companion::{self, Escrow, Note, Request};
use crate::profile::declaration::{self, Declaration};
use crate::profile::privacy::Requirement;
use crate::profile::service::TeamId;
use crate::profile::{certificate, payload, privacy, service};

/// Prints one.
pub fn run(options: &Profile) -> Exit {
    match made(options) {
        Ok(text) => {
            out::print(&text);
            Exit::Fine
        }
        Err(exit) => exit,
    }
}

/// The text to print; what is wrong with it has been said.
fn made(options: &Profile) -> Result<String, Exit> {
    match &options.command {
        ProfileCommand::Policy(preset) => {
            let (named, dictionary) = chosen(preset)?;
            written(&crate::profile::policy::profile(named, dictionary, preset.organization.name()?))
        }
        ProfileCommand::Companion(options) => companion(options),
        ProfileCommand::Service { organization, team_id } => {
            let team = team_id.as_deref().map(team).transpose()?;
            if team.is_none() {
                note("without --team-id any job with the daemon's label matches, whoever signed it");
            }
            written(&service::profile(team.as_ref(), organization.name()?))
        }
        ProfileCommand::Privacy { organization, code_requirement } => {
            let requirement = Requirement::parse(code_requirement)
                .map_err(|why| complain(&format!("the code requirement cannot be used: {why}"), Exit::Usage))?;
            if let Some(warning) = requirement.warning {
                note(warning);
            }
            written(&privacy::profile(&requirement, organization.name()?))
        }
    }
}

fn team(text: &str) -> Result<TeamId, Exit> {
    TeamId::parse(text).ok_or_else(|| {
        let text = crate::text::excerpt(text);
        complain(&format!("\"{text}\" is not a team identifier, ten capital letters and digits"), Exit::Usage)
    })
}

/// The preset, and what the managed layer says with it and what was set.
fn chosen(options: &Preset) -> Result<(&'static presets::Preset, plist::Dictionary), Exit> {
    let Some(preset) = presets::find(&options.preset) else {
        let name = crate::text::excerpt(&options.preset);
        return Err(complain(&format!("there is no preset \"{name}\": {}", presets::names()), Exit::Usage));
    };
    let set = options.values.iter().map(String::as_str);
    match crate::profile::policy::policy(preset, set, &controls::all()) {
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

fn companion(options: &Companion) -> Result<String, Exit> {
    let (preset, dictionary) = chosen(&options.preset)?;
    let organization = options.preset.organization.name()?;
    let catalogue = controls::all();
    let mut bytes = Vec::new();
    if let Err(error) = plist::Value::Dictionary(dictionary).to_writer_xml(&mut bytes) {
        return Err(complain(&format!("the policy could not be written: {error}"), Exit::CouldNotRun));
    }
    let layers = Layers { managed: LayerText::Bytes(bytes), ..Layers::default() };
    let (policy, _) = policy::read(&layers, &catalogue, &Enrolled::Yes);
    let certificate = options.escrow_certificate.as_deref().map(read_certificate).transpose()?;
    let location = options.escrow_location.as_deref().unwrap_or_default();
    let escrow = certificate.as_deref().map(|certificate| Escrow { certificate, location });
    let escrow_location = options.escrow_location.as_deref();
    for (what, text) in [("--escrow-location", escrow_location), ("--screen-saver", Some(&*options.screen_saver))] {
        plain(what, text)?;
    }
    let update_by = options.update_by.as_deref();
    if let Some(time) = update_by.filter(|time| !declaration::is_local_time(time)) {
        let time = crate::text::excerpt(time);
        return Err(complain(&format!("\"{time}\" is not a local time, YYYY-MM-DDThh:mm:ss"), Exit::Usage));
    }
    let request = Request {
        policy: &policy,
        catalogue: &catalogue,
        macos: options.macos,
        screen_saver: &options.screen_saver,
        escrow,
        update_by,
    };
    let made = companion::companion(&request);
    if let Some(wanted) = &options.declarations {
        notes(&made.declaration_notes);
        return declarations(&made.declarations, wanted, options.macos);
    }
    notes(&made.notes);
    match made.profile(preset.name, options.macos, organization) {
        Some(profile) => written(&profile),
        None => Err(nothing("payload", options.macos)),
    }
}

/// All declarations, or the one of the type that is wanted.
fn declarations(made: &[Declaration], wanted: &str, macos: u32) -> Result<String, Exit> {
    if made.is_empty() {
        return Err(nothing("declaration", macos));
    }
    if wanted.is_empty() {
        return Ok(out::json_text(&made.iter().map(Declaration::json).collect()));
    }
    let one = made.iter().find(|declaration| [declaration.kind, declaration.short()].contains(&wanted));
    one.map(|declaration| out::json_text(&declaration.json())).ok_or_else(|| {
        let known = made.iter().map(Declaration::short).collect::<Vec<_>>().join(", ");
        let wanted = crate::text::excerpt(wanted);
        complain(&format!("there is no declaration \"{wanted}\" to print here: {known}"), Exit::Usage)
    })
}

fn nothing(what: &str, macos: u32) -> Exit {
    let why = format!("nothing to print: no {what} for macOS {macos} sets what this policy enforces");
    complain(&why, Exit::CouldNotRun)
}

fn read_certificate(file: &Path) -> Result<Vec<u8>, Exit> {
    let name = file.display();
    let mut bytes = Vec::new();
    let cap = certificate::MAX_BYTES as u64 + 1;
    if let Err(error) = std::fs::File::open(file).and_then(|file| file.take(cap).read_to_end(&mut bytes)) {
        return Err(complain(&format!("{name}: {error}"), Exit::CouldNotRun));
    }
    certificate::der(&bytes).map_err(|why| complain(&format!("{name}: {why}"), Exit::NotUnderstood))
}

fn written(profile: &payload::Profile) -> Result<String, Exit> {
    profile.to_xml().map_err(|error| complain(&format!("the profile could not be written: {error}"), Exit::CouldNotRun))
}

/// Refuses text that a property list or a screen could not show as it is.
fn plain(what: &str, text: Option<&str>) -> Result<(), Exit> {
    let text = match text {
        Some(text) if text.trim().is_empty() => return Err(complain(&format!("{what} is empty"), Exit::Usage)),
        text => text.unwrap_or_default(),
    };
    if text.chars().any(crate::text::is_unsafe) {
        return Err(complain(&format!("{what} has control characters"), Exit::Usage));
    }
    Ok(())
}

fn notes(notes: &[Note]) {
    for Note { control, what } in notes {
        note(&format!("{control}: {what}"));
    }
}

/// Says on standard error what the profile does not say itself.
fn note(text: &str) {
    out::error(&format!("note: {}\n", crate::text::visible(text)));
}

impl Organization {
    /// The name, if one was given.
    fn name(&self) -> Result<Option<&str>, Exit> {
        let name = self.organization.as_deref();
        plain("--organization", name).map(|()| name)
    }
}
