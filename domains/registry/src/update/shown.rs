//! Objects as others than their maintainers see them.

use rpsl::Object;
use rpsl::write::line;

/// The object without what only its maintainers need: of `auth`, keys and certificates alone are shown, and `source` says
/// that something was left out.
pub(crate) fn masked(raw: &[u8]) -> Vec<u8> {
    let Ok(object) = Object::parse(raw) else { return raw.to_vec() };
    let mut filtered = false;
    let mut out = Vec::with_capacity(raw.len());
    for part in object.parts() {
        match &part.attribute {
            Some(auth) if auth.name() == "auth" && rpsl::KeyReference::parse(&auth.value()).is_none() => {
                let value = auth.value();
                let method = value.split_ascii_whitespace().next().unwrap_or_default().to_owned();
                out.extend_from_slice(line("auth", &format!("{method} # Filtered")).as_bytes());
                filtered = true;
            }
            Some(source) if filtered && source.name() == "source" => {
                out.extend_from_slice(line("source", &format!("{} # Filtered", source.value())).as_bytes());
            }
            _ => out.extend_from_slice(part.raw),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_passwords_are_left_out_and_it_says_so() {
        let raw = b"mntner: A-MNT\nauth: SSO kes@aldermark.example\nauth: PGPKEY-89ABCDEF\nauth: MD5-PW $1$x\nsource: WARD\n";
        let shown = "mntner: A-MNT\nauth:           SSO # Filtered\nauth: PGPKEY-89ABCDEF\nauth:           MD5-PW # Filtered\n\
                     source:         WARD # Filtered\n";
        assert_eq!(String::from_utf8_lossy(&masked(raw)), shown);
        let keys = b"mntner: A-MNT\nauth: X509-1\nsource: WARD\n";
        assert_eq!(masked(keys), keys);
    }
}
