//! Mail addresses in attributes: `e-mail`, `abuse-mailbox`, `notify`, …

use crate::error::{Notes, Quoted, Why};
use crate::object::Attribute;
use crate::view::fields;

/// Bytes of the longest address (RFC 5321 section 4.5.3.1.3: a path has 256 with its angle brackets).
const LONGEST: usize = 254;

/// Mailboxes that registries put where they withhold one: in public dumps, or in every answer.
const PLACEHOLDERS: [&str; 3] = ["unread@ripe.net", "bitbucket@ripe.net", "removed@lacnic.net"];

/// Names of mailboxes that say themselves that nobody reads there.
const UNREAD: [&str; 9] = [
    "noreply",
    "no-reply",
    "no.reply",
    "donotreply",
    "do-not-reply",
    "nobody",
    "devnull",
    "dev-null",
    "unread",
];

/// Names that are reserved for addresses that do not work (RFC 6761 section 6.4), and what is put there instead of one.
const DEAD: [&str; 2] = ["invalid", "localhost"];

/// Whether an address is one of those that registries put where they withhold one, or one where by its name nobody
/// reads: writing to it reaches nobody.
pub fn is_withheld(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let local = local.split('+').next().unwrap_or_default();
    let top = domain.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    PLACEHOLDERS.iter().any(|placeholder| address.eq_ignore_ascii_case(placeholder))
        || address.contains("***")
        || UNREAD.iter().any(|unread| local.eq_ignore_ascii_case(unread))
        || DEAD.iter().any(|dead| top.eq_ignore_ascii_case(dead))
}

/// Adds the addresses of one attribute: alone, as `Name <address>`, as `mailto:`, or several of them.
/// What could not be sent to, or would never be read, is noted instead.
pub(super) fn mailboxes(list: &mut Vec<String>, attribute: &Attribute<'_>, notes: &mut Notes) {
    let value = attribute.value();
    let mut found = false;
    for word in value.split(|char: char| char.is_whitespace() || ",;".contains(char)) {
        let word = word.trim_start_matches('<').trim_end_matches('>');
        let address = word.strip_prefix("mailto:").unwrap_or(word);
        if !address.contains('@') {
            continue;
        }
        found = true;
        if is_withheld(address) {
            notes.add(attribute.name(), attribute.line(), Why::Withheld(Quoted::new(address)));
        } else if !is_mailbox(address) {
            notes.add(attribute.name(), attribute.line(), fields::not("a mail address", address));
        } else if !fields::push(list, address.to_owned(), attribute, notes) {
            return;
        }
    }
    if !found && !value.is_empty() {
        notes.add(attribute.name(), attribute.line(), fields::not("a mail address", &value));
    }
}

/// Whether mail can be addressed to it: a dot-atom and a domain (RFC 5321 section 4.1.2, RFC 6531 for what
/// is not ASCII). Quoted local parts and address literals, which no registry holds, are refused.
pub(crate) fn is_mailbox(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let atom = |char: char| !char.is_ascii() && !char.is_control() || char.is_ascii_alphanumeric();
    let local_fits = local.split('.').all(|part| !part.is_empty())
        && local.chars().all(|char| atom(char) || "!#$%&'*+-/=?^_`{|}~.".contains(char));
    let domain_fits = domain.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| atom(c) || c == '-')
    });
    address.len() <= LONGEST && local_fits && domain_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_that_nobody_reads_are_known_by_their_names() {
        for withheld in [
            "unread@ripe.net",
            "Removed@LACNIC.net",
            "***@team.example",
            "no-reply@team.example",
            "noreply+7@team.example",
            "x@host.invalid",
            "a@localhost",
        ] {
            assert!(is_withheld(withheld), "{withheld}");
        }
        for read in [
            "cert@team.example",
            "reply@team.example",
            "nobody.knows@team.example",
            "not an address",
            "invalid@team.example",
        ] {
            assert!(!is_withheld(read), "{read}");
        }
    }
}
