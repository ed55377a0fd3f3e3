//! Jamf Trust: whether the app is there.

use super::{FileAnswer, Misread, Question, xml};

/// Where the app's installer puts it; the name by which `open -a` finds it is the app's.
const INFO: &str = "/Applications/Jamf Trust.app/Contents/Info.plist";

/// The app's identifier. Its VPN service in `scutil --nc list` is of the kind `VPN:` and this.
pub const IDENTIFIER: &str = "com.jamf.trust";

/// The app's executable, as `ps` names its processes.
pub const EXECUTABLE: &str = "/Applications/Jamf Trust.app/Contents/MacOS/Jamf Trust";

/// The installed app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// `CFBundleShortVersionString`; `None` where it does not say.
    pub version: Option<String>,
    /// `CFBundleIdentifier`.
    pub identifier: String,
}

/// Is the app installed, and which version? Whoever owns its files: an app in `/Applications` may be anybody's.
#[must_use]
pub fn app() -> Question<Option<App>> {
    Question::file(INFO, parse)
}

fn parse(file: &FileAnswer) -> Result<Option<App>, Misread> {
    let FileAnswer::Present { bytes, .. } = file else { return Ok(None) };
    let info = xml::dictionary(bytes)?;
    let text = |key: &str| info.get(key).and_then(plist::Value::as_string).filter(|text| !text.is_empty());
    let fail = || Misread::new("an app's property list with its CFBundleIdentifier", "one without it");
    let identifier = text("CFBundleIdentifier").ok_or_else(fail)?.to_owned();
    Ok(Some(App { version: text("CFBundleShortVersionString").map(str::to_owned), identifier }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_is_there_or_not_or_not_to_be_told() {
        let present = |text: &str| FileAnswer::Present { bytes: text.into(), owner: 501, mode: 0o664 };
        let whole = "<plist version=\"1.0\"><dict><key>CFBundleIdentifier</key><string>com.jamf.trust</string><key>CFBundleShortVersionString</key><string>2.3</string></dict></plist>";
        assert_eq!(parse(&FileAnswer::Absent), Ok(None));
        let app = parse(&present(whole)).unwrap().unwrap();
        assert_eq!((app.identifier.as_str(), app.version.as_deref()), (IDENTIFIER, Some("2.3")));
        for bad in ["", "<plist version=\"1.0\"><dict/></plist>", &whole[..90]] {
            assert!(parse(&present(bad)).is_err(), "{bad}");
        }
    }
}
