//! What happens between a community's decisions: drills, self-assessments, declarations, and people who are vouched for.

use serde::{Deserialize, Serialize};

use crate::Event;

/// What the mails of a drill are about, before the id of the one test: an answer to such a mail needs no hand.
pub const DRILL_MAIL: &str = "drill:";

macro_rules! event {
    ($($(#[$meta:meta])* $name:ident $kind:literal $stream:literal { $key:ident: $key_words:literal, $($(#[$field_meta:meta])* $field:ident: $kind_of:ty),* $(,)? })*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            #[doc = $key_words]
            pub $key: String,
            $($(#[$field_meta])* pub $field: $kind_of,)*
        }

        impl Event for $name {
            const KIND: &'static str = $kind;

            fn stream(&self) -> String {
                format!(concat!($stream, ":{}"), self.$key)
            }
        }
    )* };
}

event! {
    /// A drill began: teams are asked whether somebody reads.
    DrillStarted "trust.drill_started" "drill" {
        drill: "The drill's id.",
        /// Why, in words.
        reason: String,
        /// How many teams are asked.
        teams: usize,
        /// Until when an answer counts, as a time (RFC 3339).
        deadline: String,
    }
    /// A team was sent a drill's test message.
    DrillAsked "trust.drill_asked" "team" {
        team: "The team's id.",
        /// The drill's id.
        drill: String,
        /// On which channel.
        channel: String,
        /// At which address.
        address: String,
    }
    /// How a drill went for a team.
    DrillEnded "trust.drill_ended" "team" {
        team: "The team's id.",
        /// The drill's id.
        drill: String,
        /// `answered`, `late`, `silent`, `bounced`, `unreachable`.
        outcome: String,
        /// Seconds from the message to the answer; 0 without one.
        seconds: i64,
        /// By which way the answer came, or what was said when the message was refused.
        words: String,
    }
    /// A team finished an assessment of its own maturity. The levels stand in the assessment, for the team alone.
    Assessed "trust.assessed" "team" {
        team: "The team's id.",
        /// The assessment's id.
        assessment: String,
        /// What was measured by.
        model: String,
        /// SHA-256 of the levels and notes, hex.
        digest: String,
    }
    /// A version of the code of conduct was published.
    ConductPublished "trust.conduct_published" "conduct" {
        code: "Which code: `community`.",
        /// Its number.
        version: i64,
        /// Its title.
        title: String,
        /// SHA-256 of its exact bytes, hex.
        digest: String,
    }
    /// A team declared that it keeps to a version of the code of conduct.
    ConductDeclared "trust.conduct_declared" "team" {
        team: "The team's id.",
        /// The version.
        version: i64,
        /// SHA-256 of the document's exact bytes, hex.
        digest: String,
        /// The fingerprint of the key that signed it; `None` without a signature.
        fingerprint: Option<String>,
    }
    /// Somebody was nominated.
    PersonNominated "trust.person_nominated" "person" {
        person: "The person's id.",
        /// The team of who nominated them.
        team: String,
    }
    /// Somebody vouches for a person.
    PersonVouched "trust.person_vouched" "person" {
        person: "The person's id.",
        /// The team of who vouches.
        team: String,
        /// What they attest, by the attestations' keys.
        attestations: Vec<String>,
    }
    /// Somebody vouches for a person no longer.
    VouchWithdrawn "trust.vouch_withdrawn" "person" {
        person: "The person's id.",
        /// The team of who vouched.
        team: String,
    }
    /// A person came from one state to another.
    PersonMoved "trust.person_moved" "person" {
        person: "The person's id.",
        /// The state before.
        from: String,
        /// The state now.
        to: String,
        /// Why, in words that tell nobody who objected.
        why: String,
    }
}
