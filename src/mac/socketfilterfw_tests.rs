use super::*;
use crate::mac::lines::tests::{err, out, out_with};

fn state(text: &str) -> Option<u8> {
    parse_global_state(&out(text)).ok().map(|read| read.state)
}

#[test]
fn the_number_decides_and_the_words_must_agree() {
    assert_eq!(state("Firewall is disabled. (State = 0)\n"), Some(0));
    assert_eq!(state("Firewall is enabled. (State = 1) \r\n"), Some(1));
    assert_eq!(state("Firewall is enabled. (State = 2)\n"), Some(2));
    assert_eq!(state("Firewall is blocking all non-essential incoming connections. (State = 2)\n"), Some(2));
    for bad in [
        "",
        "Firewall is enabled.\n",
        "Firewall is disabled. (State = 1)\n",
        "Firewall is enabled. (State = 0)\n",
        "Firewall is blocking all non-essential incoming connections. (State = 1)\n",
        "Firewall is not enabled. (State = 1)\n",
        "Firewall is enabled. (State = 3)\n",
        "Firewall is enabled. (State = 10)\n",
        "Firewall is enabled. (State = 1",
        "Firewall is enabled. (State = 1) but\n",
        "x Firewall is enabled. (State = 1)\n",
        "Firewall is enabled. (State = 1)\nFirewall is disabled. (State = 0)\n",
    ] {
        assert_eq!(state(bad), None, "{bad}");
    }
    assert!(parse_global_state(&out_with(99, "Firewall is enabled. (State = 1)\n")).is_err());
}

#[test]
fn both_generations_of_getters_are_read() {
    for (words, value) in BLOCK_ALL {
        assert_eq!(parse_block_all(&out(&format!("{words} \n"))).map(|read| read.block_all), Ok(*value));
    }
    for (words, value) in STEALTH {
        assert_eq!(parse_stealth(&out(&format!("{words} \n"))).map(|read| read.stealth), Ok(*value));
    }
    assert_eq!(parse_logging(&out("Log mode is off \n")).map(|read| read.logging), Ok(false));
    assert!(parse_logging(&out("Log mode is o")).is_err());
    assert!(parse_stealth(&out("Stealth mode enabled\nStealth mode disabled\n")).is_err());
    assert!(
        parse_block_all(&out("Firewall is blocking all non-essential incoming connections. (State = 2)\n")).is_err()
    );
    assert!(parse_block_all(&out("Block all DISABLEDENABLED!\n")).is_err());
}

#[test]
fn signed_software_has_two_lines_in_order() {
    let read = |text: &str| parse_allow_signed(&out(text)).map(|read| (read.built_in, read.downloaded)).ok();
    let (first, second) = (
        "Automatically allow built-in signed software ENABLED.",
        "Automatically allow downloaded signed software DISABLED.",
    );
    assert_eq!(read(&format!("{first}\n{second}\n")), Some((true, Some(false))));
    assert_eq!(read(&format!("{first}\n")), Some((true, None)));
    assert_eq!(read(first), None);
    assert_eq!(read(&format!("{second}\n{first}\n")), None);
    assert_eq!(read(&format!("{first}\n{second}\n{second}\n")), None);
    let older = "Automatically allow signed built-in software DISABLED\n";
    assert_eq!(read(&format!("{older}{second}\n")), Some((false, Some(false))));
    assert_eq!(read(&format!("{older}{first}\n")), None);
    assert_eq!(read(&format!("{first}\nAutomatically allow downloaded")), None);
}

#[test]
fn a_setter_is_managed_content_or_not_understood() {
    let refused = |output: &Output| parse_setter(output).map(|read| read.refused).ok();
    assert_eq!(refused(&out(&format!("{MANAGED}\n"))), Some(Some(Refusal::Managed)));
    assert_eq!(refused(&err(1, &format!("{MANAGED}\n"))), Some(Some(Refusal::Managed)));
    for content in [
        "Firewall is enabled. (State = 1)\n",
        "Stealth mode enabled\n",
        "Disabled allow signed downloaded applications automatically \n",
    ] {
        assert_eq!(refused(&out(content)), Some(None), "{content}");
    }
    for bad in [
        "Failed to set log mode (err: 1 - Operation not permitted)\n",
        "usage: socketfilterfw\n",
        "Firewall is enabled. (State",
    ] {
        assert_eq!(refused(&out(bad)), None, "{bad}");
    }
    assert_eq!(refused(&out_with(1, "Firewall is enabled. (State = 1)\n")), None);
    assert_eq!(refused(&Output::default()), None);
    let change = set_stealth_mode(true);
    assert_eq!((change.read)(&Output::default()), Ok(()));
    assert!((change.read)(&out_with(99, "")).is_err());
    assert_eq!(change.run.argv[1..], ["--setstealthmode", "on"]);
    assert!(matches!((change.read)(&out(MANAGED)), Err(Misread::Managed { .. })));
}
