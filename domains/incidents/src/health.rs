//! What is wrong with the desk, for `wardmote doctor`.

use kit::clock::MINUTE;
use kit::health::{Finding, ago, bytes_of};
use kit::{Error, Result, Time};

use crate::Desk;
use crate::store::mail_in;

/// A mail that was taken is placed within seconds.
const USUAL: Time = 5 * MINUTE;
/// So many mails are looked at.
const SAMPLE: i64 = 100;

impl Desk {
    /// Mails that were taken and not placed, and whether the bytes of the newest are there.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn findings(&self) -> Result<Vec<Finding>> {
        let (node, now) = (self.node().clone(), self.node().now());
        let read = move |c: &kit::Read<'_>| {
            Ok((mail_in::left_waiting(c, now - USUAL)?, mail_in::newest_blobs(c, SAMPLE)?))
        };
        let ((count, oldest), newest) = self.node().db.read(read).await?;
        let bytes = tokio::task::spawn_blocking(move || bytes_of(&node, "mails taken", &newest)).await;
        let bytes = bytes.map_err(|_| Error::Unavailable("the node is shutting down".into()))?;
        let waiting = oldest.map_or_else(
            || Finding::good("mails in", "all are placed"),
            |oldest| {
                let since = ago(now - oldest);
                let todo = "does the node run? Start it with `wardmote serve`, or see its log";
                let words = format!("{count} were taken and are not placed, the oldest for {since}: {todo}");
                Finding::bad("mails in", words)
            },
        );
        Ok(vec![waiting, bytes])
    }
}
