//! Finding out what kind of Mac this is.

use super::{Look, ToolError, ask};
use crate::facts::{Facts, Form, Processor, Version};
use crate::mac::{sw_vers, system_profiler};
use crate::text::excerpt;

/// Asks for the macOS version and the hardware.
///
/// # Errors
/// [`ToolError`] where one of them could not be told.
pub fn survey(look: &dyn Look) -> Result<Facts, ToolError> {
    let question = sw_vers::version();
    let os = ask(look, &question)?;
    let Some(macos) = Version::parse(&os.version) else {
        return Err(ToolError::Unsupported { what: format!("macOS version \"{}\"", os.version) });
    };
    let hardware = ask(look, &system_profiler::hardware())?;
    let Some(form) = form(&hardware) else {
        let what = format!("a Mac named \"{}\", model \"{}\"", excerpt(&hardware.name), excerpt(&hardware.model));
        return Err(ToolError::Unsupported { what });
    };
    let processor = if hardware.apple_silicon { Processor::AppleSilicon } else { Processor::Intel };
    Ok(Facts { macos, build: os.build, processor, form, model: hardware.model, uuid: hardware.uuid })
}

/// The name's beginnings, with and without the blanks that the model identifier, its stand-in, lacks. The identifiers of
/// Apple silicon (`Mac16,13`) do not tell the form, so without a name such a Mac is not known.
const DESKTOPS: [&str; 7] = ["iMac", "Mac mini", "Macmini", "Mac Studio", "Mac Pro", "MacPro", "Xserve"];

/// What the Mac is built as; `None` for a name that this release does not know: a wrong guess would leave out the controls
/// that depend on it.
fn form(hardware: &system_profiler::Hardware) -> Option<Form> {
    let begins = |names: &[&str]| names.iter().any(|name| hardware.name.starts_with(name));
    if hardware.is_virtual() {
        Some(Form::Virtual)
    } else if begins(&["MacBook"]) {
        Some(Form::Laptop)
    } else {
        begins(&DESKTOPS).then_some(Form::Desktop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_known_by_name_or_not_at_all() {
        let of = |name: &str, model: &str| {
            form(&system_profiler::Hardware { name: name.into(), model: model.into(), apple_silicon: true, uuid: None })
        };
        for (name, model, expected) in [
            ("MacBook Air", "Mac16,13", Some(Form::Laptop)),
            ("MacBook Pro", "MacBookPro15,2", Some(Form::Laptop)),
            ("MacBookPro15,2", "MacBookPro15,2", Some(Form::Laptop)),
            ("iMac Pro", "iMacPro1,1", Some(Form::Desktop)),
            ("Mac mini", "Mac16,10", Some(Form::Desktop)),
            ("Macmini8,1", "Macmini8,1", Some(Form::Desktop)),
            ("Mac Studio", "Mac13,1", Some(Form::Desktop)),
            ("Mac Pro", "Mac14,8", Some(Form::Desktop)),
            ("Apple Virtual Machine 1", "VirtualMac2,1", Some(Form::Virtual)),
            ("MacBook Pro", "VMware20,1", Some(Form::Virtual)),
            ("Mac16,13", "Mac16,13", None),
            ("Mac", "Mac99,1", None),
            ("QEMU Virtual Machine", "QEMU", None),
        ] {
            assert_eq!(of(name, model), expected, "{name}, {model}");
        }
    }
}
