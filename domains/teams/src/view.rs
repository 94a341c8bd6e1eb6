//! A team as programs and tables get it.

use kit::Time;
use kit::clock::SECOND;
use mail::pgp::Validity;

use crate::team::{Seen, Team};

/// A team of the directory.
#[derive(Debug, Clone, PartialEq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = DirectoryTeam)]
pub struct TeamView {
    /// Its short name, which stands in its address.
    pub handle: String,
    /// Its name.
    pub name: String,
    /// Its name in full.
    pub official_name: String,
    /// Its country, two letters; empty when unknown.
    pub country: String,
    /// Its trust status; `not listed` without one.
    pub status: String,
    /// Since when it has this status, a date.
    pub status_since: Option<String>,
    /// The organisation it belongs to.
    pub host_organisation: String,
    /// The day it was founded.
    pub established: String,
    /// Whom it serves, in words.
    pub description: String,
    /// Kinds of constituency.
    pub types: Vec<String>,
    /// AS numbers of its constituency.
    pub asns: Vec<u32>,
    /// Domains of its constituency.
    pub domains: Vec<String>,
    /// Networks of its constituency.
    pub networks: Vec<NetworkView>,
    /// Where incident reports go.
    pub report_to: Option<String>,
    /// Its mail addresses.
    pub emails: Vec<ContactView>,
    /// Its telephones.
    pub phones: Vec<ContactView>,
    /// How it wants to be told, the preferred way first.
    pub channels: Vec<String>,
    /// Languages, the preferred one first.
    pub languages: Vec<String>,
    /// The name of its irt object.
    pub irt: Option<String>,
    /// Its public keys.
    pub keys: Vec<KeyView>,
    /// When its record was changed last, RFC 3339.
    pub updated: String,
}

/// A network of a team's constituency.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = DirectoryNetwork)]
pub struct NetworkView {
    /// A prefix, or its first and last address.
    pub range: String,
    /// Whether something proves it; otherwise the team claims it.
    pub proven: bool,
    /// What proves it: `registry`, `dns`, `certificate`, `operator`.
    pub by: Option<String>,
    /// Since when, RFC 3339.
    pub since: Option<String>,
}

impl NetworkView {
    fn of(team: &Team, network: &crate::Network) -> Self {
        let proof = team.network_proof(network);
        Self {
            range: network.to_string(),
            proven: proof.is_some(),
            by: proof.map(|proof| proof.kind.name().to_owned()),
            since: proof.map(|proof| ui::format::iso(proof.at)),
        }
    }
}

/// A mail address or telephone.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = DirectoryContact)]
pub struct ContactView {
    /// The address or number.
    pub value: String,
    /// What it is for.
    pub usage: String,
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = DirectoryKey)]
pub struct KeyView {
    /// Its fingerprint, upper-case hex.
    pub fingerprint: String,
    /// Whose it says it is.
    pub user_ids: Vec<String>,
    /// The day it was made.
    pub created: String,
    /// The day it ends; none when it does not.
    pub expires: Option<String>,
    /// Whether one can encrypt to it now.
    pub usable: bool,
    /// How it stands now, in words.
    pub standing: String,
}

impl TeamView {
    /// `team` as it stands at `now`, for the audience that it was made for.
    pub fn of(team: &Seen, now: Time) -> Self {
        let contact = |value: &String, usage: crate::Usage| ContactView {
            value: value.clone(),
            usage: usage.words().into(),
        };
        Self {
            handle: team.handle.clone(),
            name: team.name.clone(),
            official_name: team.official_name.clone(),
            country: team.country.code.clone(),
            status: team.status_name().to_owned(),
            status_since: team.standing.map(|standing| ui::format::date(standing.since)),
            host_organisation: team.host_organisation.clone(),
            established: team.established.clone(),
            description: team.description.clone(),
            types: team.types.clone(),
            asns: team.asns.clone(),
            domains: team.domains.clone(),
            networks: team.networks.iter().map(|network| NetworkView::of(team, network)).collect(),
            report_to: team.report_address().map(str::to_owned),
            emails: team.emails.iter().map(|email| contact(&email.address, email.usage)).collect(),
            phones: team.phones.iter().map(|phone| contact(&phone.number, phone.usage)).collect(),
            channels: team.channels.iter().map(|channel| channel.words().to_owned()).collect(),
            languages: team.languages.clone(),
            irt: team.irt.clone(),
            keys: team.keys.iter().map(|key| KeyView::of(key, now)).collect(),
            updated: ui::format::iso(team.updated),
        }
    }
}

impl KeyView {
    /// `key` as it stands at `now`.
    pub fn of(team_key: &crate::TeamKey, now: Time) -> Self {
        let key = &team_key.key;
        let verdict = key.can_encrypt(now / SECOND);
        let standing = match team_key.withdrawn {
            Some(at) => format!("withdrawn on {}", ui::format::date(at)),
            None => verdict.to_string(),
        };
        Self {
            fingerprint: key.fingerprint(),
            user_ids: key.user_ids(),
            created: ui::format::date(key.created().saturating_mul(SECOND)),
            expires: key.expires().map(|at| ui::format::date(at.saturating_mul(SECOND))),
            usable: team_key.withdrawn.is_none() && verdict.is_valid(),
            standing,
        }
    }

    /// Its standing as a word with a colour: `ok`, `warn` when it ends within a month, `bad`.
    pub(crate) fn kind(team_key: &crate::TeamKey, now: Time) -> &'static str {
        const MONTH: i64 = 31 * 86_400;
        match team_key.key.can_encrypt(now / SECOND) {
            _ if team_key.withdrawn.is_some() => "bad",
            Validity::Valid { until: Some(until) } if until < now / SECOND + MONTH => "warn",
            Validity::Valid { .. } => "ok",
            _ => "bad",
        }
    }
}
