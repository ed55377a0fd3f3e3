//! `profiles`: enrolment, the bootstrap token and the installed profiles.

use plist::{Dictionary, Value};

use super::state::Mdm;
use super::tools::{Call, Reply, said};
use super::{Machine, SimError, files};

pub(super) fn answer(mac: &Machine, call: &Call<'_>) -> Reply {
    let enrollment = &mac.state.enrollment;
    match call.args.as_slice() {
        ["status", "-type", "enrollment"] => {
            let mdm = match enrollment.mdm {
                Mdm::No => "No",
                Mdm::Yes => "Yes",
                Mdm::UserApproved => "Yes (User Approved)",
            };
            let mut text = format!("Enrolled via DEP: {}\nMDM enrollment: {mdm}\n", yes(enrollment.automated));
            // The third line came with 11, and only where enrolled.
            if let Some(server) = enrollment.server.as_ref().filter(|_| enrollment.mdm != Mdm::No) {
                text.push_str(&format!("MDM server: {server}\n"));
            }
            said(text)
        }
        ["status", "-type", "bootstraptoken"] if !call.is_root() => {
            said("profiles: this command requires root privileges\n")
        }
        ["status", "-type", "bootstraptoken"] => {
            let word = |on: bool| if on { "YES" } else { "NO" };
            let supported = enrollment.bootstrap_token_supported;
            let mut text = format!("profiles: Bootstrap Token supported on server: {}\n", word(supported));
            if supported {
                let escrowed = word(enrollment.bootstrap_token_escrowed);
                text.push_str(&format!("profiles: Bootstrap Token escrowed to server: {escrowed}\n"));
            }
            said(text)
        }
        ["list", "-all"] if !call.is_root() => said("this command requires root privileges\n"),
        // What an enrolled Mac lists is not simulated.
        ["list", "-all"] if enrollment.mdm == Mdm::No => said("There are no configuration profiles installed\n"),
        ["show", "-output", "stdout-xml"] => said(installed(mac, call.is_root())?),
        ["show", "-type", "configuration"] if enrollment.mdm == Mdm::No => {
            said("There are no configuration profiles installed in the system domain\n")
        }
        _ => Ok(None),
    }
}

/// A profile for each file of forced preferences of the Mac, with one payload of that type. Users' profiles are not simulated.
fn installed(mac: &Machine, is_root: bool) -> Result<Vec<u8>, SimError> {
    const FORCED: &str = "/Library/Managed Preferences/";
    let mut profiles = Vec::new();
    for (path, bytes) in mac.files.all()? {
        let domain = path.strip_prefix(FORCED).and_then(|name| name.strip_suffix(".plist"));
        let Some(domain) = domain.filter(|domain| is_root && !domain.contains('/')) else { continue };
        let content = Value::from_reader(std::io::Cursor::new(bytes)).unwrap_or_else(|_| Dictionary::new().into());
        let item = Dictionary::from_iter([
            ("PayloadContent".to_owned(), content),
            ("PayloadIdentifier".to_owned(), format!("org.example.mdm.{domain}.payload").into()),
            ("PayloadType".to_owned(), domain.into()),
            ("PayloadVersion".to_owned(), 1.into()),
        ]);
        profiles.push(Value::Dictionary(Dictionary::from_iter([
            ("ProfileDisplayName".to_owned(), Value::from(format!("Settings of {domain}"))),
            ("ProfileIdentifier".to_owned(), format!("org.example.mdm.{domain}").into()),
            ("ProfileItems".to_owned(), Value::Array(vec![item.into()])),
            ("ProfileType".to_owned(), "Configuration".into()),
        ])));
    }
    if profiles.is_empty() {
        return Ok(b"There are no configuration profiles installed in the system domain\n".to_vec());
    }
    let scopes = Dictionary::from_iter([("_computerlevel".to_owned(), Value::Array(profiles))]);
    Ok(files::xml(&Value::Dictionary(scopes)))
}

fn yes(on: bool) -> &'static str {
    if on { "Yes" } else { "No" }
}
