//! May a key be used at a given time? The rules of RFC 4880 section 5.2.3.3: the latest self-signature made by then
//! counts, a revocation without a mild reason counts for all times.

use std::fmt;

use super::{
    history::{Abilities, Component, History, Statement, User},
    words::date,
};

/// The answer about a key or a part of it at one moment. Its `Display` says it in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Validity {
    /// May be used.
    Valid {
        /// Unix seconds of its expiry; none when it does not expire.
        until: Option<i64>,
    },
    /// Its owner let it end.
    Expired {
        /// Unix seconds.
        on: i64,
    },
    /// Its owner withdrew it.
    Revoked {
        /// Unix seconds.
        on: i64,
        /// As given by the owner, in words.
        reason: String,
    },
    /// Made after the time asked about.
    NotYetValid {
        /// Unix seconds.
        from: i64,
    },
    /// Too weak to be relied on.
    Weak {
        /// In words, a clause: "RSA of 1024 bits is too short".
        why: String,
    },
    /// The key is in order, but has no part with which one can encrypt.
    CannotEncrypt,
    /// The key is in order, but has no part that signs.
    CannotSign,
}

impl Validity {
    /// True for [`Validity::Valid`].
    pub fn is_valid(&self) -> bool {
        matches!(self, Validity::Valid { .. })
    }
}

impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Validity::Valid { until: Some(until) } => write!(f, "valid until {}", date(*until)),
            Validity::Valid { until: None } => f.write_str("valid, does not expire"),
            Validity::Expired { on } => write!(f, "expired on {}", date(*on)),
            Validity::Revoked { on, reason } => write!(f, "revoked on {}: {reason}", date(*on)),
            Validity::NotYetValid { from } => write!(f, "valid only from {}", date(*from)),
            Validity::Weak { why } => write!(f, "not to be relied on: {why}"),
            Validity::CannotEncrypt => f.write_str("has no part to encrypt to"),
            Validity::CannotSign => f.write_str("has no part that signs"),
        }
    }
}

/// What a part of a key is wanted for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Sign,
    Encrypt,
}

impl History {
    /// The key as a whole at `at`, Unix seconds.
    pub(super) fn validity(&self, at: i64) -> Validity {
        if let Some(verdict) = self.primary.unusable(at) {
            return verdict;
        }
        let Some(statement) = self.word_at(at) else {
            return self.without_word(at);
        };
        match statement.key_expires {
            Some(on) if on <= at => Validity::Expired { on },
            until => Validity::Valid { until },
        }
    }

    /// One part of the key at `at`, wanted for `purpose`.
    pub(super) fn component_validity(&self, component: &Component, purpose: Purpose, at: i64) -> Validity {
        let whole = self.validity(at);
        let Validity::Valid { until: whole_until } = whole else {
            return whole;
        };
        let unfit = match purpose {
            Purpose::Sign => Validity::CannotSign,
            Purpose::Encrypt => Validity::CannotEncrypt,
        };
        let (word, until) = if component.subkey.is_some() {
            if let Some(verdict) = component.unusable(at) {
                return verdict;
            }
            let Some(binding) = in_force(&component.bindings, at) else {
                return Validity::Weak { why: "it is not bound to its main key by a good signature".into() };
            };
            if let Some(on) = binding.key_expires.filter(|on| *on <= at) {
                return Validity::Expired { on };
            }
            if purpose == Purpose::Sign && !binding.has_consent {
                return unfit;
            }
            (Some(binding), earlier(whole_until, binding.key_expires))
        } else {
            (self.word_at(at), whole_until)
        };
        // No purposes named: whatever the algorithm can do (keys from the 1990s)
        let named = word.and_then(|word| word.purposes).unwrap_or(component.abilities);
        let fits = |of: Abilities| if purpose == Purpose::Sign { of.sign } else { of.encrypt };
        if fits(named) && fits(component.abilities) { Validity::Valid { until } } else { unfit }
    }

    /// The newest part that serves `purpose` at `at`, with its expiry; or why none does. Newest, because whoever
    /// makes a new subkey wants it used.
    pub(super) fn best(&self, purpose: Purpose, at: i64) -> Result<(&Component, Option<i64>), Validity> {
        let whole = self.validity(at);
        if !whole.is_valid() {
            return Err(whole);
        }
        let parts = || self.subkeys.iter().rev().chain([&self.primary]);
        let judged = parts().map(|part| (part, self.component_validity(part, purpose, at)));
        let usable = judged.filter_map(|(part, verdict)| match verdict {
            Validity::Valid { until } => Some((part, until)),
            _ => None,
        });
        // A subkey goes before the primary key, then the later one wins
        if let Some(best) = usable.max_by_key(|(part, _)| (part.subkey.is_some(), part.created)) {
            return Ok(best);
        }
        let unfit = if purpose == Purpose::Sign { Validity::CannotSign } else { Validity::CannotEncrypt };
        let would_serve = |part: &&Component| {
            let named = part.bindings.last().and_then(|word| word.purposes).unwrap_or(part.abilities);
            if purpose == Purpose::Sign { named.sign } else { named.encrypt }
        };
        let failed = self.subkeys.iter().filter(would_serve).max_by_key(|part| part.created);
        Err(failed.map_or(unfit, |part| self.component_validity(part, purpose, at)))
    }

    /// The user ids that the key's owner stands by, the main one first.
    pub(super) fn user_ids(&self) -> Vec<&str> {
        let mut users: Vec<_> = self.users.iter().filter(|user| user.is_upheld_at(i64::MAX)).collect();
        users.sort_by_key(|user| {
            let newest = user.certifications.last();
            std::cmp::Reverse((newest.is_some_and(|c| c.is_primary_user), newest.map(|c| c.made)))
        });
        users.into_iter().map(|user| user.id.as_str()).collect()
    }

    /// What the owner says about the key as a whole at `at`: the main user id's certification or a direct-key
    /// signature, whichever is newer.
    fn word_at(&self, at: i64) -> Option<&Statement> {
        let users = self.users.iter().filter(|user| user.is_upheld_at(at));
        let users = users.filter_map(|user| in_force(&user.certifications, at));
        let main = users.max_by_key(|word| (word.is_primary_user, word.made));
        let direct = in_force(&self.direct, at);
        [main, direct].into_iter().flatten().max_by_key(|word| word.made)
    }

    fn without_word(&self, at: i64) -> Validity {
        let last = self.users.iter().flat_map(|user| &user.revocations).filter(|r| r.made <= at);
        if let Some(last) = last.max_by_key(|r| r.made) {
            return Validity::Revoked { on: last.made, reason: format!("its last user id: {}", last.reason) };
        }
        let why = self.refused.clone().unwrap_or_else(|| "it has no valid self-signature".into());
        Validity::Weak { why }
    }
}

impl Component {
    /// Why this part cannot be used at `at`, whatever it is wanted for.
    fn unusable(&self, at: i64) -> Option<Validity> {
        // The hard one first: it says most
        let revocation = self.revocations.iter().filter(|r| r.is_hard || r.made <= at);
        if let Some(r) = revocation.max_by_key(|r| (r.is_hard, std::cmp::Reverse(r.made))) {
            return Some(Validity::Revoked { on: r.made, reason: r.reason.clone() });
        }
        if self.created > at {
            return Some(Validity::NotYetValid { from: self.created });
        }
        self.weakness.clone().map(|why| Validity::Weak { why })
    }
}

impl User {
    /// Certified, and not revoked since: of these two the later word counts.
    fn is_upheld_at(&self, at: i64) -> bool {
        let withdrawn = self.revocations.iter().map(|r| r.made).filter(|made| *made <= at).max();
        let mut certified = self.certifications.iter().map(|word| word.made);
        withdrawn.is_none_or(|withdrawn| certified.any(|made| made > withdrawn && made <= at))
            && !self.certifications.is_empty()
    }
}

/// The latest statement made by `at` that has not ended. When there is none, the first made afterwards: people hand
/// out keys with only the newest self-signature on them, and it speaks for the time before as well.
fn in_force(statements: &[Statement], at: i64) -> Option<&Statement> {
    let lasting = |word: &&Statement| word.ends.is_none_or(|end| end > at);
    let by_then = statements.iter().filter(lasting).rfind(|word| word.made <= at);
    by_then.or_else(|| statements.iter().find(|word| word.made > at))
}

fn earlier(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}
