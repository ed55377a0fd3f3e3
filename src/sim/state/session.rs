//! Who is logged in, and what goes on in their sessions.

use serde::{Deserialize, Serialize};

use super::State;

/// Jamf Trust. Whether it is installed is told by its file, not here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JamfTrust {
    /// Short names of those in whose sessions it runs.
    pub running: Vec<String>,
    /// What its VPN service is: `Connected`, `Disconnected`; `None` where there is no such service.
    pub vpn: Option<String>,
    /// What `open` says as it refuses to hand over a URL; `None` where it does not refuse.
    pub refuses: Option<String>,
    /// Takes a URL and does nothing.
    pub ignores: bool,
    /// To whom `open` handed the URL for signing out, in order.
    pub delivered: Vec<String>,
}

/// How whoever is at the screen answers swiftDialog. Whether that is installed is told by its app's file, not here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialogAnswer {
    /// With the first button.
    First,
    /// With the second one.
    Second,
    /// Not at all.
    #[default]
    Nothing,
    /// By Command-Q.
    Quit,
}

/// A notice that was shown in Notification Center.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// To whom: a short name.
    pub user: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub message: String,
}

/// What a process holds so that the Mac or its display stays awake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assertion {
    /// The process's id.
    pub pid: u32,
    /// The process's name.
    pub process: String,
    /// `NoDisplaySleepAssertion`, ...
    pub kind: String,
    /// What the process calls it.
    pub name: String,
}

/// A job that launchd has loaded into the system domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its label.
    pub label: String,
    /// The property list that it was loaded from.
    pub path: String,
    /// Program and arguments.
    pub arguments: Vec<String>,
}

/// A process beside those that follow from the rest of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its owner's user id.
    pub uid: i64,
    /// Its program.
    pub path: String,
}

impl State {
    /// Short names of all who are logged in, whoever is at the screen first.
    #[must_use]
    pub fn sessions(&self) -> Vec<&str> {
        self.console_user.iter().chain(&self.behind).map(String::as_str).collect()
    }

    /// Logs `name` in at the screen; whoever was there stays logged in behind it.
    pub fn log_in(&mut self, name: &str) {
        self.switch_to(None);
        self.behind.retain(|other| other != name);
        self.console_user = Some(name.to_owned());
    }

    /// Puts another session on the screen, or the login window.
    pub fn switch_to(&mut self, name: Option<&str>) {
        self.behind.extend(self.console_user.take());
        self.behind.retain(|other| Some(other.as_str()) != name);
        self.console_user = name.map(str::to_owned);
    }

    /// Ends the session of `name`, wherever it is.
    pub fn log_out(&mut self, name: &str) {
        self.console_user.take_if(|at_screen| at_screen == name);
        self.behind.retain(|other| other != name);
        self.jamf_trust.running.retain(|other| other != name);
    }

    /// The short name of user `uid`, where that user is logged in.
    #[must_use]
    pub fn in_session(&self, uid: u32) -> Option<&str> {
        let name = &self.user_by_id(uid)?.name;
        self.sessions().into_iter().find(|session| session == name)
    }
}
