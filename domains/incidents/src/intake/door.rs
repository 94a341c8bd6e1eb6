//! The desk as the listener for SMTP and LMTP sees it.

use kit::Error;
use mail::Envelope;
use mail::smtp::{Accepted, Answer, Intake, Refusal};

use crate::Desk;

impl Intake for Desk {
    fn knows<'a>(&'a self, rcpt: &'a str) -> Answer<'a, Result<bool, Refusal>> {
        Box::pin(async move { Ok(Desk::knows(self, rcpt)) })
    }

    fn deliver(&self, envelope: Envelope, message: Vec<u8>) -> Answer<'_, Result<Accepted, Refusal>> {
        Box::pin(async move {
            let accepted = self.accept(envelope, message).await.map_err(refusal)?;
            Ok(Accepted { id: accepted.ids.first().map(ToString::to_string).unwrap_or_default() })
        })
    }
}

/// What is told to the other side: a full disk and a database that is away are for later, an unknown address is not.
fn refusal(error: Error) -> Refusal {
    match error {
        Error::StorageFull => Refusal::Full("no room on the disk; please try again later".into()),
        Error::NotFound(_) => Refusal::Permanent("nobody here has this address".into()),
        error => {
            tracing::error!(%error, "a mail was not taken");
            Refusal::Temporary("the mail cannot be stored now; please try again later".into())
        }
    }
}
