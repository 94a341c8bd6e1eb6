//! Web Key Directory: the key of a mail address at an address that follows from it (draft-koch-openpgp-webkey-service).

use std::collections::HashMap;
use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};
use sha1::{Digest as _, Sha1};

use crate::{Audience, Directory};

use super::is_listed;

/// Human-oriented base 32 by Zooko O'Whielacronx, as the draft asks for.
static Z_BASE_32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("ybndrfg8ejkmcpqxot1uwisza345h769");
    specification.encoding().expect("32 different symbols are a base")
});

/// The name of a mail address's local part: 32 characters, as `gpg --with-wkd-hash` prints them before the `@`.
pub fn hash(local: &str) -> String {
    Z_BASE_32.encode(&Sha1::digest(local.to_ascii_lowercase()))
}

/// Keys by domain and hash, in OpenPGP's binary form.
pub(super) type Index = HashMap<(String, String), Vec<u8>>;

/// The keys of the addresses that teams of `directory` show to the public under `domains`; those that are good at `at`
/// (Unix seconds), were not withdrawn, and name the address in a user id of their own. An address is served for the team
/// alone whose it is ([`Directory::holder`]).
pub(super) fn index(directory: &Directory, domains: &[String], at: i64) -> Index {
    let mut index = Index::new();
    for team in directory.teams().iter().filter(|team| is_listed(team)) {
        let seen = team.seen_by(Audience::Public);
        for email in &seen.emails {
            let Some((local, domain)) = email.address.rsplit_once('@') else { continue };
            if !domains.iter().any(|known| known.eq_ignore_ascii_case(domain)) {
                continue;
            }
            if directory.holder(&email.address).is_none_or(|holder| holder.id != team.id) {
                continue;
            }
            let good = team.keys_in_use().filter(|key| key.validity(at).is_valid());
            for key in good.filter(|key| key.emails().contains(&email.address)) {
                let place = (domain.to_ascii_lowercase(), hash(local));
                index.entry(place).or_default().extend(key.to_bytes());
            }
        }
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_draft_in_any_case() {
        // The example of the draft, section 3.1: Joe.Doe@example.org.
        assert_eq!(hash("Joe.Doe"), "iy9q119eutrkn8s1mk4r39qejnbu3n5q");
        assert_eq!(hash("joe.doe"), hash("JOE.DOE"));
    }
}
