//! Who may see which field of a record. [`TeamRecord::view_for`] is the one place where something is left out; pages,
//! API, search and exports all get at a record through it.

use std::fmt;
use std::str::FromStr;

use kit::Error;
use serde::{Deserialize, Serialize};

use super::{Network, TeamRecord, Usage};

/// Who looks, or who may: each sees all that those before see.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Everybody.
    #[default]
    Public,
    /// Teams whose standing entitles them to the members' site.
    Members,
    /// The team itself.
    Team,
    /// The community's operator.
    Operator,
}

impl Audience {
    /// All of them, the widest first.
    pub const ALL: [Self; 4] = [Self::Public, Self::Members, Self::Team, Self::Operator];

    /// Its name in files and forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Members => "members",
            Self::Team => "team",
            Self::Operator => "operator",
        }
    }

    /// In words that follow "seen by".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Public => "everybody",
            Self::Members => "members of the community",
            Self::Team => "the team and the operator",
            Self::Operator => "the operator",
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Audience {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|audience| audience.name() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            Error::invalid("visibility", format!("{text:?} is none; choose among {known}"))
        })
    }
}

macro_rules! fields {
    ($($(#[$meta:meta])* $name:ident $text:literal $words:literal $default:ident;)*) => {
        /// A part of a record that is shown or not shown as a whole.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Field {
            $($(#[$meta])* #[doc = $words] $name,)*
        }

        impl Field {
            /// All of them, as forms show them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in files and forms.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// In words.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words),* }
            }

            /// Who sees it where the team has not decided otherwise.
            pub const fn default_audience(self) -> Audience {
                match self { $(Self::$name => Audience::$default),* }
            }
        }
    };
}

fields! {
    Identity "identity" "handle, names and country" Public;
    Established "established" "founding day" Public;
    HostOrganisation "host_organisation" "host organisation" Public;
    PostalAddress "postal_address" "postal address" Public;
    Constituency "constituency" "kinds, description and countries of the constituency" Public;
    Asns "asns" "AS numbers" Public;
    Domains "domains" "domains" Public;
    Networks "networks" "networks" Public;
    Charter "charter" "mission, sponsorship and authority" Public;
    Remit "remit" "incidents handled" Public;
    Services "services" "services" Public;
    Hours "hours" "service hours" Public;
    Languages "languages" "languages" Public;
    Channels "channels" "channels, MISP organisation" Public;
    RidEndpoint "rid_endpoint" "RID endpoint" Members;
    Emails "emails" "mail addresses" Public;
    Phones "phones" "telephones" Public;
    Emergency "emergency" "emergency numbers and contacts" Members;
    Contacts "contacts" "contacts for reports, the team and the press" Public;
    Offices "offices" "head, representatives, officers" Members;
    People "people" "people and their functions" Members;
    PeoplePhones "people_phones" "addresses and telephones of people" Members;
    Practice "practice" "customer contact and other information" Public;
    Policies "policies" "policies, reporting forms, disclaimer" Public;
    Irt "irt" "irt object" Public;
    References "references" "other directories" Public;
    Document "document" "document information" Public;
    TeamNotes "team_notes" "the team's own notes" Team;
    OperatorNotes "operator_notes" "the operator's notes" Operator;
}

impl FromStr for Field {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.iter().find(|field| field.name() == text);
        found
            .copied()
            .ok_or_else(|| Error::invalid("visibility", format!("{text:?} is no field of a record")))
    }
}

impl Field {
    /// Whether a team may decide who sees it. Names are what a directory is for; the operator's notes are not the
    /// team's.
    pub const fn is_free(self) -> bool {
        !matches!(self, Self::Identity | Self::OperatorNotes)
    }
}

impl TeamRecord {
    /// Who may see `field` of this record.
    pub fn audience_of(&self, field: Field) -> Audience {
        let own = self.visibility.get(&field).copied().filter(|_| field.is_free());
        own.unwrap_or(field.default_audience())
    }

    /// The record as `audience` may see it: what is meant for fewer is empty.
    pub fn view_for(&self, audience: Audience) -> Self {
        let mut seen = self.clone();
        for field in Field::ALL {
            if self.audience_of(*field) > audience {
                seen.clear(*field);
            }
        }
        // Which fields are hidden is told to those who may change it.
        if audience < Audience::Team {
            seen.visibility.clear();
        }
        seen
    }

    /// Puts back from `whole` what [`Self::view_for`] took out for `audience`, after they changed the rest: nobody
    /// deletes what they do not see.
    pub fn with_hidden_from(mut self, audience: Audience, whole: &Self) -> Self {
        if audience < Audience::Team {
            self.visibility = whole.visibility.clone();
        }
        for field in Field::ALL {
            if whole.audience_of(*field) > audience {
                self.restore(*field, whole);
            }
        }
        self
    }

    fn clear(&mut self, field: Field) {
        self.restore(field, &Self::default());
    }

    /// Takes `field` from `other`.
    fn restore(&mut self, field: Field, other: &Self) {
        let from = other.clone();
        match field {
            Field::Identity => {
                (self.handle, self.name) = (from.handle, from.name);
                (self.official_name, self.country) = (from.official_name, from.country);
            }
            Field::Established => self.established = from.established,
            Field::HostOrganisation => self.host_organisation = from.host_organisation,
            Field::PostalAddress => self.postal_address = from.postal_address,
            Field::Constituency => {
                (self.types, self.description) = (from.types, from.description);
                self.countries = from.countries;
            }
            Field::Asns => self.asns = from.asns,
            Field::Domains => self.domains = from.domains,
            Field::Networks => self.networks = from.networks,
            Field::Charter => {
                self.mission = from.mission;
                (self.sponsorship, self.authority) = (from.sponsorship, from.authority);
            }
            Field::Remit => (self.remit, self.support_level) = (from.remit, from.support_level),
            Field::Services => {
                (self.services_reactive, self.services_proactive) =
                    (from.services_reactive, from.services_proactive);
            }
            Field::Hours => {
                (self.business_hours, self.time_zone) = (from.business_hours, from.time_zone);
                self.hours = from.hours;
            }
            Field::Languages => self.languages = from.languages,
            Field::Channels => (self.channels, self.misp) = (from.channels, from.misp),
            Field::RidEndpoint => self.rid_endpoint = from.rid_endpoint,
            Field::Emails => take(&mut self.emails, from.emails, |email| email.usage != Usage::Emergency),
            Field::Phones => take(&mut self.phones, from.phones, |phone| phone.usage != Usage::Emergency),
            Field::Emergency => {
                take(&mut self.emails, from.emails, |email| email.usage == Usage::Emergency);
                take(&mut self.phones, from.phones, |phone| phone.usage == Usage::Emergency);
                take(&mut self.contacts, from.contacts, |contact| {
                    contact.role == super::ContactRole::Emergency
                });
            }
            Field::Contacts => take(&mut self.contacts, from.contacts, |contact| {
                !contact.role.is_office() && contact.role != super::ContactRole::Emergency
            }),
            Field::Offices => take(&mut self.contacts, from.contacts, |contact| contact.role.is_office()),
            Field::People => self.people = from.people,
            Field::PeoplePhones => {
                for person in &mut self.people {
                    let known = from.people.iter().find(|known| known.name == person.name);
                    (person.email, person.phone) =
                        known.map(|known| (known.email.clone(), known.phone.clone())).unwrap_or_default();
                }
            }
            Field::Practice => {
                self.other_telecommunication = from.other_telecommunication;
                (self.customer_contact, self.other_information) =
                    (from.customer_contact, from.other_information);
            }
            Field::Policies => {
                (self.policy_disclosure, self.policy_communication) =
                    (from.policy_disclosure, from.policy_communication);
                (self.reporting_forms, self.disclaimer) = (from.reporting_forms, from.disclaimer);
            }
            Field::Irt => self.irt = from.irt,
            Field::References => self.references = from.references,
            Field::Document => self.document = from.document,
            Field::TeamNotes => self.team_notes = from.team_notes,
            Field::OperatorNotes => self.operator_notes = from.operator_notes,
        }
    }

    /// Whether `network` stands in what `audience` sees.
    pub fn shows_network(&self, audience: Audience, network: &Network) -> bool {
        self.audience_of(Field::Networks) <= audience && self.networks.contains(network)
    }
}

/// Replaces what `belongs` in `here` by what belongs in `there`; the others keep their places before it.
fn take<T>(here: &mut Vec<T>, there: Vec<T>, belongs: impl Fn(&T) -> bool) {
    let same = here.iter().any(&belongs) || there.iter().any(&belongs);
    if same {
        here.retain(|entry| !belongs(entry));
        here.extend(there.into_iter().filter(|entry| belongs(entry)));
    }
}

#[cfg(test)]
#[path = "visibility_tests.rs"]
mod tests;
