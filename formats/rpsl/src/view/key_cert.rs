use crate::error::{Error, Notes, Quoted, Why};
use crate::object::{Attribute, Object};
use crate::view::{KeyReference, Registration, fields};

/// A `key-cert` object: a public key, with which a team signs or to which one encrypts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCert {
    /// The key's name.
    pub name: KeyReference,
    /// `method` as written: `PGP` or `X509`.
    pub method: Option<String>,
    /// `owner`: the user ids, as the registry wrote them. The key itself says what is true.
    pub owners: Vec<String>,
    /// `fingerpr`: hexadecimal digits in upper case. Written by the registry; the key itself says what is true.
    pub fingerprint: Option<String>,
    /// The key, from `certif:`: ASCII armor (RFC 9580 section 6.2) or PEM (RFC 7468), lines ended by `\n`.
    pub armor: String,
    /// Who keeps the object.
    pub registration: Registration,
}

impl KeyCert {
    /// Reads a `key-cert` and puts its key block together. The block is not decoded here.
    ///
    /// # Errors
    /// Another class, no name of a key, or `certif:` lines that are no whole block.
    pub fn read(object: &Object<'_>, notes: &mut Notes) -> Result<Self, Error> {
        let head = fields::head(object, &["key-cert"], "key-cert")?;
        let why = || fields::not("a key such as PGPKEY-1A2B3C4D", &head.value());
        let name =
            KeyReference::parse(&head.value()).ok_or_else(|| Error::of(head.name(), head.line(), why()))?;
        let registration = Registration::default();
        let armor = armor(object)?;
        let mut key = Self { name, method: None, owners: Vec::new(), fingerprint: None, armor, registration };
        for line in object.lexer().skip(1) {
            let Some(attribute) = &fields::attribute(line, notes) else { continue };
            match attribute.name() {
                "method" => fields::text(&mut key.method, attribute, notes),
                "owner" => fields::lines(&mut key.owners, attribute, notes),
                "fingerpr" => key.take_fingerprint(attribute, notes),
                _ => key.registration.take(attribute, notes),
            }
        }
        Ok(key)
    }

    fn take_fingerprint(&mut self, attribute: &Attribute<'_>, notes: &mut Notes) {
        let value = attribute.value();
        let digits: String =
            value.chars().filter(|char| !char.is_ascii_whitespace() && *char != ':').collect();
        if !matches!(digits.len(), 32 | 40 | 64) || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return notes.add(attribute.name(), attribute.line(), fields::not("a fingerprint", &value));
        }
        let digits = digits.to_ascii_uppercase();
        // A version 3 fingerprint (MD5, 32 digits) does not contain the key's id.
        if digits.len() != 32 && matches!(self.name, KeyReference::Pgp(_)) && !self.name.matches(&digits) {
            notes.add(attribute.name(), attribute.line(), Why::OtherFingerprint(Quoted::new(&value)));
        }
        self.fingerprint.get_or_insert(digits);
    }
}

/// The `certif:` lines as one block. Some registries drop the empty line between the armor's headers and
/// its data, without which no reader takes it; it is put back.
fn armor(object: &Object<'_>) -> Result<String, Error> {
    let first = object.get("certif").ok_or_else(|| Error::of("certif", object.line(), Why::Missing))?;
    let refused = |why| Error::of("certif", first.line(), why);
    let mut armor = String::with_capacity(object.raw().len());
    let mut label = None;
    let (mut headers, mut ended) = (true, false);
    let certif = object.all("certif");
    for line in certif.flat_map(|attribute| attribute.text_lines()) {
        let Some(label) = &label else {
            if let Some(begun) = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----"))
            {
                label = Some(begun.to_owned());
                headers = begun.starts_with("PGP");
            } else if line.is_empty() {
                continue;
            } else {
                return Err(refused(fields::not("the BEGIN line of a key block", &line)));
            }
            armor.push_str(&line);
            armor.push('\n');
            continue;
        };
        if ended {
            if line.is_empty() {
                continue;
            }
            return Err(refused(fields::not("the end of the key block", &line)));
        }
        if headers && !line.contains(':') {
            headers = false;
            if !line.is_empty() {
                armor.push('\n');
            }
        }
        ended = line.strip_prefix("-----END ").and_then(|rest| rest.strip_suffix("-----")) == Some(label);
        armor.push_str(&line);
        armor.push('\n');
    }
    match ended {
        true => Ok(armor),
        false => Err(refused(fields::not("a whole key block: its END line is missing", &last_line(&armor)))),
    }
}

fn last_line(text: &str) -> String {
    text.lines().next_back().unwrap_or_default().to_owned()
}
