//! One-time codes (RFC 6238) and recovery codes.

use kit::clock::SECOND;
use kit::{Error, Id, Node, Random, Result, Time};
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Secret, Totp};

/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;

/// What a person needs to set up their authenticator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The secret in base32, to be typed in.
    pub secret: String,
    /// The same as an `otpauth://` address.
    pub uri: String,
}

/// A fresh seed for `account`: sealed for the database, and shown once to its owner.
pub(crate) fn offer(node: &Node, account: Id, login: &str) -> Result<(Vec<u8>, Enrolment)> {
    let mut seed = [0; 20];
    node.random().fill(&mut seed);
    let sealed = node.secrets.seal(&purpose(account), &seed, node.random());
    let enrolment = shown(node, account, login, &sealed)?;
    Ok((sealed, enrolment))
}

/// The seed that was sealed, as it was shown to its owner.
///
/// # Errors
/// The seed cannot be unsealed.
pub(crate) fn shown(node: &Node, account: Id, login: &str, sealed: &[u8]) -> Result<Enrolment> {
    let totp = generator(&node.secrets.open(&purpose(account), sealed)?, login)?;
    let uri = totp.to_url().map_err(|error| Error::Corrupt(format!("one-time codes: {error}")))?;
    Ok(Enrolment { secret: totp.secret().to_base32(), uri })
}

/// The step of the code if it is right at `now`, one step of 30 s early or late.
///
/// # Errors
/// The seed cannot be unsealed.
pub(crate) fn step_of(node: &Node, account: Id, sealed: &[u8], code: &str, now: Time) -> Result<Option<i64>> {
    let totp = generator(&node.secrets.open(&purpose(account), sealed)?, "")?;
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp.check(&code, u64::try_from(now / SECOND).unwrap_or(0));
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// Ten recovery codes of 80 bits as people see them, and their digests.
pub(crate) fn recovery_codes(random: &dyn Random) -> Vec<(String, [u8; 32])> {
    let one = |_| {
        let raw = kit::random_token::<10>(random);
        (format!("{}-{}-{}-{}", &raw[..4], &raw[4..8], &raw[8..12], &raw[12..]), recovery_digest(&raw))
    };
    (0..RECOVERY_CODES).map(one).collect()
}

/// How a recovery code is stored; blanks, hyphens and capitals do not matter.
pub(crate) fn recovery_digest(code: &str) -> [u8; 32] {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    Sha256::digest(plain.to_ascii_lowercase()).into()
}

fn generator(seed: &[u8], login: &str) -> Result<Totp> {
    Builder::new()
        .with_secret(Secret::from(seed))
        .with_account_name(login)
        .with_issuer(Some("Wardmote"))
        .build()
        .map_err(|error| Error::Corrupt(format!("one-time codes: {error}")))
}

fn purpose(account: Id) -> String {
    format!("totp:{account}")
}

/// The code that an authenticator shows at `now`: for tests.
#[cfg(feature = "testing")]
pub(crate) fn code_at(secret_base32: &str, now: Time) -> String {
    let seed = data_encoding::BASE32_NOPAD.decode(secret_base32.as_bytes()).unwrap_or_default();
    let code =
        generator(&seed, "").map(|totp| totp.generate(u64::try_from(now / SECOND).unwrap_or(0)).to_string());
    code.unwrap_or_default()
}
