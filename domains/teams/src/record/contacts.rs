//! Addresses, telephones, people, and the roles in which they are reached.

use serde::{Deserialize, Serialize};

/// What an address or telephone is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Usage {
    /// Incident reports go there.
    Report,
    /// The team, about anything else.
    #[default]
    Team,
    /// Emergencies, at any hour.
    Emergency,
    /// A telephone in business hours.
    Voice,
    /// Text messages.
    Text,
    /// A telefax.
    Fax,
}

impl Usage {
    /// What a mail address may be for.
    pub const OF_EMAILS: [Self; 3] = [Self::Report, Self::Team, Self::Emergency];
    /// What a telephone may be for.
    pub const OF_PHONES: [Self; 4] = [Self::Voice, Self::Emergency, Self::Text, Self::Fax];

    /// Its name in files and forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Team => "team",
            Self::Emergency => "emergency",
            Self::Voice => "voice",
            Self::Text => "text",
            Self::Fax => "fax",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Report => "incident reports",
            Self::Team => "the team",
            Self::Emergency => "emergency",
            Self::Voice => "telephone",
            Self::Text => "text messages",
            Self::Fax => "telefax",
        }
    }
}

/// A mail address of the team.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Email {
    /// The address, lower case.
    pub address: String,
    /// What it is for.
    pub usage: Usage,
}

/// A telephone of the team.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Phone {
    /// As it is dialled.
    pub number: String,
    /// What it is for.
    pub usage: Usage,
    /// IANA time zone of the hours it is answered; empty: at all hours.
    pub time_zone: String,
    /// What the caller should know: "ask for the duty officer".
    pub comment: String,
}

/// In which role somebody is reached.
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
pub enum ContactRole {
    /// Takes incident reports.
    Report,
    /// The team, about anything else.
    #[default]
    Team,
    /// Leads the team.
    Head,
    /// Speaks for the team in the community.
    Representative,
    /// Is reached at any hour.
    Emergency,
    /// Speaks to the press.
    Press,
    /// Answers for security in the host organisation.
    SecurityOfficer,
    /// Answers legal questions.
    Legal,
}

/// What a contact of a role cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// A name.
    pub name: bool,
    /// A mail address.
    pub email: bool,
    /// A telephone.
    pub phone: bool,
    /// A mail address or a telephone, whichever.
    pub either: bool,
}

impl ContactRole {
    /// All of them, as forms show them.
    pub const ALL: [Self; 8] = [
        Self::Report,
        Self::Team,
        Self::Head,
        Self::Representative,
        Self::Emergency,
        Self::Press,
        Self::SecurityOfficer,
        Self::Legal,
    ];

    /// Its name in files and forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Team => "team",
            Self::Head => "head",
            Self::Representative => "representative",
            Self::Emergency => "emergency",
            Self::Press => "press",
            Self::SecurityOfficer => "security-officer",
            Self::Legal => "legal",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Report => "incident reports",
            Self::Team => "the team",
            Self::Head => "head of the team",
            Self::Representative => "representative",
            Self::Emergency => "emergency, at any hour",
            Self::Press => "press",
            Self::SecurityOfficer => "security officer",
            Self::Legal => "legal questions",
        }
    }

    /// Whether it is a person with an office, whom the public is not told by default.
    pub const fn is_office(self) -> bool {
        matches!(self, Self::Head | Self::Representative | Self::SecurityOfficer | Self::Legal)
    }

    /// What it cannot do without.
    pub const fn needs(self) -> Needs {
        let nothing = Needs { name: false, email: false, phone: false, either: false };
        match self {
            Self::Report | Self::Team => Needs { email: true, ..nothing },
            Self::Head => Needs { name: true, either: true, ..nothing },
            Self::Representative | Self::SecurityOfficer => Needs { name: true, email: true, ..nothing },
            Self::Emergency => Needs { phone: true, ..nothing },
            Self::Press | Self::Legal => Needs { either: true, ..nothing },
        }
    }
}

/// Who is reached in a role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = RecordContact)]
pub struct Contact {
    /// The role.
    pub role: ContactRole,
    /// A person or an office.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Telephone; of the role *emergency* one that is answered round the clock.
    pub phone: String,
    /// What the caller should know.
    pub comment: String,
}

/// One of the team's people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// What they do in the team.
    pub function: String,
    /// The login of their account here; empty without one.
    pub account: String,
    /// Mail address.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Fingerprint of their OpenPGP key, upper-case hex.
    pub key: String,
}
