//! Becoming a user for good. As root the change is made and looked at; otherwise the refusal is.

use std::process::{Command, Output};

use nix::unistd::{User, getuid};

use crate::unruly;

/// The one user that every system has and that may do nothing.
fn nobody() -> User {
    User::from_name("nobody").unwrap().expect("every system has nobody")
}

/// Starts the misbehaving program as its own smaller self.
fn become_user(uid: u32, argv: &[&str]) -> Output {
    let mut command = Command::new(unruly());
    command.args(["as-user", &uid.to_string(), "--"]).args(argv);
    command.env("SECRET", "x").env("DYLD_INSERT_LIBRARIES", "").output().unwrap()
}

fn refused(output: &Output, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = if getuid().is_root() { words } else { "only root can become user" };
    assert_eq!(output.status.code(), Some(70), "{said}");
    assert!(said.contains(expected), "{said}");
    assert!(output.stdout.is_empty());
}

/// What a program of nobody's prints; where the tests are not root's, asserts the refusal instead.
fn printed(argv: &[&str], expected: &str) {
    let output = become_user(nobody().uid.as_raw(), argv);
    if getuid().is_root() {
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{output:?}");
        assert!(output.status.success());
    } else {
        refused(&output, "only root can become user");
    }
}

#[test]
fn user_and_group_are_the_users_and_no_other_group_is_left() {
    let nobody = nobody();
    printed(&["/usr/bin/id", "-u"], &format!("{}\n", nobody.uid));
    printed(&["/usr/bin/id", "-ru"], &format!("{}\n", nobody.uid));
    printed(&["/usr/bin/id", "-rg"], &format!("{}\n", nobody.gid));
    printed(&["/usr/bin/id", "-G"], &format!("{}\n", nobody.gid));
}

/// The saved ids too, so that there is no way back.
#[cfg(target_os = "linux")]
#[test]
fn nothing_of_root_is_saved() {
    let User { uid, gid, .. } = nobody();
    let expected = format!("Uid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t{gid}\t{gid}\t{gid}\t{gid}\n");
    printed(&["/bin/grep", "-E", "^[UG]id:", "/proc/self/status"], &expected);
}

#[test]
fn the_environment_is_the_users_and_nothing_else() {
    let home = nobody().dir;
    let expected =
        format!("HOME={}|LC_ALL=C|LOGNAME=nobody|PATH=/usr/bin:/bin:/usr/sbin:/sbin|USER=nobody|", home.display());
    let output = become_user(nobody().uid.as_raw(), &["/usr/bin/env"]);
    if getuid().is_root() {
        let mut lines: Vec<&str> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
        lines.sort_unstable();
        assert_eq!(lines.iter().map(|line| format!("{line}|")).collect::<String>(), expected);
    } else {
        refused(&output, "only root can become user");
    }
}

#[test]
fn arguments_are_given_as_they_stand() {
    printed(&["/bin/echo", "a  b", "--", "$HOME"], "a  b -- $HOME\n");
}

#[test]
fn what_would_drop_nothing_or_is_not_known_is_refused() {
    let nobody = nobody().uid.as_raw();
    refused(&become_user(0, &["/usr/bin/id"]), "user 0");
    refused(&become_user(1_234_567_890, &["/usr/bin/id"]), "there is no user 1234567890");
    refused(&become_user(nobody, &["id"]), "absolute path");
    refused(&become_user(nobody, &[]), "absolute path");
    refused(&become_user(nobody, &["/nonexistent/tool"]), "No such file");
}
