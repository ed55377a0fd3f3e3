//! What people read about a control, and what they may set.

use holdfast::control::{Kind, Laxer, Plan, Reach, Remedy, Setting, Value};
use holdfast::controls;

use crate::cases::{mac, plan};

fn is_sentence(text: &str) -> bool {
    text.ends_with('.') && starts(text)
}

fn starts(text: &str) -> bool {
    text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
        || ["macOS", "recoveryOS"].iter().any(|name| text.starts_with(name))
}

#[test]
fn a_title_is_a_state_and_the_rest_are_sentences() {
    for control in controls::all() {
        let id = control.id;
        assert!(starts(control.title) && !control.title.ends_with('.'), "{id}: title without full stop, please");
        assert!(is_sentence(control.why), "{id}: why is a sentence with a full stop: {:?}", control.why);
        assert!(is_sentence(control.user_impact), "{id}: user_impact is a sentence: {:?}", control.user_impact);
        assert!(!control.check.is_empty() && !control.check.ends_with('.'), "{id}: check without full stop");
        if let Some(text) = control.disruptive {
            assert!(!text.is_empty() && !text.ends_with('.'), "{id}: disruptive is a clause without full stop");
        }
        for text in [control.title, control.why, control.check, control.user_impact] {
            assert!(!text.contains("  ") && !text.contains('\n'), "{id}: {text:?} has a gap from a broken line");
        }
        for variant in control.variants {
            let Reach::Applies { remedy, .. } = &variant.reach else { continue };
            let text = match remedy {
                Remedy::Automatic { how, side_effects, .. } => {
                    assert!(!side_effects.is_empty(), "{id}: no side effects are \"none\"");
                    how
                }
                Remedy::Profile { payload } => payload,
                Remedy::ByHand { instructions } => {
                    assert!(is_sentence(instructions), "{id}: instructions are sentences: {instructions:?}");
                    instructions
                }
                Remedy::ServerSide { place } => place,
            };
            assert!(text.len() > 10 && !text.contains("  "), "{id}: the remedy says nothing: {text:?}");
        }
    }
}

#[test]
fn a_profile_remedy_names_a_payload_or_declaration() {
    for control in controls::all() {
        for variant in control.variants {
            if let Reach::Applies { remedy: Remedy::Profile { payload }, .. } = &variant.reach {
                let named = payload.starts_with("com.apple.") && payload.contains(": ");
                assert!(named, "{}: name the payload or declaration and its keys: {payload:?}", control.id);
            }
        }
    }
}

fn is_upper_camel_case(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_uppercase()) && key.chars().all(|c| c.is_ascii_alphanumeric())
}

#[test]
fn a_setting_has_a_key_of_its_own_and_a_default_that_fits() {
    for control in controls::all() {
        let mut keys = Vec::new();
        for setting in control.settings {
            let name = format!("{} {}", control.id, setting.key);
            assert!(is_upper_camel_case(setting.key), "{name}: keys are UpperCamelCase");
            assert_ne!(setting.key, "Mode", "{name}: every control has a Mode already");
            assert!(!keys.contains(&setting.key), "{name}: two settings with one key");
            keys.push(setting.key);
            assert!(is_sentence(setting.doc), "{name}: doc is a sentence: {:?}", setting.doc);
            assert_eq!(setting.objection(&setting.default()), None, "{name}: its own default is refused");
            assert!(bounds(setting), "{name}: bounds and direction do not fit: {:?} {:?}", setting.kind, setting.laxer);
        }
    }
}

/// Whether the bounds are wide enough to choose in, are kept, and the direction is one that the type has.
fn bounds(setting: &Setting) -> bool {
    match setting.kind {
        Kind::Integer { default, min, max, unit } => {
            let refused = |number| setting.objection(&Value::Integer(number)).is_some();
            0 <= min
                && min < max
                && (min..=max).contains(&default)
                && unit.ends_with('s')
                && !refused(min)
                && !refused(max)
                && refused(min - 1)
                && refused(max + 1)
                && matches!(setting.laxer, Laxer::Higher | Laxer::Lower)
        }
        Kind::Flag { .. } => !matches!(setting.laxer, Laxer::Higher | Laxer::Lower),
        Kind::Versions { .. } => {
            let majors: Vec<String> = match setting.default() {
                Value::List(list) => list.iter().filter_map(|v| Some(v.split_once('.')?.0.to_owned())).collect(),
                _ => return false,
            };
            let known = crate::supported::majors();
            known.iter().map(u32::to_string).eq(majors) && setting.laxer == Laxer::Lower
        }
        Kind::Names | Kind::Times | Kind::Cron | Kind::Choice { .. } | Kind::Text { .. } | Kind::Path { .. } => {
            matches!(setting.laxer, Laxer::Any | Laxer::Never)
        }
    }
}

/// Whoever reads the words of a control can run them as they stand.
#[test]
fn the_command_of_an_update_control_is_the_one_that_is_run() {
    const IDS: [&str; 6] = [
        "update_check",
        "update_download",
        "update_install_macos",
        "update_security_responses",
        "update_config_data",
        "update_app_store",
    ];
    let mac = mac("neglected@intel-laptop-14");
    for id in IDS {
        let Plan::Now(steps) = plan(&mac, id) else { panic!("{id}") };
        let run: Vec<String> = steps.iter().map(|step| step.change.to_string()).collect();
        for variant in controls::find(id).unwrap().variants {
            if let Reach::Applies { remedy: Remedy::Automatic { how, .. }, .. } = variant.reach {
                assert_eq!(run, [format!("/usr/bin/{how}")], "{id}");
            }
        }
    }
}
