//! Which teams are asked for: a search over the directory in memory. Each audience searches only what it sees.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use memchr::memmem::Finder;
use rpsl::range::AddressRange;

use crate::audience::Reader;
use crate::directory::Directory;
use crate::record::{Audience, Field};
use crate::team::Team;

/// Most words of a question.
const TOO_MANY: usize = 20;

/// Which teams are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct TeamQuery {
    /// Words that all stand in the team's names, host, constituency, addresses or handle, in any case; an address or
    /// network finds who claims it, a domain and an AS number too.
    pub q: String,
    /// The country, two letters.
    pub country: String,
    /// The trust status; `none` for teams that are not listed.
    pub status: String,
    /// The kind of constituency, as the teams name it.
    pub kind: String,
}

impl TeamQuery {
    /// The teams that fit and that `reader` may know of, by name.
    pub fn find(&self, directory: &Directory, reader: &Reader) -> Vec<Arc<Team>> {
        let words: Vec<Word> =
            self.q.split_whitespace().take(TOO_MANY).map(|word| Word::of(word, directory)).collect();
        let texts = directory.texts(reader.others);
        let fits = |(at, team): &(usize, &Arc<Team>)| {
            let sees = |field| team.audience_of(field) <= reader.audience(team);
            let text = texts.get(*at).map(String::as_str).unwrap_or_default();
            reader.knows(team)
                && (self.country.is_empty() || team.country.code.eq_ignore_ascii_case(&self.country))
                && match self.status.as_str() {
                    "" => true,
                    "none" => team.standing.is_none(),
                    status => team.trust() == status,
                }
                && (self.kind.is_empty()
                    || sees(Field::Constituency)
                        && team.types.iter().any(|kind| kind.eq_ignore_ascii_case(&self.kind)))
                && words.iter().all(|word| word.fits(*at, text, sees))
        };
        directory.teams().iter().enumerate().filter(fits).map(|(_, team)| team.clone()).collect()
    }

    /// The same question as the part of an address after `?`; empty when everything is asked for.
    pub fn to_query(&self) -> String {
        let pairs =
            [("q", &self.q), ("country", &self.country), ("status", &self.status), ("kind", &self.kind)];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> =
            pairs.map(|(name, value)| format!("{name}={}", identity::web::encode(value))).collect();
        pairs.join("&")
    }
}

/// A word of the question, and which teams it finds by what they claim.
struct Word {
    finder: Finder<'static>,
    claims: Option<(Field, HashSet<usize>)>,
}

impl Word {
    fn of(word: &str, directory: &Directory) -> Self {
        let word = word.to_lowercase();
        let claims = if let Some((first, last)) = addresses(&word) {
            Some((Field::Networks, directory.who_claims_range(first, last)))
        } else if let Some(asn) = word.strip_prefix("as").and_then(|number| number.parse().ok()) {
            Some((Field::Asns, directory.who_claims_asn(asn)))
        } else if word.contains('.') {
            Some((Field::Domains, directory.who_claims_domain(&word)))
        } else {
            None
        };
        Self { finder: Finder::new(word.as_bytes()).into_owned(), claims }
    }

    fn fits(&self, at: usize, text: &str, sees: impl Fn(Field) -> bool) -> bool {
        let claimed = |(field, teams): &(Field, HashSet<usize>)| teams.contains(&at) && sees(*field);
        self.claims.as_ref().is_some_and(claimed) || self.finder.find(text.as_bytes()).is_some()
    }
}

/// `192.0.2.7`, `192.0.2.0/24`.
fn addresses(word: &str) -> Option<(IpAddr, IpAddr)> {
    if let Ok(address) = word.parse() {
        return Some((address, address));
    }
    let range: AddressRange = rpsl::range::parse_range(word).ok()?;
    Some((range.first(), range.last()))
}

/// The words by which `audience` finds the team, in small letters.
pub(crate) fn text(team: &Team, audience: Audience) -> String {
    let seen = team.seen_by(audience);
    let mut all = String::with_capacity(256);
    let texts = [
        &seen.handle,
        &seen.name,
        &seen.official_name,
        &seen.host_organisation,
        &seen.description,
        &seen.country.name,
        &seen.references.first,
        &seen.references.trusted_introducer,
    ];
    let people = seen.people.iter().map(|person| &person.name).chain(seen.contacts.iter().map(|c| &c.name));
    let rest = seen
        .emails
        .iter()
        .map(|email| &email.address)
        .chain(&seen.domains)
        .chain(&seen.irt)
        .chain(&seen.types);
    for text in texts.into_iter().chain(rest).chain(people).filter(|text| !text.is_empty()) {
        all.push_str(&text.to_lowercase());
        all.push('\n');
    }
    for asn in &seen.asns {
        all.push_str(&format!("as{asn}\n"));
    }
    all
}
