//! What kind of Mac this is: macOS version, processor, form. Every control's applicability is decided on these.

use std::fmt;

/// A macOS version, compared number by number (15.10 is above 15.9; 26 is above 15).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub Vec<u32>);

impl Version {
    /// Reads `15.7.4`. `None` for anything but one to four numbers joined by full stops.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Option<Vec<u32>> = text
            .split('.')
            .map(|part| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten())
            .collect();
        parts.filter(|parts| (1..=4).contains(&parts.len())).map(|mut parts| {
            while parts.len() > 1 && parts.last() == Some(&0) {
                parts.pop();
            }
            Self(parts)
        })
    }

    /// The first number: 14, 15, 26, 27.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.0.first().copied().unwrap_or(0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

/// The processor family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Processor {
    /// Intel, with or without a T2 chip.
    Intel,
    /// Apple silicon.
    AppleSilicon,
}

/// What the Mac is built as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// A portable Mac, with a battery.
    Laptop,
    /// A desktop Mac.
    Desktop,
    /// A virtual Mac.
    Virtual,
}

/// What kind of Mac a pass runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// macOS version.
    pub macos: Version,
    /// macOS build, `25F84`.
    pub build: String,
    /// Processor family.
    pub processor: Processor,
    /// Laptop, desktop or virtual.
    pub form: Form,
    /// Model identifier, `Mac16,13`.
    pub model: String,
    /// The hardware's own UUID, by which macOS names the files of settings that a user has for this Mac alone; `None` where it
    /// is not told.
    pub uuid: Option<String>,
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let processor = match self.processor {
            Processor::Intel => "Intel",
            Processor::AppleSilicon => "Apple silicon",
        };
        let form = match self.form {
            Form::Laptop => "laptop",
            Form::Desktop => "desktop",
            Form::Virtual => "virtual machine",
        };
        write!(f, "macOS {} ({}), {processor} {form} {}", self.macos, self.build, self.model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        let v = |t| Version::parse(t).unwrap_or_else(|| panic!("{t}"));
        assert!(v("15.10") > v("15.9"));
        assert!(v("26.0") > v("15.7.4"));
        assert_eq!(v("26"), v("26.0.0"));
        for bad in ["", ".", "26.", "a", "26.x", "1.2.3.4.5", "26 ", "+1"] {
            assert_eq!(Version::parse(bad), None, "{bad:?}");
        }
    }
}
