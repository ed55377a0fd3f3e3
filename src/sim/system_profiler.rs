//! `system_profiler`: the hardware overview.

use plist::{Dictionary, Value};

use super::Machine;
use super::files;
use super::tools::{Call, Reply, said};

/// Only what identifies the Mac: the real report also carries a table of how each key is shown.
pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    match call.args.as_slice() {
        ["SPHardwareDataType", "-xml"] | ["-xml", "SPHardwareDataType"] => {}
        _ => return Ok(None),
    }
    let hardware = &mac.state.hardware;
    let mut item = Dictionary::new();
    let mut put = |key: &str, value: &str| item.insert(key.into(), value.into());
    put("_name", "hardware_overview");
    put(if mac.state.apple_silicon() { "chip_type" } else { "cpu_type" }, &hardware.chip);
    put("machine_model", &hardware.model);
    put("machine_name", &hardware.name);
    put("physical_memory", "16 GB");
    put("platform_UUID", &hardware.uuid);
    put("serial_number", "H0LDFASTS1M0");
    let mut report = Dictionary::new();
    report.insert("_dataType".into(), "SPHardwareDataType".into());
    report.insert("_detailLevel".into(), "-2".into());
    report.insert("_items".into(), Value::Array(vec![Value::Dictionary(item)]));
    report.insert("_parentDataType".into(), "SPRootDataType".into());
    said(files::xml(&Value::Array(vec![Value::Dictionary(report)])))
}
