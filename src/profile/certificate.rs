//! The certificate that recovery keys are encrypted to, as an administrator has it: DER or PEM.

/// The largest certificate file that is read, in bytes.
pub const MAX_BYTES: usize = 64 << 10;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
/// Tag of an ASN.1 sequence.
const SEQUENCE: u8 = 0x30;

/// The DER of the one certificate in `bytes`. Its signature and dates are not looked at.
///
/// # Errors
/// In words, starting with "it", where `bytes` hold something else, above all a private key, which belongs in no profile.
pub fn der(bytes: &[u8]) -> Result<Vec<u8>, String> {
    if bytes.len() > MAX_BYTES {
        return Err(format!("it has more than {MAX_BYTES} bytes"));
    }
    let der = match std::str::from_utf8(bytes) {
        Ok(text) if text.contains("-----BEGIN ") => pem(text)?,
        _ => bytes.to_vec(),
    };
    // A certificate is a sequence that begins with a sequence; keys and PKCS #12 begin with a number, PKCS #7 with an object id.
    match inside(&der).and_then(<[u8]>::first) {
        Some(&SEQUENCE) => Ok(der),
        _ => Err("it is not one X.509 certificate in DER or PEM".to_owned()),
    }
}

fn pem(text: &str) -> Result<Vec<u8>, String> {
    if text.contains("PRIVATE KEY-----") {
        return Err("it has a private key, which whoever reads the profile would have".to_owned());
    }
    let one = || text.split_once(BEGIN)?.1.split_once(END);
    let (inner, rest) = one().ok_or("it has no whole certificate")?;
    if rest.contains(BEGIN) {
        return Err("it has more than one certificate".to_owned());
    }
    if inner.bytes().any(|b| !(b.is_ascii_alphanumeric() || b"+/=\r\n \t".contains(&b))) {
        return Err("its certificate is not in Base64".to_owned());
    }
    let list = format!("<plist version=\"1.0\"><data>{inner}</data></plist>");
    match plist::from_bytes::<plist::Value>(list.as_bytes()) {
        Ok(plist::Value::Data(der)) => Ok(der),
        _ => Err("its certificate is not in Base64".to_owned()),
    }
}

/// What is in the one sequence that `der` is; `None` where it is none, or more or less than one.
fn inside(der: &[u8]) -> Option<&[u8]> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, inside) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (length, inside) = rest.split_at_checked(usize::from(first - 0x80))?;
            (length.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)), inside)
        }
        _ => return None,
    };
    (tag == SEQUENCE && inside.len() == length).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sequence of a sequence of `length` noughts.
    fn shaped(length: u8) -> Vec<u8> {
        let mut bytes = vec![SEQUENCE, 0x81, length + 3, SEQUENCE, 0x81, length];
        bytes.resize(usize::from(length) + 6, 0);
        bytes
    }

    #[test]
    fn der_and_pem_are_told_from_what_is_none() {
        let good = shaped(0x90 - 3);
        assert_eq!(der(&good), Ok(good.clone()));
        let pem = |body: &str| format!("subject=x\n{BEGIN}\n{body}\n{END}\n");
        assert_eq!(der(pem("MAMwAQA=").as_bytes()), Ok(vec![SEQUENCE, 3, SEQUENCE, 1, 0]));
        let two = format!("{}{}", pem("MAMwAQA="), pem("MAMwAQA="));
        let key = format!("{}-----BEGIN RSA PRIVATE KEY-----\nMAMwAQA=\n", pem("MAMwAQA="));
        for (bytes, why) in [
            (b"".to_vec(), "not one X.509"),
            (b"hello".to_vec(), "not one X.509"),
            (good[..good.len() - 1].to_vec(), "not one X.509"),
            ([good.clone(), vec![0]].concat(), "not one X.509"),
            (vec![SEQUENCE, 3, 2, 1, 0], "not one X.509"),
            (vec![SEQUENCE, 0], "not one X.509"),
            (vec![SEQUENCE, 0x84, 0, 0, 0, 0], "not one X.509"),
            (pem("MAMCAQA=").into_bytes(), "not one X.509"),
            (pem("</data><data>").into_bytes(), "not in Base64"),
            (pem("A").into_bytes(), "not in Base64"),
            (two.into_bytes(), "more than one"),
            (key.into_bytes(), "private key"),
            (format!("{BEGIN}\nMAMwAQA=\n").into_bytes(), "no whole"),
            (vec![SEQUENCE; MAX_BYTES + 1], "more than 65536 bytes"),
        ] {
            let refused = der(&bytes).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
    }
}
