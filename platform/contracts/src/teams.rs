//! What happens to the record of a team.

use crate::Event;
use serde::{Deserialize, Serialize};

fn team_stream(team: &str) -> String {
    format!("team:{team}")
}

macro_rules! team_event {
    ($($(#[$meta:meta])* $name:ident $kind:literal { $($(#[$field_meta:meta])* $field:ident: $kind_of:ty),* $(,)? })*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// The team's id.
            pub team: String,
            $($(#[$field_meta])* pub $field: $kind_of,)*
        }

        impl Event for $name {
            const KIND: &'static str = $kind;

            fn stream(&self) -> String {
                team_stream(&self.team)
            }
        }
    )* };
}

team_event! {
    /// A team was entered into the directory.
    TeamImported "teams.imported" {
        /// Its handle.
        handle: String,
        /// Its name.
        name: String,
    }
    /// A team's record was changed.
    TeamChanged "teams.changed" {
        /// The names of the fields that differ.
        fields: Vec<String>,
    }
    /// A team's trust status was set.
    StatusChanged "teams.status_changed" {
        /// What it was; `None`: not listed.
        from: Option<String>,
        /// What it is; `None`: not listed.
        to: Option<String>,
        /// Since when, as a date.
        since: String,
    }
    /// Something proves what a team claims.
    ClaimProven "teams.claim_proven" {
        /// `network`, `domain`, `irt` or `asn`.
        claim_kind: String,
        /// The network, domain, name or AS number.
        claim: String,
        /// `registry`, `dns`, `certificate` or `operator`.
        proof: String,
        /// On what evidence, in words.
        evidence: String,
    }
    /// What proved a claim does not prove it any more.
    ProofWithdrawn "teams.proof_withdrawn" {
        /// `network`, `domain`, `irt` or `asn`.
        claim_kind: String,
        /// The network, domain, name or AS number.
        claim: String,
        /// `registry`, `dns`, `certificate` or `operator`.
        proof: String,
        /// Why, in words.
        why: String,
    }
    /// A team got a public key.
    KeyAdded "teams.key_added" {
        /// Its fingerprint, upper-case hex.
        fingerprint: String,
    }
    /// A team's public key is not to be used any more.
    KeyWithdrawn "teams.key_withdrawn" {
        /// Its fingerprint, upper-case hex.
        fingerprint: String,
        /// Why, in words.
        why: String,
    }
    /// A public key that was withdrawn is in use again.
    KeyRestored "teams.key_restored" {
        /// Its fingerprint, upper-case hex.
        fingerprint: String,
        /// Why, in words.
        why: String,
    }
    /// This node runs the team's desk, with these mailboxes; none: not any more.
    DeskChanged "teams.desk_changed" {
        /// The addresses at which its mail comes in.
        mailboxes: Vec<String>,
    }
    /// A team signed its description by RFC 2350 with its own key.
    DescriptionSigned "teams.description_signed" {
        /// Fingerprint of the key, upper-case hex.
        fingerprint: String,
        /// SHA-256 of the text that was signed, lower-case hex.
        digest: String,
    }
    /// A team's signature of its description is served no more.
    DescriptionSignatureDropped "teams.description_signature_dropped" {}
    /// A team's desk got a secret key, with which it signs and opens mail.
    SecretKeySet "teams.secret_key_set" {
        /// Its fingerprint, upper-case hex.
        fingerprint: String,
    }
}
