//! One signature against the keys we have.

use pgp::{
    crypto::public_key::PublicKeyAlgorithm,
    packet::Signature,
    types::{Fingerprint, KeyId},
};

use super::{
    PublicKey, Validity, Verdict,
    history::{Component, has_unknown_demand, weak_digest},
    validity::Purpose,
    verdict::{Signer, Since},
    words,
};

/// Clocks differ; a signature that is this much ahead of ours, in seconds, is not yet "from the future".
const CLOCK_SKEW: i64 = 600;

/// Keys with the same key id that are tried for one signature.
const COLLISIONS: usize = 4;

/// Judges `signature` over any of the texts in `data` (more than one where a sender's line ends are uncertain), read
/// at `at`, Unix seconds. Costs one public-key operation per text and per candidate that has the key id.
pub(super) fn check(signature: &Signature, data: &[&[u8]], candidates: &[PublicKey], at: i64) -> Verdict {
    let Some(config) = signature.config() else {
        return Verdict::Unsupported("its format is a version that is not known here".into());
    };
    if config.hash_alg.digest_size().is_none() {
        return Verdict::Unsupported(format!("its digest is not known here ({})", config.hash_alg));
    }
    if signature.signature().is_none() || matches!(config.pub_alg, PublicKeyAlgorithm::Unknown(_)) {
        return Verdict::Unsupported("its algorithm is not known here".into());
    }
    let Some(made) = signature.created().map(words::seconds) else {
        return Verdict::Malformed("it does not say when it was made".into());
    };
    let mut claimed = None;
    for (key, component) in signers(signature, candidates) {
        let part = key.part(component);
        if data.iter().any(|data| part.verifies(signature, data)) {
            return judge(signature, made, key, component, at);
        }
        claimed.get_or_insert(key);
    }
    match claimed {
        Some(key) => Verdict::BadSignature { signer: signer(key) },
        None => Verdict::UnknownKey { key_id: issuer(signature) },
    }
}

/// The candidates' parts that `signature` names, by fingerprint if it has one. Key ids can be made to collide, so
/// there may be several.
fn signers<'a>(
    signature: &'a Signature,
    candidates: &'a [PublicKey],
) -> impl Iterator<Item = (&'a PublicKey, &'a Component)> {
    let fingerprints = signature.issuer_fingerprint();
    let key_ids = signature.issuer_key_id();
    let is_named = move |(fingerprint, key_id): &(Fingerprint, KeyId)| match fingerprints.is_empty() {
        false => fingerprints.contains(&fingerprint),
        true => key_ids.contains(&key_id),
    };
    let claimed: Vec<_> =
        candidates.iter().filter(|key| key.ids().iter().any(&is_named)).take(COLLISIONS).collect();
    claimed.into_iter().flat_map(move |key| {
        let named: Vec<_> = key.parts().filter(|(ids, _)| is_named(ids)).collect();
        named.into_iter().map(move |(_, component)| (key, component))
    })
}

/// The signature is mathematically right. Does it count?
fn judge(signature: &Signature, made: i64, key: &PublicKey, component: &Component, at: i64) -> Verdict {
    let signer = signer(key);
    if let Some(digest) = weak_digest(signature) {
        return Verdict::WeakDigest { signer, digest };
    }
    if has_unknown_demand(signature) {
        return Verdict::Unsupported("it demands something that is not known here".into());
    }
    if made > at.saturating_add(CLOCK_SKEW) {
        return Verdict::MadeInFuture { signer, signed_at: made };
    }
    let key_valid_until = match key.history().component_validity(component, Purpose::Sign, made) {
        Validity::Valid { until } => until,
        Validity::Expired { on } => return Verdict::KeyExpired { signer, signed_at: made, on },
        Validity::Revoked { on, reason } => {
            return Verdict::KeyRevoked { signer, signed_at: made, on, reason };
        }
        Validity::NotYetValid { from } => return Verdict::BeforeKey { signer, signed_at: made, from },
        Validity::Weak { why } => return Verdict::WeakKey { signer, why },
        Validity::CannotSign | Validity::CannotEncrypt => {
            return Verdict::WeakKey { signer, why: "this part of the key is not meant to sign".into() };
        }
    };
    let lifetime = signature.signature_expiration_time().filter(|d| d.as_secs() != 0);
    if let Some(on) = lifetime.map(|d| made + i64::from(d.as_secs())).filter(|on| *on <= at) {
        return Verdict::SignatureExpired { signer, on };
    }
    let since = match key.history().component_validity(component, Purpose::Sign, at) {
        Validity::Expired { on } => Some(Since::Expired(on)),
        Validity::Revoked { on, reason } => Some(Since::Withdrawn(on, reason)),
        _ => None,
    };
    Verdict::Good { signer, signed_at: made, key_valid_until, since }
}

fn signer(key: &PublicKey) -> Signer {
    let user_id = key.user_ids().into_iter().next().unwrap_or_default();
    Signer { fingerprint: key.fingerprint(), user_id, emails: key.emails() }
}

/// Who the signature says made it: fingerprint, else key id, in hex.
fn issuer(signature: &Signature) -> String {
    let fingerprint = signature.issuer_fingerprint().first().map(|f| words::fingerprint(f));
    let id = || signature.issuer_key_id().first().map(|id| words::key_id(id));
    fingerprint.or_else(id).unwrap_or_else(|| "not named".into())
}
