//! Finding out what kind of Mac this is.

use super::{Look, ToolError, ask};
use crate::facts::{Facts, Form, Processor, Version};
use crate::mac::{sw_vers, system_profiler};

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
    let form = if is_virtual(&hardware.model, &hardware.name) {
        Form::Virtual
    } else if hardware.name.starts_with("MacBook") {
        Form::Laptop
    } else {
        Form::Desktop
    };
    let processor = if hardware.apple_silicon { Processor::AppleSilicon } else { Processor::Intel };
    Ok(Facts { macos, build: os.build, processor, form, model: hardware.model })
}

/// Apple's own virtual Macs call themselves `VirtualMac2,1`; VMware, Parallels and QEMU put their name into the model.
fn is_virtual(model: &str, name: &str) -> bool {
    let text = format!("{model} {name}").to_ascii_lowercase();
    ["virtual", "vmware", "parallels", "qemu"].iter().any(|word| text.contains(word))
}
