//! The relay of the house as the queue sees it.

use std::future::Future;
use std::pin::Pin;

use super::{Handed, Relay};
use crate::relay::{self, Outcome};

impl Relay for relay::Relay {
    fn hand(
        &self,
        return_path: String,
        recipient: String,
        bytes: Vec<u8>,
    ) -> Pin<Box<dyn Future<Output = Handed> + Send>> {
        let relay = self.clone();
        Box::pin(async move {
            match relay.send(&return_path, &recipient, &bytes).await {
                Outcome::Accepted { reply } => Handed::Taken(reply),
                Outcome::Deferred { reply } => Handed::Later(reply),
                Outcome::Failed { reply } => Handed::Refused(reply),
            }
        })
    }
}

/// For a node without a relay: mails wait until one is configured.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRelay;

impl Relay for NoRelay {
    fn hand(&self, _: String, _: String, _: Vec<u8>) -> Pin<Box<dyn Future<Output = Handed> + Send>> {
        Box::pin(async { Handed::Later("no relay is configured: set [relay] in the configuration".into()) })
    }
}
