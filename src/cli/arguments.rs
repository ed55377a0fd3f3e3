//! The arguments, as data.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};

use crate::policy::presets;

/// The options that every command has, apart from its own in the help.
const EVERYWHERE: &str = "Options of every command";

/// Holds a Mac's security settings where policy says they must be, and proves it.
#[derive(Debug, Parser)]
#[command(
    name = "holdfast",
    version,
    max_term_width = 100,
    after_help = "Exit status: 0 all holds; 1 could not run, or the installation is not as it should be (doctor) or not gone \
                  (uninstall); 2 drift remains or something is unknown; 3 there was drift and all of it is mended; 64 wrong \
                  usage; 65 not understood; 77 not root; 78 bad policy, also where all holds."
)]
pub struct Arguments {
    #[command(flatten)]
    pub place: Place,
    /// Tell on standard error what is being done
    #[arg(long, short, global = true, help_heading = EVERYWHERE)]
    pub verbose: bool,
    #[command(subcommand)]
    pub command: Command,
}

/// Which Mac the command is about.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// Work on a simulated Mac instead of this one: neglected, factory or hardened, and which Mac
    #[arg(long, global = true, value_name = "WORLD[@MAC]", help_heading = EVERYWHERE)]
    pub simulate: Option<String>,
    /// Keep the simulated Mac in this folder: its state, preference files, policy and ledger
    #[arg(long, global = true, value_name = "DIR", help_heading = EVERYWHERE)]
    pub sim_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look at every control; change nothing, write nothing
    Check(Pass),
    /// Show what enforce would change, with the exact commands and what is there now; change nothing
    Plan(Pass),
    /// Look, mend what root can mend, look again, and keep the evidence
    Enforce(Pass),
    /// Hold the settings from now on: passes on schedule and whenever a file changes; what launchd starts
    #[command(
        after_help = "It prints nothing while all is well; holdfast status, schedule and log tell what it does, and -v shows \
        what it asks. SIGTERM or Ctrl-C ends it within 10 seconds, a second one at once; SIGHUP has it read its policy again. A \
        changed policy needs neither."
    )]
    Daemon,
    /// How each control stands, and since when, from the ledger
    Status(Form),
    /// What decides whether this Mac may be trusted: each fact with when it was seen, unknown where that is too long ago
    Posture(Form),
    /// Which requirements of a framework are met on this Mac, and by which controls; looks at everything, changes nothing
    Frameworks(Frameworks),
    /// What is done when: last run, result, next due, and what was missed
    Schedule(Form),
    /// Show, verify or flush the ledger
    Log(Log),
    /// How the sign-outs of Jamf Trust stand; or make one now
    SignOut(SignOut),
    /// List the catalogue
    Controls(Controls),
    /// Everything about one control, and what can be done about it on this Mac
    Explain {
        /// The control's id, or its rule id in NIST's macOS Security Compliance Project
        control: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the policy in force, or validate a policy file
    Config(Config),
    /// What is wrong with this installation
    Doctor(Form),
    /// Print one fact from the state file, in the tags of a Jamf Pro extension attribute
    Ea(Fact),
    /// Print one fact from the state file, bare
    Fact(Fact),
    /// Exit with 0 where the state file says that all holds, 1 where something does not, 2 where it cannot be told
    Audit(Form),
    /// Make a configuration profile or declaration for an MDM; prints it, changes nothing
    Profile(Profile),
    /// Put back what the agent changed, and hold it so in audit mode until policy changes or holdfast resume
    Restore(Restore),
    /// Let the agent mend again what was put back
    Resume(Resume),
    /// Remove the agent from this Mac
    #[command(
        after_help = "The logs stay without --remove-logs, and so does what the agent moved out of the way and did not put \
                      back. Profiles are for the MDM to remove, after the agent; what installs the package must no longer \
                      do so, or it comes back."
    )]
    Uninstall(Uninstall),
    /// Say what the agent makes of a tool's output: reads what a tool printed; runs nothing
    Interpret(Interpret),
    /// Run a program as a user; the agent starts itself so inside the user's login session
    #[command(hide = true)]
    AsUser {
        uid: u32,
        #[arg(last = true, required = true)]
        argv: Vec<std::ffi::OsString>,
    },
}

/// Options of a pass.
#[derive(Debug, Args)]
pub struct Pass {
    /// Only this control; may be given several times
    #[arg(long = "control", value_name = "ID")]
    pub controls: Vec<String>,
    #[command(flatten)]
    pub instead: Instead,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What stands in place of the policy's own level or preset.
#[derive(Debug, Args)]
pub struct Instead {
    /// This preset instead of the policy's level or preset; what policy says of single controls stands over it
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(presets::ALL.iter().map(|preset| preset.name)))]
    pub preset: Option<String>,
    /// Level 1, 2 or 3 instead of the policy's level or preset; with a preset that has levels, how far that goes
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=3))]
    pub level: Option<i64>,
}

/// Options of `config show`.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    pub instead: Instead,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Text or JSON.
#[derive(Debug, Args)]
pub struct Form {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `frameworks`.
#[derive(Debug, Args)]
pub struct Frameworks {
    /// Only this one: nist-800-53r5, cis-v8, soc2, cis-macos or stig
    #[arg(long, value_name = "NAME")]
    pub framework: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `controls`.
#[derive(Debug, Args)]
pub struct Controls {
    /// Print JSON
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
    /// Print the manual page docs/controls.md
    #[arg(long)]
    pub markdown: bool,
}

/// Options of `log`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Log {
    #[command(subcommand)]
    pub command: Option<LogCommand>,
    /// Only entries about this control
    #[arg(long, value_name = "ID")]
    pub control: Option<String>,
    /// Only entries from then on: RFC 3339, YYYY-MM-DD, or how long ago (12h, 7d, 4w)
    #[arg(long, value_name = "T")]
    pub since: Option<String>,
    /// Only entries of this run
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Only entries that say a control is so: compliant, fixed, drifted, contested, unknown, not_applicable, off or exempt
    #[arg(long, value_name = "STATE", hide_possible_values = true,
        value_parser = ["compliant", "fixed", "drifted", "contested", "unknown", "not_applicable", "off", "exempt"])]
    pub state: Option<String>,
    /// Print the entries as they stand in the ledger, one JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Find any edit, cut or reorder
    Verify(Form),
    /// Remove whole old segments; the chain's start stays provable
    Flush {
        /// How old: 90d, 12h, 4w
        #[arg(long, value_name = "AGE")]
        older_than: String,
    },
}

/// Options of `sign-out`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SignOut {
    #[command(subcommand)]
    pub command: Option<SignOutCommand>,
    /// Sign the user at the screen out of Jamf Trust now, without notice
    #[arg(long)]
    pub now: bool,
    /// Sign out this user instead of the one at the screen; a short name, and they must be logged in
    #[arg(long, value_name = "USER", requires = "now")]
    pub user: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum SignOutCommand {
    /// Every sign-out on record, one a line
    History(Form),
}

/// Options of `config`.
#[derive(Debug, Args)]
pub struct Config {
    #[command(subcommand)]
    pub command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Each value in force, with where it came from
    Show(Show),
    /// Check a policy file, as an administrator's own CI would
    Validate {
        /// The property list; - is standard input
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Options of `ea` and `fact`.
#[derive(Debug, Args)]
pub struct Fact {
    /// The fact's name, or a control's id
    #[arg(required_unless_present = "list")]
    pub name: Option<String>,
    /// List the names, with what each can say
    #[arg(long, conflicts_with = "name")]
    pub list: bool,
}

/// Options of `restore`.
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("which").required(true).args(["controls", "run", "all"]),
    after_help = "What somebody else has changed since the agent did is theirs: it is skipped and named. Exit status: 0 all of it \
                  is as it was before; 1 something could not be put back; 2 something was skipped."
)]
pub struct Restore {
    /// What was changed for this control; may be given several times
    #[arg(long = "control", value_name = "ID")]
    pub controls: Vec<String>,
    /// What this run changed, by its id in the ledger, and nothing beside
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Everything that the agent changed
    #[arg(long)]
    pub all: bool,
    /// Say what would be put back, and by which command; change nothing, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Put back also what somebody else has changed since
    #[arg(long)]
    pub force: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `resume`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["controls", "all"]))]
pub struct Resume {
    /// This control; may be given several times
    #[arg(long = "control", value_name = "ID")]
    pub controls: Vec<String>,
    /// Every control that is held
    #[arg(long)]
    pub all: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `uninstall`.
#[derive(Debug, Args)]
pub struct Uninstall {
    /// Put back what the agent changed, before it goes
    #[arg(long)]
    pub restore: bool,
    /// Leave the compliance log where it is; so it is without this option, too
    #[arg(long)]
    pub keep_logs: bool,
    /// Remove the compliance log and the Jamf Trust log as well
    #[arg(long, conflicts_with = "keep_logs")]
    pub remove_logs: bool,
}

/// Options of `profile`.
#[derive(Debug, Args)]
pub struct Profile {
    #[command(subcommand)]
    pub command: ProfileCommand,
}

#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// The policy itself: a preset with overrides
    Policy(Preset),
    /// Apple's payloads for what a profile holds alone, or more firmly than root, at this preset on one macOS version
    Companion(Companion),
    /// Keeps users from switching the daemon off: a managed background item
    Service {
        #[command(flatten)]
        organization: Organization,
        /// The team identifier that the package is signed with; without it any job of this label matches
        #[arg(long, value_name = "TEAM")]
        team_id: Option<String>,
    },
    /// Full Disk Access for the agent
    Privacy {
        #[command(flatten)]
        organization: Organization,
        /// The program's designated requirement, as codesign -dr - prints it
        #[arg(long, value_name = "REQUIREMENT")]
        code_requirement: String,
    },
}

/// Options of `profile companion`.
#[derive(Debug, Args)]
#[command(
    after_help = "What is left out, and why, is said on standard error. A control in audit mode or off is left out."
)]
pub struct Companion {
    #[command(flatten)]
    pub preset: Preset,
    /// For which macOS major version: 14, 15, 26 or 27
    #[arg(long, value_name = "MAJOR", value_parser = known_macos)]
    pub macos: u32,
    /// Instead of the profile print the declarations, as a JSON array; with a TYPE such as softwareupdate.settings that one alone
    #[arg(long, value_name = "TYPE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub declarations: Option<String>,
    /// Declare that the lowest allowed macOS is installed by then: local time, YYYY-MM-DDThh:mm:ss
    #[arg(long, value_name = "TIME", requires = "declarations")]
    pub update_by: Option<String>,
    /// The certificate that FileVault's recovery keys are encrypted to, DER or PEM; without it escrow is left to your MDM
    #[arg(long, value_name = "FILE", requires = "escrow_location")]
    pub escrow_certificate: Option<PathBuf>,
    /// Where the recovery keys are kept, in words for the user
    #[arg(long, value_name = "TEXT", requires = "escrow_certificate")]
    pub escrow_location: Option<String>,
    /// The screen saver that is named with the screen lock, as Apple wants one named
    #[arg(long, value_name = "NAME", default_value = "Flurry")]
    pub screen_saver: String,
}

/// The macOS versions that this release knows.
fn known_macos(text: &str) -> Result<u32, String> {
    match text {
        "14" => Ok(14),
        "15" => Ok(15),
        "26" => Ok(26),
        "27" => Ok(27),
        _ => Err("this release knows macOS 14, 15, 26 and 27".to_owned()),
    }
}

/// What a profile about policy starts from.
#[derive(Debug, Args)]
pub struct Preset {
    /// What to start from: level-1 to level-3, ncsc, jumpcloud, how-to-harden, cis-level-1 or cis-level-2
    #[arg(long, value_name = "PRESET", default_value = "level-1")]
    pub preset: String,
    /// One value instead of the preset's, by its key in holdfast config show; lists with commas; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub values: Vec<String>,
    #[command(flatten)]
    pub organization: Organization,
}

/// Whose profile it is.
#[derive(Debug, Args)]
pub struct Organization {
    /// The organization's name, shown with the profile
    #[arg(long, value_name = "NAME")]
    pub organization: Option<String>,
}

/// Options of `interpret`.
#[derive(Debug, Args)]
pub struct Interpret {
    /// What the tool printed on standard output; - is standard input
    #[arg(long, value_name = "FILE")]
    pub stdout: Option<PathBuf>,
    /// What it printed on standard error; - is standard input
    #[arg(long, value_name = "FILE")]
    pub stderr: Option<PathBuf>,
    /// Its exit status
    #[arg(long, default_value_t = 0, allow_hyphen_values = true)]
    pub status: i32,
    /// The command line that was run, program first; it is not run again
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub argv: Vec<String>,
}
