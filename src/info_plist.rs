//! The property list that the program carries about itself, in the Mach-O section that macOS looks for it in.
//!
//! A program without a bundle has no `Info.plist` beside it; Apple's place for one is the section `__TEXT,__info_plist`
//! (ld(1), `-sectcreate`; codesign(1)). With it the program has an identity of its own: the signature is bound to it
//! (special slot -1 of the code directory), and privacy settings and Login Items find a name in it.
//!
//! This is the one file of the project that allows `unsafe_code`: naming a section is an unsafe attribute, because a
//! linker may treat one specially. This section is read-only bytes and nothing runs it. The library forbids unsafe code
//! outright; `tests/layers` holds that nothing else allows it.

/// The least macOS that the program runs on, as `MINIMUM_MACOS` in `scripts/versions`, which the linker is told.
macro_rules! minimum_macos {
    () => {
        "14.0"
    };
}

/// The property list's text.
const TEXT: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>CFBundleIdentifier</key>
	<string>org.holdfast.agent</string>
	<key>CFBundleInfoDictionaryVersion</key>
	<string>6.0</string>
	<key>CFBundleName</key>
	<string>Holdfast</string>
	<key>CFBundleShortVersionString</key>
	<string>"#,
    env!("CARGO_PKG_VERSION"),
    r#"</string>
	<key>CFBundleVersion</key>
	<string>"#,
    env!("CARGO_PKG_VERSION"),
    r#"</string>
	<key>LSMinimumSystemVersion</key>
	<string>"#,
    minimum_macos!(),
    r#"</string>
</dict>
</plist>
"#
);

/// The text as bytes of its own, not as a reference to them: the section holds the list and nothing else.
#[allow(unsafe_code, reason = "the section's name, see the head of this file")]
#[used]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__TEXT,__info_plist"))]
static INFO_PLIST: [u8; TEXT.len()] = match TEXT.as_bytes().first_chunk() {
    Some(all) => *all,
    None => [0; TEXT.len()],
};

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a list that cannot be read fails the test")]
mod tests {
    use super::{INFO_PLIST, TEXT};

    fn key(name: &str) -> String {
        let list = plist::Value::from_reader_xml(INFO_PLIST.as_slice()).unwrap();
        list.as_dictionary().unwrap().get(name).unwrap().as_string().unwrap().to_owned()
    }

    #[test]
    fn names_the_agent_and_its_version() {
        assert_eq!(INFO_PLIST, TEXT.as_bytes());
        assert_eq!(key("CFBundleIdentifier"), "org.holdfast.agent");
        assert_eq!(key("CFBundleName"), "Holdfast");
        assert_eq!(key("CFBundleInfoDictionaryVersion"), "6.0");
        assert_eq!(key("CFBundleVersion"), env!("CARGO_PKG_VERSION"));
        assert_eq!(key("CFBundleShortVersionString"), env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn the_least_macos_is_what_the_builds_are_made_for() {
        let versions = include_str!("../scripts/versions");
        let built_for = versions.lines().find_map(|line| line.strip_prefix("MINIMUM_MACOS="));
        assert_eq!(built_for, Some(key("LSMinimumSystemVersion").as_str()));
    }
}
