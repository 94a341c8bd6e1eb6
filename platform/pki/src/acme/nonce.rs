//! Nonces (RFC 8555, section 6.5): each is taken once, within an hour, by any node of the community.
//!
//! A nonce is the time, sealed: nothing is stored until it is used, so asking for many costs nothing. What was used is
//! noted until it would be too old anyway, and only for requests whose signature fits somebody who is known here, so
//! strangers cannot fill the table.

use data_encoding::BASE64URL_NOPAD;
use kit::clock::{HOUR, MINUTE};
use kit::{Id, Node, Time};
use sha2::{Digest as _, Sha256};

use super::problem::{Kind, Problem};
use super::store;

/// How long a nonce is taken.
pub(super) const LASTS: Time = HOUR;
/// Requests that an account may make in a minute.
const PER_MINUTE: i64 = 200;

const PURPOSE: &str = "acme-nonce";

/// A new one.
pub(super) fn fresh(node: &Node) -> String {
    BASE64URL_NOPAD.encode(&node.secrets.seal(PURPOSE, &node.now().to_be_bytes(), node.random()))
}

/// A nonce that we gave out and that is not too old; whether it was used is seen when it is spent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nonce([u8; 32]);

impl Nonce {
    /// Reads what a client sends.
    ///
    /// # Errors
    /// [`Kind::BadNonce`].
    pub(super) fn read(node: &Node, text: Option<&str>) -> Result<Self, Problem> {
        let sealed = text.and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok()).ok_or_else(bad)?;
        let made = node.secrets.open(PURPOSE, &sealed).map_err(|_| bad())?;
        let made = Time::from_be_bytes(made.try_into().map_err(|_| bad())?);
        let age = node.now() - made;
        // Clocks of several nodes are not quite the same.
        if !(-MINUTE..LASTS).contains(&age) {
            return Err(bad());
        }
        Ok(Self(Sha256::digest(&sealed).into()))
    }

    /// Uses it up, for a request of `account` or of somebody who is about to have one.
    ///
    /// # Errors
    /// [`Kind::BadNonce`] when it was used before; [`Kind::RateLimited`].
    pub(super) async fn spend(self, node: &Node, account: Option<Id>) -> Result<(), Problem> {
        let now = node.now();
        let work = move |tx: &kit::Write<'_>| {
            let unused = store::spend(tx, &self.0, account, now)?;
            let made = account.map(|account| store::requests_since(tx, account, now - MINUTE)).transpose()?;
            Ok((unused, made.unwrap_or_default()))
        };
        match node.db.write(work).await? {
            (false, _) => Err(bad()),
            (true, made) if made > PER_MINUTE => {
                Err(Problem::later(format!("an account may ask {PER_MINUTE} times in a minute"), 60))
            }
            (true, _) => Ok(()),
        }
    }
}

fn bad() -> Problem {
    Problem::new(
        Kind::BadNonce,
        "the nonce was used before, is too old, or is not from here; take the new one",
    )
}

#[cfg(test)]
mod tests {
    use kit::testing;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_nonce_is_taken_once_and_for_an_hour() {
        let node = testing::node(&[identity::MIGRATIONS, crate::MIGRATIONS]);
        let read = |text: &str| Nonce::read(&node, Some(text));
        let first = fresh(&node);
        read(&first).unwrap().spend(&node, None).await.unwrap();
        assert_eq!(read(&first).unwrap().spend(&node, None).await.unwrap_err().kind, Kind::BadNonce);
        let second = fresh(&node);
        assert_ne!(first, second);
        node.clock.advance(LASTS);
        assert!(read(&second).is_err());
        for foreign in ["", "AAAA", "not base64", &second[1..]] {
            assert!(read(foreign).is_err());
        }
        assert!(Nonce::read(&node, None).is_err());
    }
}
