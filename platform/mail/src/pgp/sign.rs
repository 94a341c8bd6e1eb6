//! Signing what we send.

use pgp::{
    armor::BlockType,
    crypto::hash::HashAlgorithm,
    packet::{PacketTrait, Signature, SignatureConfig, SignatureType, Subpacket, SubpacketData},
    types::KeyDetails,
};

use super::{SecretKey, Validity, armor, history::Component, public::Part, validity::Purpose, words};

/// What the signature covers (RFC 4880 section 5.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureMode {
    /// The bytes as they are. For PGP/MIME, after [`super::mime::canonical_text`].
    Binary,
    /// The text with line ends as CRLF, whichever they are in transit.
    Text,
}

/// A signature apart from what it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetachedSignature {
    /// `-----BEGIN PGP SIGNATURE-----` …, lines ending with LF.
    pub armored: String,
    /// The same packet in OpenPGP's binary form.
    pub binary: Vec<u8>,
    /// The digest's name for the `micalg` parameter of `multipart/signed` (RFC 3156 section 5).
    pub micalg: &'static str,
}

/// Why a key did not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// At that time nobody would accept its signature.
    #[error("key {fingerprint} ({user_id}) cannot sign: {why}")]
    Unusable {
        /// Upper-case hex.
        fingerprint: String,
        /// Main user id.
        user_id: String,
        /// What is wrong with it.
        why: Validity,
    },
    /// The secret half of the part that would sign is not here (kept offline).
    #[error("the secret half of key {0} is not here")]
    SecretMissing(String),
    /// The library refused; in its words.
    #[error("signing failed: {0}")]
    Failed(String),
}

const DIGEST: HashAlgorithm = HashAlgorithm::Sha512;
const MICALG: &str = "pgp-sha512";

impl SecretKey {
    /// Signs `data` at `at`, Unix seconds, with SHA-512.
    ///
    /// # Errors
    /// [`SignError`] when the key may not or cannot sign then.
    pub fn sign_detached(
        &self,
        data: &[u8],
        mode: SignatureMode,
        at: i64,
    ) -> Result<DetachedSignature, SignError> {
        let signature = self.signature(data, mode, at)?;
        let mut packet = Vec::new();
        signature.to_writer_with_header(&mut packet).map_err(|why| SignError::Failed(why.to_string()))?;
        let armored = armor::close(&packet, BlockType::Signature);
        Ok(DetachedSignature { armored, binary: packet, micalg: MICALG })
    }

    pub(super) fn signature(
        &self,
        data: &[u8],
        mode: SignatureMode,
        at: i64,
    ) -> Result<Signature, SignError> {
        let public = self.public();
        let (component, _) = public.history().best(Purpose::Sign, at).map_err(|why| SignError::Unusable {
            fingerprint: public.fingerprint(),
            user_id: public.user_ids().into_iter().next().unwrap_or_default(),
            why,
        })?;
        let kind = match mode {
            SignatureMode::Binary => SignatureType::Binary,
            SignatureMode::Text => SignatureType::Text,
        };
        match self.sign_by(component, kind, data, at) {
            Some(signed) => signed.map_err(|why| SignError::Failed(why.to_string())),
            None => Err(SignError::SecretMissing(words::fingerprint(&public.part(component).fingerprint()))),
        }
    }

    fn sign_by(
        &self,
        component: &Component,
        kind: SignatureType,
        data: &[u8],
        at: i64,
    ) -> Option<pgp::errors::Result<Signature>> {
        let part = self.public().part(component);
        let algorithm = match part {
            Part::Primary(key) => key.algorithm(),
            Part::Subkey(key) => key.algorithm(),
        };
        let mut config = SignatureConfig::v4(kind, algorithm, DIGEST);
        let described = || -> pgp::errors::Result<[Subpacket; 3]> {
            Ok([
                Subpacket::regular(SubpacketData::IssuerFingerprint(part.fingerprint()))?,
                Subpacket::regular(SubpacketData::SignatureCreationTime(words::timestamp(at)))?,
                Subpacket::regular(SubpacketData::IssuerKeyId(part.key_id()))?,
            ])
        };
        let [fingerprint, made, key_id] = match described() {
            Ok(described) => described,
            Err(why) => return Some(Err(why)),
        };
        config.hashed_subpackets = vec![fingerprint, made];
        config.unhashed_subpackets = vec![key_id];
        self.sign_with(part, config, data)
    }
}
