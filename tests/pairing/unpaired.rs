//! Recordings of documented questions that no simulated Mac reproduces, and why.

const TYPED: &str = "typed for a parser: no real tool prints this frame";
const OLDER: &str = "a wording of macOS 10, which the simulated Mac does not speak";
const PASTED: &str = "columns or lines changed by whoever wrote it down";
const ELSEWHERE: &str = "a state that the simulated Mac cannot be put in";

pub const ALL: &[(&str, &str)] = &[
    ("bputil/d-multiple-volumes-min", TYPED),
    ("bputil/d-one-volume-min", TYPED),
    ("bputil/d-reduced-framed", TYPED),
    ("bputil/d-second-volume-fails", PASTED),
    ("csrutil/status-config-block-2024", PASTED),
    ("diskutil/apfs-listcryptousers-10.13beta4-one", OLDER),
    ("fdesetup/status-ea-encrypting-percent", TYPED),
    ("firmwarepasswd/check-garbage", TYPED),
    ("launchctl/print-disabled-legacy-bools-mock", TYPED),
    ("launchctl/print-screensharing-on-submitted-26.5.1", PASTED),
    ("launchctl/print-screensharing-running-mock", TYPED),
    ("launchctl/print-smbd-not-running-mock", TYPED),
    ("launchctl/print-sshd-not-running-mock", TYPED),
    ("launchctl/print-sshd-running-mock", TYPED),
    ("pmset/g-2016-active-profiles-fvdestroy1", OLDER),
    ("pmset/g-elcap-defaults-desktop-comment", PASTED),
    ("profiles/status-enrollment-10.13-old-no", OLDER),
    ("profiles/status-enrollment-10.13-old-yes", OLDER),
    ("socketfilterfw/kolide-malformed", TYPED),
    ("softwareupdate/list-10.13.1-japanese", OLDER),
    ("softwareupdate/list-error-scan", ELSEWHERE),
    ("sw_vers/10.15-19A602", PASTED),
    ("sw_vers/13.3-spaces", PASTED),
    ("sw_vers/man-13.0-rsr-example", PASTED),
    ("sysadminctl/screenlock-negative", ELSEWHERE),
];
