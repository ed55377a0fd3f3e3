//! For every Mac that is supported, every control says what holds there.

use holdfast::control::{Can, Control, Reach, Remedy};
use holdfast::controls;
use holdfast::facts::{Facts, Form, Processor, Version};

/// The macOS versions that this release knows.
pub fn majors() -> [u32; 4] {
    [14, 15, 26, 27]
}

/// One Mac of each supported kind. macOS 27 runs on Apple silicon only.
pub fn macs() -> Vec<Facts> {
    let mut macs = Vec::new();
    for major in majors() {
        for processor in [Processor::Intel, Processor::AppleSilicon] {
            if major >= 27 && processor == Processor::Intel {
                continue;
            }
            for form in [Form::Laptop, Form::Desktop, Form::Virtual] {
                let (build, model) = (String::new(), String::new());
                macs.push(Facts { macos: Version(vec![major]), build, processor, form, model, uuid: None });
            }
        }
    }
    macs
}

/// Whether nothing of the control can be seen on a Mac: it is set on a server, and reported as not applicable with the place.
pub fn is_on_a_server(control: &Control) -> bool {
    control.id.starts_with("jamf_server_")
}

#[test]
fn every_control_says_what_holds_on_every_supported_mac() {
    for control in controls::all() {
        for mac in macs() {
            assert!(
                control.variant(&mac).is_some(),
                "{} says nothing about {mac}: add a variant, Reach::Absent with the reason where it does not exist",
                control.id
            );
        }
    }
}

#[test]
fn no_control_claims_a_mac_that_this_release_does_not_know() {
    for control in controls::all() {
        for mut mac in macs() {
            for unknown in [13, 28] {
                mac.macos = Version(vec![unknown]);
                assert!(
                    control.variant(&mac).is_none(),
                    "{} claims macOS {unknown}, which nobody has looked at: narrow its variants",
                    control.id
                );
            }
        }
    }
}

#[test]
fn no_variant_stands_in_the_shadow_of_an_earlier_one() {
    for control in controls::all() {
        for (n, variant) in control.variants.iter().enumerate() {
            let mut reachable = macs();
            // No such Mac exists, but what is said about it may be said for the reader.
            reachable.extend(macs().into_iter().map(|mac| Facts { processor: Processor::Intel, ..mac }));
            assert!(
                reachable.iter().any(|mac| control.variant(mac).is_some_and(|first| std::ptr::eq(first, variant))),
                "variant {n} of {} is never the first that matches: remove it or move it up",
                control.id
            );
        }
    }
}

#[test]
fn every_control_applies_somewhere_and_is_absent_with_a_reason() {
    for control in controls::all() {
        let applies = |mac: &Facts| matches!(control.variant(mac).unwrap().reach, Reach::Applies { .. });
        assert!(macs().iter().any(applies), "{} applies nowhere", control.id);
        for variant in control.variants {
            assert!(variant.macos.0 <= variant.macos.1, "{}: {:?} is no range", control.id, variant.macos);
            if let Reach::Absent { because } = variant.reach {
                assert!(because.len() > 15 && !because.ends_with('.'), "{}: say why: {because:?}", control.id);
            }
        }
    }
}

/// Nothing is written that could not take effect: an automatic remedy only where root can set it for good.
#[test]
fn an_automatic_remedy_needs_a_root_that_can() {
    for control in controls::all() {
        for variant in control.variants {
            let Reach::Applies { can, remedy } = &variant.reach else { continue };
            let can_set = matches!(can, Can::Yes | Can::YesUnlessManaged | Can::UserContext | Can::Partial);
            assert!(
                can_set || !matches!(remedy, Remedy::Automatic { .. }),
                "{} on macOS {:?} sets what root cannot set ({can:?}): name a profile or a person instead",
                control.id,
                variant.macos
            );
            let by_person = matches!(remedy, Remedy::ByHand { .. } | Remedy::ServerSide { .. });
            assert!(
                *can != Can::Manual || by_person,
                "{} on macOS {:?} needs a person, and its remedy is none",
                control.id,
                variant.macos
            );
        }
    }
}
