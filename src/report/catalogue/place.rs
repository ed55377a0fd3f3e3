//! On which Macs something holds, and who sets a control there, in words.

use std::collections::BTreeSet;

use crate::control::{Control, Reach, Remedy, Variant};
use crate::facts::{Form, Processor};

/// Where a variant holds, in words: `macOS 14 to 26, Intel laptop`.
pub(super) fn place(variant: &Variant) -> String {
    place_from(variant, variant.macos.0)
}

/// The same, where the variants before it hold from macOS `first` on for the same kinds of Mac.
fn place_from(variant: &Variant, first: u32) -> String {
    let last = variant.macos.1;
    let macos = if first == last { format!("macOS {first}") } else { format!("macOS {first} to {last}") };
    let processor = match variant.processor {
        None => "",
        Some(Processor::Intel) => ", Intel",
        Some(Processor::AppleSilicon) => ", Apple silicon",
    };
    let forms: Vec<&str> = variant
        .forms
        .iter()
        .map(|form| match form {
            Form::Laptop => "laptops",
            Form::Desktop => "desktops",
            Form::Virtual => "virtual Macs",
        })
        .collect();
    let forms = if forms.is_empty() { String::new() } else { format!(", {}", forms.join(" and ")) };
    format!("{macos}{processor}{forms}")
}

/// Who sets the control; per variant where that differs.
pub(super) fn setters(control: &Control) -> String {
    let of = |variant: &Variant| match &variant.reach {
        Reach::Applies { remedy: Remedy::Automatic { .. }, .. } => Some("agent"),
        Reach::Applies { remedy: Remedy::Profile { .. }, .. } => Some("profile"),
        Reach::Applies { remedy: Remedy::ByHand { .. }, .. } => Some("person"),
        Reach::Applies { remedy: Remedy::ServerSide { .. }, .. } => Some("server"),
        Reach::Absent { .. } => None,
    };
    let set: Vec<(&Variant, &str)> =
        control.variants.iter().filter_map(|variant| Some((variant, of(variant)?))).collect();
    let words: BTreeSet<&str> = set.iter().map(|(_, who)| *who).collect();
    match words.first() {
        Some(one) if words.len() == 1 && set.len() == control.variants.len() => (*one).to_owned(),
        _ => set
            .chunk_by(|(_, a), (_, b)| a == b)
            .filter_map(|same| Some(format!("{} ({})", same.first()?.1, places(same.iter().map(|(one, _)| *one)))))
            .collect::<Vec<_>>()
            .join("; "),
    }
}

/// Where some variants hold, in words; one range where the next goes on with the same kinds of Mac.
fn places<'a>(variants: impl Iterator<Item = &'a Variant>) -> String {
    let mut all: Vec<(u32, &Variant)> = Vec::new();
    for next in variants {
        let goes_on = |(_, last): &&mut (u32, &Variant)| {
            (last.macos.1 + 1, last.processor, last.forms) == (next.macos.0, next.processor, next.forms)
        };
        match all.last_mut().filter(goes_on) {
            Some((_, last)) => *last = next,
            None => all.push((next.macos.0, next)),
        }
    }
    all.into_iter().map(|(first, variant)| place_from(variant, first)).collect::<Vec<_>>().join("; ")
}
