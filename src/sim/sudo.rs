//! `sudo -V`: as one captured on macOS 11 and sudo's own texts have it, with fewer names of environment variables. The version
//! is that of macOS 14; later ones are not proven.

use super::Machine;
use super::tools::{Call, Reply, said};

const VERSION: &str = "1.9.13p2";

/// Root is told what sudoers sets, others only the versions. Switches that are off have no line.
pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    if call.args.as_slice() != ["-V"] {
        return Ok(None);
    }
    let mut text = format!("Sudo version {VERSION}\n");
    if call.is_root() {
        text.push_str("Configure options: --with-password-timeout=0 --with-pam --sysconfdir=/private/etc\n");
    }
    text.push_str(&format!("Sudoers policy plugin version {VERSION}\nSudoers file grammar version 50\n"));
    if call.is_root() {
        let sudo = &mac.state.passwords.sudo;
        let (whole, tenths) = (sudo.timeout_tenths / 10, (sudo.timeout_tenths % 10).abs());
        let allowed = if sudo.log_allowed { "Log when a command is allowed by sudoers\n" } else { "" };
        text.push_str(&format!(
            "\nSudoers path: /etc/sudoers\nAuthentication methods: 'pam'\n\
             Syslog facility if syslog is being used for logging: authpriv\n\
             Send mail if the user is not in sudoers\nRequire users to authenticate by default\nRoot may run sudo\n\
             Authentication timestamp timeout: {whole}.{tenths} minutes\nPassword prompt timeout: 0.0 minutes\n\
             Number of tries to enter a password: 3\nDefault password prompt: Password: \n\
             Reset the environment to a default set of variables\n\
             Environment variables to check for safety:\n\tTZ\n\tTERM\n\
             Environment variables to remove:\n\t*=()*\n\tDYLD_*\n\
             Environment variables to preserve:\n\tMAIL\n\tHOME\n\
             Locale to use while parsing sudoers: C\n\
             Type of authentication timestamp record: {}\nIgnore case when matching user names\n\
             Ignore case when matching group names\n{allowed}Log when a command is denied by sudoers\n\
             The format of logs to produce: sudo\n\n\
             Local IP address and netmask pairs:\n\t192.0.2.17/255.255.255.0\n\n",
            sudo.record
        ));
    }
    text.push_str(&format!("Sudoers I/O plugin version {VERSION}\nSudoers audit plugin version {VERSION}\n"));
    said(text)
}
