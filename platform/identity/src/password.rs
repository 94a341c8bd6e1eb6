//! Passwords: Argon2id (RFC 9106) with the parameters of OWASP's cheat sheet, 19 MiB and two passes.

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use kit::{Error, Random, Result};

/// Shortest password, in characters (NIST SP 800-63B-4 wants 15 where it is the only factor, 8 beside a second).
const SHORTEST: usize = 12;
/// Longest, in bytes: more only costs the node time.
const LONGEST: usize = 1_024;

/// The hash of `password` in PHC form, with a fresh salt. Takes some 20 ms: not on an async thread.
///
/// # Errors
/// [`Error::Corrupt`] when the hash cannot be made: a mistake of the program, not of the user.
pub(crate) fn hash(password: &str, random: &dyn Random) -> Result<String> {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    let wrong = |error: argon2::password_hash::Error| Error::Corrupt(format!("password hash: {error}"));
    let salt = SaltString::encode_b64(&salt).map_err(wrong)?;
    Ok(argon2()?.hash_password(password.as_bytes(), &salt).map_err(wrong)?.to_string())
}

/// Whether `password` has the hash `stored` (PHC form; its own parameters count). Takes as long as [`hash`].
pub(crate) fn matches(password: &str, stored: &str) -> bool {
    let Ok(stored) = PasswordHash::new(stored) else { return false };
    argon2().is_ok_and(|argon2| argon2.verify_password(password.as_bytes(), &stored).is_ok())
}

/// Whether people may take `password` for the account `login`.
///
/// # Errors
/// [`Error::Invalid`] for the field `password` says why not and what would do.
pub(crate) fn check_strength(password: &str, login: &str) -> Result<()> {
    let refuse = |why: &str| Err(Error::invalid("password", why));
    let lower = password.to_lowercase();
    let distinct = lower.chars().collect::<std::collections::BTreeSet<_>>().len();
    if password.chars().count() < SHORTEST {
        return refuse(
            "it has fewer than 12 characters. Take a longer one: four or five words that do not belong together.",
        );
    }
    if password.len() > LONGEST {
        return refuse("it is longer than 1,024 bytes. Take a shorter one.");
    }
    if distinct < 5 || lower.contains(login) || lower.contains("password") || lower.contains("wardmote") {
        return refuse("it is easy to guess. Take four or five words that do not belong together.");
    }
    Ok(())
}

fn argon2() -> Result<Argon2<'static>> {
    let params =
        Params::new(19_456, 2, 1, None).map_err(|error| Error::Corrupt(format!("Argon2: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kit::SeededRandom;

    #[test]
    fn only_the_same_password_matches() {
        let stored = hash("quiet harbour lamp seven", &SeededRandom::new(1)).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(matches("quiet harbour lamp seven", &stored));
        assert!(!matches("quiet harbour lamp seve", &stored));
        assert!(!matches("x", "not a hash"));
    }

    #[test]
    fn a_weak_password_is_refused_with_advice() {
        for weak in
            ["short", "aaaaaaaaaaaaaaaaaaa", "kes-kes-kes-2026", "Password12345", &"long é".repeat(300)]
        {
            let why = check_strength(weak, "kes").unwrap_err().to_string();
            assert!(why.contains("Take"), "{why}");
        }
        assert!(check_strength("čez morje gre ladja", "kes").is_ok());
    }
}
