//! An object as it is published.

use rpsl::Object;
use teams::Directory;

use super::Personal;
use crate::settings::Settings;
use crate::trust;

/// Stands for a mail address that is not published; `.invalid` is nobody's (RFC 2606 section 2).
const NO_MAILBOX: &str = "withheld@mirror.invalid";

/// Attributes with mail addresses of people that only the registry itself needs.
const NOTICES: &[&str] = &["notify", "mnt-nfy", "ref-nfy", "changed"];

/// The object as others get it; `None` when they do not get it.
pub(super) fn published(raw: &[u8], directory: &Directory, settings: &Settings) -> Option<String> {
    let shown = trust::shown(raw, directory, settings);
    // What cannot be read cannot be told to be free of credentials.
    let object = Object::parse(&shown).ok()?;
    let personal = settings.mirror.personal;
    if is_personal(&object) {
        match personal {
            Personal::Whole => {}
            Personal::LeftOut => return None,
            Personal::Withheld => return Some(placeholder(&object)),
        }
    }
    let irt = object.class() == "irt";
    Some(rewritten(&object, |name, value| match name {
        "auth" => credential(value),
        // Of a team nothing is held back: it wants to be reached.
        _ if irt || personal == Personal::Whole => Line::AsItIs,
        "upd-to" => Line::Instead(NO_MAILBOX.to_owned()),
        name if NOTICES.contains(&name) => Line::Gone,
        _ => Line::AsItIs,
    }))
}

/// Whether the object is about a person, not about an office that wants to be reached.
pub(super) fn is_personal(object: &Object<'_>) -> bool {
    match &*object.class() {
        "person" => true,
        "role" => object.get("abuse-mailbox").is_none(),
        _ => false,
    }
}

/// What becomes of an attribute.
enum Line {
    AsItIs,
    Instead(String),
    Gone,
}

/// Keys are public; of other credentials at most their kind is told.
fn credential(value: &str) -> Line {
    let kind = value.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    if kind.starts_with("PGPKEY-") || kind.starts_with("X509-") {
        return Line::AsItIs;
    }
    match kind.as_str() {
        "MD5-PW" | "CRYPT-PW" | "BCRYPT-PW" | "SSO" | "MAIL-FROM" | "NONE" => {
            Line::Instead(format!("{kind} # Filtered"))
        }
        _ => Line::Gone,
    }
}

/// A person or role of whom only handle and maintainers are told.
fn placeholder(object: &Object<'_>) -> String {
    let mut said = false;
    rewritten(object, |name, value| {
        let instead = |text: &str| Line::Instead(text.to_owned());
        match name {
            "person" | "role" => instead("Name withheld"),
            "address" => instead("withheld"),
            "phone" => instead("+0"),
            "e-mail" => instead(NO_MAILBOX),
            "nic-hdl" | "mnt-by" | "mnt-ref" | "org" | "admin-c" | "tech-c" | "created" | "last-modified" => {
                Line::AsItIs
            }
            "remarks" if !std::mem::replace(&mut said, true) => {
                instead("Personal data is not mirrored; ask the registry itself.")
            }
            "source" => Line::Instead(format!("{value} # Filtered")),
            _ => Line::Gone,
        }
    })
}

/// The object's text with each attribute as `decide` says; comments between attributes are left out where anything is.
fn rewritten(object: &Object<'_>, mut decide: impl FnMut(&str, &str) -> Line) -> String {
    let raw = object.raw();
    let mut text = String::with_capacity(raw.len());
    for attribute in object.attributes() {
        match decide(attribute.name(), &attribute.value()) {
            Line::AsItIs => {
                // Its bytes: from the begin of the line in which its value begins, to the end of that.
                let value = attribute.raw_value();
                let start = value.as_ptr().addr() - raw.as_ptr().addr();
                let line = raw[..start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
                let bytes = raw[line..start + value.len()].trim_ascii_end();
                text.push_str(&rpsl::decode(bytes).replace('\r', ""));
            }
            Line::Instead(value) => {
                text.push_str(&format!("{:<15} {value}", format!("{}:", attribute.name())))
            }
            Line::Gone => continue,
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, personal: Personal) -> Option<String> {
        let mut settings = Settings::default();
        settings.mirror.personal = personal;
        published(text.as_bytes(), &Directory::default(), &settings)
    }

    #[test]
    fn of_a_team_everything_is_told_but_its_secrets() {
        let irt = "irt:            IRT-LAB\r\naddress:        Road 1\n+               Town # second floor\n\
            e-mail:         cert@lab.example\nauth:           PGPKEY-0123456789ABCDEF0123456789ABCDEF01234567\n\
            auth:           MD5-PW $1$abcd$secret\nauth:           hunter2\nirt-nfy:        watch@lab.example\n\
            notify:         watch@lab.example\nsource:         WARD\n";
        let expected = "irt:            IRT-LAB\naddress:        Road 1\n+               Town # second floor\n\
            e-mail:         cert@lab.example\nauth:           PGPKEY-0123456789ABCDEF0123456789ABCDEF01234567\n\
            auth:           MD5-PW # Filtered\nirt-nfy:        watch@lab.example\n\
            notify:         watch@lab.example\nsource:         WARD\n";
        for personal in [Personal::Withheld, Personal::LeftOut, Personal::Whole] {
            assert_eq!(shown(irt, personal).unwrap(), expected);
        }
    }

    #[test]
    fn people_are_named_only_where_the_operator_wants_it() {
        let person = "person: Jo Voe\naddress: Road 1\nphone: +45 1\ne-mail: jo@lab.example\nremarks: at home\n\
            nic-hdl: JV1-WARD\nmnt-by: LAB-MNT\nsource: WARD\n";
        assert_eq!(shown(person, Personal::Whole).unwrap(), person);
        assert_eq!(shown(person, Personal::LeftOut), None);
        let withheld = shown(person, Personal::Withheld).unwrap();
        assert!(
            !withheld.contains("Jo") && !withheld.contains("jo@") && !withheld.contains("Road"),
            "{withheld}"
        );
        assert!(withheld.contains("nic-hdl: JV1-WARD\nmnt-by: LAB-MNT\n"), "{withheld}");
        assert!(withheld.contains("# Filtered"), "{withheld}");
        let role = "role: Duty\ne-mail: duty@lab.example\nabuse-mailbox: abuse@lab.example\nnic-hdl: D1-WARD\nnotify: jo@lab.example\nsource: WARD\n";
        assert_eq!(shown(role, Personal::LeftOut).unwrap(), role.replace("notify: jo@lab.example\n", ""));
    }

    #[test]
    fn a_maintainer_keeps_its_form_without_addresses_and_passwords() {
        let mntner = "mntner: LAB-MNT\nadmin-c: JV1-WARD\nupd-to: jo@lab.example\nmnt-nfy: jo@lab.example\n\
            auth: SSO jo@lab.example\nauth: PGPKEY-01234567\nmnt-by: LAB-MNT\nsource: WARD\n";
        let told = shown(mntner, Personal::Withheld).unwrap();
        assert!(!told.contains("jo@"), "{told}");
        assert!(told.contains("upd-to:         withheld@mirror.invalid\nauth:           SSO # Filtered\nauth: PGPKEY-01234567\n"), "{told}");
    }

    #[test]
    fn what_cannot_be_read_is_not_told() {
        assert_eq!(shown("no object", Personal::Whole), None);
    }
}
