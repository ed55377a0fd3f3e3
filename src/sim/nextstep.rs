//! Property values in the old text form that `defaults`, `mdmclient` and `fdesetup` print: `{ Key = value; }`.

use plist::Value;

/// `value` over several lines, the last one not ended.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    let (outer, inner) = ("    ".repeat(depth), "    ".repeat(depth + 1));
    match value {
        Value::Dictionary(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            out.push_str(&outer);
            out.push_str("{\n");
            for (key, value) in entries {
                out.push_str(&inner);
                out.push_str(&quoted(key));
                out.push_str(" = ");
                write(value, depth + 1, out);
                out.push_str(";\n");
            }
            out.push_str(&outer);
            out.push('}');
        }
        Value::Array(items) => {
            out.push_str(&outer);
            out.push_str("(\n");
            for (n, item) in items.iter().enumerate() {
                out.push_str(&inner);
                write(item, depth + 1, out);
                out.push_str(if n + 1 < items.len() { ",\n" } else { "\n" });
            }
            out.push_str(&outer);
            out.push(')');
        }
        scalar => out.push_str(&quoted(&plain(scalar))),
    }
}

/// A scalar as `defaults read DOMAIN KEY` prints it: booleans as 1 and 0, nothing quoted.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Boolean(yes) => u8::from(*yes).to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Date(date) => date.to_xml_format().replace('T', " ").replace('Z', " +0000"),
        Value::Data(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{{length = {}, bytes = 0x{hex}}}", bytes.len())
        }
        _ => text(value),
    }
}

/// Text that is not plainly letters and digits goes in double quotes.
fn quoted(text: &str) -> String {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric()) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_ascii() => out.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\U{unit:04x}"))),
        }
    }
    out.push('"');
    out
}
