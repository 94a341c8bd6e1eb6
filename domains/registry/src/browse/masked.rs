//! Objects without what proves who somebody is.

use rpsl::Object;

/// The object without secrets: of `auth`, keys and certificates are shown, of all else only the method. With `accounts`,
/// accounts are shown, too: to whoever may change objects.
pub(crate) fn masked(raw: &[u8], accounts: bool) -> Vec<u8> {
    let Ok(object) = Object::parse(raw) else { return raw.to_vec() };
    let mut out = Vec::with_capacity(raw.len());
    for part in object.parts() {
        let auth = part.attribute.as_ref().filter(|attribute| attribute.name() == "auth");
        let Some(value) = auth.map(|auth| auth.value().into_owned()) else {
            out.extend_from_slice(part.raw);
            continue;
        };
        let method = value.split_ascii_whitespace().next().unwrap_or_default();
        let account = accounts && method.eq_ignore_ascii_case("SSO");
        if account || rpsl::KeyReference::parse(&value).is_some() {
            out.extend_from_slice(part.raw);
        } else {
            out.extend_from_slice(format!("auth:           {method} # Filtered\n").as_bytes());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_passwords_are_left_out_and_keys_are_not() {
        let raw =
            b"mntner: A-MNT\nauth: SSO kes\nauth: PGPKEY-89ABCDEF\nauth:MD5-PW $1$x\n +$2$y\nsource: WARD\n";
        let told = |accounts| String::from_utf8(masked(raw, accounts)).unwrap();
        assert_eq!(
            told(false),
            "mntner: A-MNT\nauth:           SSO # Filtered\nauth: PGPKEY-89ABCDEF\nauth:           MD5-PW # Filtered\nsource: WARD\n"
        );
        assert!(
            told(true).contains("SSO kes\n") && !told(true).contains("$1$") && !told(true).contains("$2$")
        );
    }
}
