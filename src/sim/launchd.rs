//! launchd's system domain: macOS's own services that can be switched, and the domain as a whole.

use super::Machine;
use super::state::State;

/// One of macOS's own services that can be switched.
pub(super) struct Service {
    /// Its label.
    pub label: &'static str,
    /// Where its property list is.
    pub path: &'static str,
    /// Its program.
    pub program: &'static str,
    /// Its switch.
    pub switch: fn(&mut State) -> &mut bool,
}

const SERVICES: [Service; 8] = [
    Service {
        label: "com.apple.AEServer",
        path: "/System/Library/LaunchDaemons/com.apple.eppc.plist",
        program: "/usr/libexec/AEServer",
        switch: |state| &mut state.sharing.remote_apple_events,
    },
    Service {
        label: "com.apple.nfsd",
        path: "/System/Library/LaunchDaemons/com.apple.nfsd.plist",
        program: "/sbin/nfsd",
        switch: |state| &mut state.services.nfs_server,
    },
    Service {
        label: "com.apple.screensharing",
        path: "/System/Library/LaunchDaemons/com.apple.screensharing.plist",
        program: "/System/Library/CoreServices/RemoteManagement/screensharingd.bundle/Contents/MacOS/screensharingd",
        switch: |state| &mut state.services.screen_sharing,
    },
    Service {
        label: "com.apple.smbd",
        path: "/System/Library/LaunchDaemons/com.apple.smbd.plist",
        program: "/usr/sbin/smbd",
        switch: |state| &mut state.services.file_sharing,
    },
    Service {
        label: "com.apple.tftpd",
        path: "/System/Library/LaunchDaemons/tftp.plist",
        program: "/usr/libexec/tftpd",
        switch: |state| &mut state.services.tftp_server,
    },
    Service {
        label: "com.apple.uucp",
        path: "/System/Library/LaunchDaemons/com.apple.uucp.plist",
        program: "/usr/sbin/uucico",
        switch: |state| &mut state.services.uucp,
    },
    Service {
        label: "com.openssh.sshd",
        path: "/System/Library/LaunchDaemons/ssh.plist",
        program: "/usr/libexec/sshd-keygen-wrapper",
        switch: |state| &mut state.sharing.remote_login,
    },
    Service {
        label: "org.apache.httpd",
        path: "/System/Library/LaunchDaemons/org.apache.httpd.plist",
        program: "/usr/sbin/httpd",
        switch: |state| &mut state.services.web_server,
    },
];

/// The labels of those services.
pub(super) fn labels() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|service| service.label)
}

/// The service with this label.
pub(super) fn service(label: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.label == label)
}

/// The service that the property list at `path` describes.
pub(super) fn described(path: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.path == path)
}

impl Service {
    /// Whether launchd has it.
    pub fn is_loaded(&self, state: &State) -> bool {
        *(self.switch)(&mut state.clone())
    }

    /// Whether launchd is told to load it: it would not of itself.
    pub fn is_enabled(&self, state: &State) -> bool {
        state.service_overrides.iter().any(|known| known.label == self.label && !known.disabled)
    }

    /// Where launchd says that it has it from. Since macOS 26 Screen Sharing is submitted.
    pub fn from(&self, state: &State) -> String {
        match self.label {
            "com.apple.screensharing" if state.at_least(&[26]) => "(submitted by smd[541])".to_owned(),
            _ => self.path.to_owned(),
        }
    }
}

/// The domain as macOS 26 prints it, shortened: few of macOS's own services, and no endpoints.
pub(super) fn domain(mac: &Machine) -> String {
    let state = &mac.state;
    let mut rows = vec![(312, "com.apple.runningboardd")];
    if state.services.time_service {
        rows.push((0, "com.apple.timed"));
    }
    rows.extend(SERVICES.iter().filter(|service| service.is_loaded(state)).map(|service| (0, service.label)));
    rows.extend(state.jobs.iter().map(|job| (0, job.label.as_str())));
    let mut text =
        format!("system = {{\n\ttype = system\n\thandle = 0\n\tservice count = {}\n\n\tservices = {{\n", rows.len());
    for (pid, label) in rows {
        text.push_str(&format!("\t\t{pid:>8}      - \t{label}\n"));
    }
    text.push_str("\t}\n\n\tunmanaged processes = {\n\t}\n");
    text.push_str(&super::launchctl::overrides(mac));
    text.push_str("\n\tproperties = uncorked\n}\n");
    text
}
