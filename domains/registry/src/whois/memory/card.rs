//! An object as the server shows it: text that is safe to print, and what of it is left out for whom.

use rpsl::template::{AttributeName as A, Template, normal_terms};

use crate::store::objects::Stored;

/// An object, ready to print. Made once when it is read from the database, used for every answer.
#[derive(Debug)]
pub(in crate::whois) struct Card {
    pub(in crate::whois) row: i64,
    pub(in crate::whois) source: Box<str>,
    /// `None` for a class without a template.
    pub(in crate::whois) template: Option<&'static Template>,
    pub(in crate::whois) class: Box<str>,
    /// In its one spelling.
    pub(in crate::whois) key: Box<str>,
    /// The object line by line, each with its end; secrets of `auth` are left out already.
    text: Box<str>,
    /// Without the addresses that a plain query does not show; `None` when that changes nothing.
    filtered: Option<Box<str>>,
    /// A human being's data: counted for whoever reads it.
    pub(in crate::whois) personal: bool,
    /// Names of persons, roles and organisations in it, in their one spelling.
    pub(in crate::whois) contacts: Box<[Box<str>]>,
    pub(in crate::whois) organisations: Box<[Box<str>]>,
    /// The addresses that somebody in trouble writes to: of a team, and of a role for complaints.
    pub(in crate::whois) mailboxes: Box<[Box<str>]>,
}

/// Mail addresses for the machinery of the registry, not for the public (as at RIPE); of an `irt` the address of the
/// team is what people ask for, so it stays.
const MACHINERY: [A; 5] = [A::Notify, A::Changed, A::RefNfy, A::MntNfy, A::UpdTo];

impl Card {
    /// The card of an object; `raw` in place of its bytes, when it is shown with remarks that are not stored.
    pub(in crate::whois) fn new(stored: &Stored, raw: &[u8]) -> Self {
        let clean = printable(raw);
        let (text, secret) = without_secrets(&clean);
        let text = if secret { marked(&text) } else { text };
        let filtered = without_addresses(&text, &stored.class).map(|text| marked(&text).into_boxed_str());
        let mut card = Self {
            row: stored.row,
            source: stored.source.as_str().into(),
            template: Template::of(&stored.class),
            class: stored.class.as_str().into(),
            key: stored.key.as_str().into(),
            text: text.into_boxed_str(),
            filtered,
            personal: false,
            contacts: Box::default(),
            organisations: Box::default(),
            mailboxes: Box::default(),
        };
        card.personal = card.is_personal();
        card.contacts = card.names(&[A::AdminC, A::TechC, A::ZoneC, A::Author, A::PingHdl]);
        card.organisations = card.names(&[A::Org]);
        card.mailboxes = match &*card.class {
            "irt" => card.names(&[A::EMail, A::AbuseMailbox]),
            "role" => card.names(&[A::AbuseMailbox]),
            _ => Box::default(),
        };
        card
    }

    /// `person`, and `role` without an `abuse-mailbox`: what registries count (RIPE's acceptable use policy).
    fn is_personal(&self) -> bool {
        match &*self.class {
            "person" => true,
            "role" => self.values(A::AbuseMailbox).next().is_none(),
            _ => false,
        }
    }

    fn names(&self, attributes: &[A]) -> Box<[Box<str>]> {
        let mut names: Vec<Box<str>> = Vec::new();
        for name in attributes.iter().flat_map(|attribute| self.values(*attribute)) {
            if !names.iter().any(|known| **known == *name) {
                names.push(name.into_boxed_str());
            }
        }
        names.into_boxed_slice()
    }

    /// The text for everybody, or with the addresses of the registry's machinery when `whole`.
    pub(in crate::whois) fn text(&self, whole: bool) -> &str {
        match &self.filtered {
            Some(filtered) if !whole => filtered,
            _ => &self.text,
        }
    }

    /// Whether a plain query leaves something out.
    pub(in crate::whois) fn is_filtered(&self) -> bool {
        self.filtered.is_some()
    }

    /// The attributes of [`Card::text`], in their order: long name and lines.
    pub(in crate::whois) fn attributes(&self, whole: bool) -> impl Iterator<Item = (&str, &str)> {
        attributes(self.text(whole))
    }

    /// The values of an attribute, comments left out, in their order; lists are taken apart and spelt as
    /// [`normal_terms`] does.
    pub(in crate::whois) fn values(&self, attribute: A) -> impl Iterator<Item = String> {
        let all = attributes(&self.text).filter(move |(name, _)| *name == attribute.as_str());
        all.flat_map(move |(name, lines)| normal_terms(attribute, &value(name, lines)))
    }

    /// Bytes that it takes in memory, about.
    pub(in crate::whois) fn weight(&self) -> u64 {
        let texts = self.text.len() + self.filtered.as_ref().map_or(0, |text| text.len());
        let names: usize = [&self.contacts, &self.organisations, &self.mailboxes]
            .into_iter()
            .flatten()
            .map(|name| name.len() + 32)
            .sum();
        (names + texts + self.key.len() + self.source.len() + size_of::<Self>() + 64) as u64
    }
}

/// An attribute's value on one line, without comments.
pub(in crate::whois) fn value(name: &str, lines: &str) -> String {
    let body = lines.get(name.len() + 1..).unwrap_or_default();
    let mut value = String::new();
    for (number, line) in body.lines().enumerate() {
        let line = if number == 0 { line } else { line.get(1..).unwrap_or_default() };
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() {
            if !value.is_empty() {
                value.push(' ');
            }
            value.push_str(line);
        }
    }
    value
}

/// Takes a text apart: (name, all lines of the attribute). Names are in lower case, see [`printable`].
fn attributes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let mut end = line_end(rest);
            while rest[end..].starts_with([' ', '\t', '+']) {
                end += line_end(&rest[end..]);
            }
            let (lines, after) = rest.split_at(end);
            rest = after;
            // A line of a dump that is none, such as a comment: it stays with no attribute.
            if let Some((name, _)) = lines.split_once(':')
                && !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_*".contains(&byte))
            {
                return Some((name, lines));
            }
        }
    })
}

fn line_end(text: &str) -> usize {
    memchr::memchr(b'\n', text.as_bytes()).map_or(text.len(), |at| at + 1)
}

/// The bytes as text that cannot be taken for anything else: names in lower case, no control characters, no line that
/// looks like a remark of the server (`%`), no empty line, which would end the object for who reads it.
fn printable(raw: &[u8]) -> String {
    let mut text = String::with_capacity(raw.len() + 1);
    for line in raw.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.first().is_none_or(|first| *first == b'%') {
            continue;
        }
        let from = text.len();
        for char in rpsl::decode(line).chars() {
            text.push(if char.is_control() && char != '\t' { '?' } else { char });
        }
        if let Some(colon) = text[from..].find(':') {
            text[from..from + colon].make_ascii_lowercase();
        }
        text.push('\n');
    }
    text
}

/// Hashes of passwords and names of accounts are nobody's business. Keys and certificates are public.
fn without_secrets(text: &str) -> (String, bool) {
    let mut secret = false;
    let mut out = String::with_capacity(text.len());
    for_each_line_of(text, |name, lines| {
        let method = (name == "auth").then(|| value(name, lines).to_ascii_uppercase());
        match method.as_deref().and_then(|method| method.split(' ').next()) {
            Some(method) if rpsl::KeyReference::parse(method).is_none() => {
                secret = true;
                // A method of a former time is told by its name, unless that could hold the secret itself.
                let known = ["MD5-PW", "SSO", "CRYPT-PW", "BCRYPT-PW", "MAIL-FROM", "NONE"];
                let method = if known.contains(&method) { method } else { "other" };
                out.push_str(&format!("{:<16}{method} # Filtered\n", "auth:"));
            }
            _ => out.push_str(lines),
        }
    });
    (out, secret)
}

fn without_addresses(text: &str, class: &str) -> Option<String> {
    let hidden = |name: &str| {
        MACHINERY.iter().any(|attribute| attribute.as_str() == name) || (name == "e-mail" && class != "irt")
    };
    if !attributes(text).any(|(name, _)| hidden(name)) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for_each_line_of(text, |name, lines| {
        if !hidden(name) {
            out.push_str(lines);
        }
    });
    Some(out)
}

/// `source: WARD` becomes `source: WARD # Filtered`, once.
fn marked(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 12);
    for_each_line_of(text, |name, lines| {
        out.push_str(lines);
        if name == "source" && !lines.contains('#') {
            out.truncate(out.trim_end().len());
            out.push_str(" # Filtered\n");
        }
    });
    out
}

/// The attributes and, with an empty name, what stands between them.
fn for_each_line_of(text: &str, mut each: impl FnMut(&str, &str)) {
    let mut at = 0;
    for (name, lines) in attributes(text) {
        let from = lines.as_ptr().addr() - text.as_ptr().addr();
        if from > at {
            each("", &text[at..from]);
        }
        each(name, lines);
        at = from + lines.len();
    }
    if at < text.len() {
        each("", &text[at..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(class: &str, raw: &str) -> Card {
        let stored = Stored {
            row: 1,
            source: "WARD".into(),
            class: class.into(),
            key: "X".into(),
            raw: raw.into(),
            since: 0,
        };
        Card::new(&stored, raw.as_bytes())
    }

    #[test]
    fn a_persons_address_is_left_out_and_said_so_while_a_teams_stays() {
        let person =
            card("person", "person: Kes\nE-Mail: kes@skerry.example\n+ or kes@x.example\nsource: WARD\n");
        assert_eq!(person.text(false), "person: Kes\nsource: WARD # Filtered\n");
        assert_eq!(
            person.text(true),
            "person: Kes\ne-mail: kes@skerry.example\n+ or kes@x.example\nsource: WARD\n"
        );
        assert!(person.personal);
        let irt = card("irt", "irt: IRT-X\ne-mail: duty@x.example\nnotify: n@x.example\nsource: WARD\n");
        assert_eq!(irt.text(false), "irt: IRT-X\ne-mail: duty@x.example\nsource: WARD # Filtered\n");
    }

    #[test]
    fn secrets_are_shown_to_nobody_and_keys_to_everybody() {
        let raw = "mntner: M\nauth: MD5-PW $1$abc$def\nauth: SSO a@b.example\nauth: PGPKEY-89ABCDEF\nauth: hunter2\nsource: WARD\n";
        let shown = card("mntner", raw);
        let expected = "mntner: M\nauth:           MD5-PW # Filtered\nauth:           SSO # Filtered\nauth: PGPKEY-89ABCDEF\n\
                        auth:           other # Filtered\nsource: WARD # Filtered\n";
        assert_eq!((shown.text(true), shown.text(false)), (expected, expected));
    }

    #[test]
    fn an_object_cannot_speak_in_the_servers_name_nor_end_before_its_end() {
        let shown = card(
            "inetnum",
            "inetnum: X\r\n% Abuse contact for X\r\nremarks: a\x1b[2J\r\n\r\n \r\nsource: WARD",
        );
        assert_eq!(shown.text(true), "inetnum: X\nremarks: a?[2J\n \nsource: WARD\n");
    }

    #[test]
    fn a_role_for_complaints_is_nobodys_personal_data() {
        assert!(card("role", "role: R\nsource: WARD\n").personal);
        assert!(!card("role", "role: R\nabuse-mailbox: a@b.example\nsource: WARD\n").personal);
    }

    #[test]
    fn values_are_taken_apart_and_spelt_in_one_way() {
        let shown = card("inetnum", "inetnum: X\nmnt-by: a-mnt, # note\n+ b-MNT\nadmin-c: kes1-ward\n");
        assert_eq!(shown.values(A::MntBy).collect::<Vec<_>>(), ["A-MNT", "B-MNT"]);
        assert_eq!(shown.values(A::AdminC).collect::<Vec<_>>(), ["KES1-WARD"]);
    }
}
