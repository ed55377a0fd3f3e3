//! `system_profiler`: what kind of machine this is. Its values are localised in places; the identifiers read here are not.

use std::time::Duration;

use plist::{Dictionary, Value};
use serde::Serialize;

use super::{Invocation, Misread, Output, Question, xml};

/// The machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hardware {
    /// Model identifier, `Mac16,13`.
    pub model: String,
    /// Marketing name without year, `MacBook Air`. A virtual machine may lack it; then the model.
    pub name: String,
    /// Whether the processor is Apple's; Intel otherwise.
    pub apple_silicon: bool,
    /// The hardware's own UUID, the same for as long as it has its logic board; `None` where it is not told.
    pub uuid: Option<String>,
}

impl Hardware {
    /// Whether this is a virtual Mac, by the model identifiers that the known hypervisors give.
    #[must_use]
    pub fn is_virtual(&self) -> bool {
        ["VirtualMac", "VMware", "Parallels"].iter().any(|vendor| self.model.starts_with(vendor))
    }
}

/// What machine is this? Takes seconds on a busy Mac: up to 60 s.
#[must_use]
pub fn hardware() -> Question<Hardware> {
    let run = Invocation::new("/usr/sbin/system_profiler", &["SPHardwareDataType", "-xml"]);
    Question::closed(run.within(Duration::from_secs(60)), parse)
}

/// Reads the answer.
///
/// # Errors
/// [`Misread`] where model or processor are not told.
pub(crate) fn parse(output: &Output) -> Result<Hardware, Misread> {
    let lacks = |what: &str| Misread::new(format!("the hardware overview with {what}"), "a property list without it");
    let list = xml::printed(output)?.into_array().ok_or_else(|| lacks("an array at its root"))?;
    let [report] = list.as_slice() else { return Err(lacks("one report")) };
    let items = report.as_dictionary().and_then(|report| report.get("_items")).and_then(Value::as_array);
    let [item] = items.map_or(&[][..], Vec::as_slice) else { return Err(lacks("one item")) };
    let item = item.as_dictionary().ok_or_else(|| lacks("one item"))?;
    let model = text(item, "machine_model").ok_or_else(|| lacks("machine_model"))?;
    let apple_silicon = match (text(item, "chip_type"), text(item, "cpu_type")) {
        (Some(chip), None) if chip.starts_with("Apple ") => true,
        (None, Some(cpu)) if cpu.contains("Intel") => false,
        _ => return Err(lacks("either an Apple chip_type or an Intel cpu_type")),
    };
    let name = text(item, "machine_name").unwrap_or(model);
    let uuid = text(item, "platform_UUID").map(str::to_owned);
    Ok(Hardware { model: model.to_owned(), name: name.to_owned(), apple_silicon, uuid })
}

fn text<'a>(item: &'a Dictionary, key: &str) -> Option<&'a str> {
    item.get(key).and_then(Value::as_string).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::{out, out_with};

    fn report(rows: &str) -> String {
        format!(
            "<plist version=\"1.0\"><array><dict><key>_items</key><array><dict>{rows}</dict></array></dict></array></plist>\n"
        )
    }

    const ARM: &str = "<key>chip_type</key><string>Apple M4</string><key>machine_model</key><string>Mac16,12</string><key>machine_name</key><string>MacBook Air</string>";
    const INTEL: &str = "<key>cpu_type</key><string>Quad-Core Intel Core i7</string><key>machine_model</key><string>MacBookPro15,2</string><key>machine_name</key><string>MacBook Pro</string>";

    #[test]
    fn both_processors_are_read() {
        let arm = parse(&out(&report(ARM))).unwrap();
        assert!(arm.apple_silicon && arm.name == "MacBook Air" && !arm.is_virtual());
        assert!(!parse(&out(&report(INTEL))).unwrap().apple_silicon);
        let vm = report(&ARM.replace("Mac16,12", "VirtualMac2,1"));
        assert!(parse(&out(&vm)).unwrap().is_virtual());
    }

    #[test]
    fn an_unclear_processor_and_a_cut_are_refused() {
        assert!(parse(&out(&report(&format!("{ARM}{INTEL}")))).is_err());
        assert!(parse(&out(&report("<key>machine_model</key><string>Mac16,12</string>"))).is_err());
        let whole = report(ARM);
        assert!(parse(&out(&whole[..whole.len() - 4])).is_err());
        assert!(parse(&out_with(1, &whole)).is_err());
    }
}
