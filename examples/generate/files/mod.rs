//! The generated files, as data: [`all`] makes them, nothing here writes them.

mod completions;
mod man;
mod policy_page;
mod presets;
mod tables;

use holdfast::clock::{Clock, SystemClock};
use holdfast::controls;
use holdfast::policy::presets as named;
use holdfast::profile::edition::Edition;
use holdfast::profile::policy::DOMAIN;
use holdfast::profile::{jamf, manifest, policy};
use holdfast::report::fact::jamf as attributes;

/// One file, at its path from the root of the checkout.
pub struct File {
    /// With `/` between its parts.
    pub path: String,
    /// All of it.
    pub content: Vec<u8>,
}

impl File {
    fn new(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), content: content.into() }
    }
}

/// A version, and the day that its manual pages bear: a page made twice must be the same page.
const VERSION_OF: (&str, &str) = ("0.1.0", "2026-11-22");

/// The day on the manual pages.
fn day() -> Result<&'static str, String> {
    let (version, day) = VERSION_OF;
    let own = env!("CARGO_PKG_VERSION");
    (version == own).then_some(day).ok_or_else(|| format!("VERSION_OF has the day of {version}: give it that of {own}"))
}

/// What the sample says over the lowest level: one control that is only looked at, and a sign-out each morning with notice.
const SAMPLE: [&str; 3] = ["Controls.firewall_stealth.Mode=audit", "SignOut.Times=07:30", "SignOut.NoticeMinutes=5"];

/// A profile to start from, as `holdfast profile policy` makes it.
fn sample() -> Result<String, String> {
    let preset = named::find("level-1").ok_or("there is no preset level-1")?;
    let policy = policy::policy(preset, SAMPLE, &controls::all()).map_err(|refused| refused.to_string())?;
    policy::profile(preset, policy, None).to_xml().map_err(|error| error.to_string())
}

/// The folder that holds nothing but generated files.
pub const FOLDER: &str = "pkg/generated";

/// The folder of Jamf Pro's extension attributes, with a page beside them that is written by hand.
pub const ATTRIBUTES: &str = "pkg/jamf";

/// The edition of the settings, by the committed manifest: the same, or the next one as of today.
fn edition() -> Result<Edition, String> {
    let path = format!("{}/{FOLDER}/{DOMAIN}.plist", env!("CARGO_MANIFEST_DIR"));
    let committed = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
    let today = SystemClock.now().format("%Y-%m-%d").to_string();
    Edition::of(&committed, &controls::all(), &today).map_err(|why| format!("{path}: {why}"))
}

/// Every file, in a fixed order.
pub fn all() -> Result<Vec<File>, String> {
    let edition = edition()?;
    let mut files = vec![
        File::new(format!("{FOLDER}/man/holdfast.8"), man::page(day()?)?),
        File::new(format!("{FOLDER}/man/holdfast-policy.5"), policy_page::page(day()?)),
    ];
    for (name, script) in completions::all()? {
        files.push(File::new(format!("{FOLDER}/completions/{name}"), script));
    }
    let schema =
        serde_json::to_string_pretty(&jamf::schema(&controls::all(), &edition)).map_err(|error| error.to_string())?;
    files.push(File::new(format!("{FOLDER}/jamf-schema.json"), schema + "\n"));
    files.push(File::new(format!("{FOLDER}/{DOMAIN}.plist"), manifest::manifest(&controls::all(), &edition)?));
    files.push(File::new(format!("{FOLDER}/sample-policy.mobileconfig"), sample()?));
    files.push(File::new(tables::PAGE, tables::page()?));
    for (path, text) in presets::PAGES.into_iter().zip([presets::presets(), presets::ncsc()]) {
        files.push(File::new(path, text));
    }
    let attributes = attributes::files().into_iter();
    files.extend(attributes.map(|file| File::new(format!("{ATTRIBUTES}/{}", file.name), file.text)));
    Ok(files)
}
