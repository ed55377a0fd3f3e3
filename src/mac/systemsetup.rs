//! `systemsetup`: sharing switches and network time. It refuses on standard output with exit status 0, reads included.

use serde::Serialize;

use super::changes::Single;
use super::lines::{self, Reply, after, either};
use super::{Change, Invocation, Misread, Output, Question};

const PROGRAM: &str = "/usr/sbin/systemsetup";

/// A switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Switch {
    /// Whether it is on.
    pub on: bool,
}

/// Where the time comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimeServer {
    /// The server's name or address.
    pub server: String,
}

const NETWORK_TIME: &str = "Network Time: ";

/// Is the clock set by a server?
#[must_use]
pub fn network_time() -> Question<Switch> {
    Question::lines(Invocation::new(PROGRAM, &["-getusingnetworktime"]), |output| parse(NETWORK_TIME, output))
}

/// Has the clock set by a server, or not.
#[must_use]
pub fn set_network_time(on: bool) -> Change {
    let run = Invocation::new(PROGRAM, &["-setusingnetworktime", if on { "on" } else { "off" }]);
    Change { run, read: lines::unrefused }
}

/// By which server is the clock set, where it is?
#[must_use]
pub fn time_server() -> Question<TimeServer> {
    Question::lines(Invocation::new(PROGRAM, &["-getnetworktimeserver"]), parse_time_server)
}

/// Names the server that the clock is set by. `server` passes [`is_host`].
#[must_use]
pub fn set_time_server(server: &str) -> Change {
    debug_assert!(is_host(server), "{server} is no host");
    Change { run: Invocation::new(PROGRAM, &["-setnetworktimeserver", server]), read: lines::unrefused }
}

/// Whether `text` can be a host that goes into a command: a name or an address, of letters, digits, dots, hyphens and colons,
/// with neither a hyphen nor a dot in front.
#[must_use]
pub fn is_host(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:".contains(&b));
    plain && !text.is_empty() && !text.starts_with(['-', '.'])
}

/// The command `args` as a change of the agent's own: the clock's switch, or its server.
pub(super) fn own(args: &[&str]) -> Option<Vec<Single>> {
    let single = match args {
        ["-setusingnetworktime", word @ ("on" | "off")] => {
            let run = Invocation::new(PROGRAM, &["-getusingnetworktime"]);
            let is = |word: &str, output: &Output| Ok(parse(NETWORK_TIME, output)?.on == (word == "on"));
            Single::new("network time", set_network_time(*word == "on"), vec![Question::about(run, word, is)])
        }
        ["-setnetworktimeserver", server] if is_host(server) => {
            let run = Invocation::new(PROGRAM, &["-getnetworktimeserver"]);
            let is = |server: &str, output: &Output| Ok(parse_time_server(output)?.server == server);
            Single::new("network time server", set_time_server(server), vec![Question::about(run, server, is)])
        }
        _ => return None,
    };
    Some(vec![single])
}

/// The label that each getter prints before its answer.
pub(crate) const LABELS: &[(&str, &str)] = &[
    ("-getremotelogin", "Remote Login: "),
    ("-getremoteappleevents", "Remote Apple Events: "),
    ("-getusingnetworktime", NETWORK_TIME),
];

/// Reads the answer of `-getnetworktimeserver`.
///
/// # Errors
/// [`Misread`] for anything but one line with a host; a refusal is named.
pub(crate) fn parse_time_server(output: &Output) -> Result<TimeServer, Misread> {
    const EXPECTED: &str = "\"Network Time Server: \" and a host";
    let reply = reply(output, EXPECTED)?;
    let server = after(reply.only(EXPECTED)?, "Network Time Server: ").filter(|server| is_host(server));
    server.map(|server| TimeServer { server: server.to_owned() }).ok_or_else(|| reply.misread(EXPECTED))
}

/// The answer without the trouble that a framework logs beside it, where the exit status is 0.
fn reply(output: &Output, expected: &str) -> Result<Reply, Misread> {
    let mut reply = Reply::of(output)?;
    reply.status_in(&[0], expected)?;
    reply.lines.retain(|line| !lines::is_framework_error(line));
    Ok(reply)
}

/// Reads the answer of a getter that prints `label`.
///
/// # Errors
/// [`Misread`] for anything but one line with that label; a refusal is named.
pub(crate) fn parse(label: &str, output: &Output) -> Result<Switch, Misread> {
    let expected = format!("\"{label}On\" or \"{label}Off\"");
    let reply = reply(output, &expected)?;
    let word = after(reply.only(&expected)?, label);
    let on = word.and_then(|word| either(word, ("On", true), ("Off", false)));
    on.map(|on| Switch { on }).ok_or_else(|| reply.misread(&expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{err, out, out_with};

    #[test]
    fn a_switch_is_read_under_its_own_label_only() {
        let read = |output: &Output| parse("Remote Login: ", output).map(|read| read.on);
        assert_eq!(read(&out("Remote Login: On\n")), Ok(true));
        assert_eq!(read(&out("Remote Login: off\r\n")), Ok(false));
        let refused = read(&out("You need administrator access to run this tool... exiting!\n"));
        assert!(matches!(refused, Err(Misread::Refused { .. })));
        for bad in ["", "Remote Login: O", "Remote Apple Events: On\n", "Remote Login: On\nRemote Login: Off\n"] {
            assert!(read(&out(bad)).is_err(), "{bad}");
        }
        assert!(read(&out_with(99, "Remote Login: On\n")).is_err());
    }

    #[test]
    fn a_time_server_is_one_host() {
        let read = |output: &Output| parse_time_server(output).map(|read| read.server);
        assert_eq!(read(&out("Network Time Server: time.apple.com\n")), Ok("time.apple.com".into()));
        assert_eq!(read(&out("Network Time Server: 2001:db8::1\n")), Ok("2001:db8::1".into()));
        let beside = Output {
            stderr: b"### Error:-99 File:/AppleInternal/Admin/InternetServices.m Line:379\n".to_vec(),
            ..out("Network Time Server: time.apple.com\n")
        };
        assert_eq!(read(&beside), Ok("time.apple.com".into()));
        for bad in ["", "Network Time Server: \n", "Network Time Server: -x\n", "Network Time Server: a b\n", "x\n"] {
            assert!(read(&out(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_change_is_made_unless_it_is_refused() {
        let read = |output: &Output| (set_network_time(true).read)(output);
        assert_eq!(read(&out("setUsingNetworkTime: On\n")), Ok(()));
        assert_eq!(read(&Output::default()), Ok(()));
        let refused = read(&out("You need administrator access to run this tool... exiting!\n"));
        assert!(matches!(refused, Err(Misread::Refused { .. })));
        assert!(read(&err(1, "")).is_err());
    }
}
