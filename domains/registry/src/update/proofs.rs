//! What is known of whoever sends a submission.

use identity::{Granted, ManageNode, Permission};
use kit::{Digest, Id, Time};

/// Something that was proven about the sender. Whoever makes one has checked it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The submission is signed, the signature is good at this moment, and it was not seen before.
    OpenPgp {
        /// The whole fingerprint of the primary key, in upper-case hexadecimal digits (40 or 64).
        fingerprint: String,
        /// When the signature was made.
        made_at: Time,
        /// Of the signed content.
        digest: Digest,
    },
    /// The sender is logged in, or sent one of the account's tokens.
    Account {
        /// The account.
        id: Id,
        /// Its login, which is what `auth: SSO …` names.
        login: String,
    },
    /// The sender's connection showed a client certificate and the key that belongs to it.
    Certificate {
        /// The certificate in DER.
        der: Vec<u8>,
    },
}

/// All that is known of whoever sends a submission. The default proves nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proofs {
    proven: Vec<Proof>,
    overrides: Option<String>,
}

impl Proofs {
    /// What was proven.
    pub fn new(proven: Vec<Proof>) -> Self {
        Self { proven, overrides: None }
    }

    /// The account behind `granted`; proves nothing when a team's token or the node itself acts.
    pub fn account<P: Permission>(granted: &Granted<P>) -> Self {
        let actor = granted.actor();
        let account = actor.account.zip(actor.login.clone());
        Self::new(account.map(|(id, login)| Proof::Account { id, login }).into_iter().collect())
    }

    /// The node's administrator, on whom no authorisation is asked: every other rule still holds, and the journal
    /// says so.
    pub fn overriding(granted: &Granted<ManageNode>) -> Self {
        Self { proven: Vec::new(), overrides: Some(granted.actor().name.clone()) }
    }

    /// One more proof.
    pub fn push(&mut self, proof: Proof) {
        self.proven.push(proof);
    }

    /// What was proven.
    pub fn iter(&self) -> impl Iterator<Item = &Proof> {
        self.proven.iter()
    }

    /// Who overrides all authorisation, if somebody does.
    pub(crate) fn overrides(&self) -> Option<&str> {
        self.overrides.as_deref()
    }

    /// The sender in words, for the journal and for those who are told.
    pub(crate) fn in_words(&self) -> String {
        if let Some(who) = &self.overrides {
            return format!("{who} (override by the node's administrator)");
        }
        let words: Vec<String> = self.proven.iter().map(Proof::in_words).collect();
        if words.is_empty() { "somebody without proof".to_owned() } else { words.join(", ") }
    }
}

impl Proof {
    /// The proof in words: `key PGPKEY-…`, `account kes`.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Self::OpenPgp { fingerprint, .. } => format!("key PGPKEY-{fingerprint}"),
            Self::Account { login, .. } => format!("account {login}"),
            Self::Certificate { der } => format!("certificate with SHA-256 {}", Digest::of(der)),
        }
    }
}
