//! What is wrong with the queue, for `wardmote doctor`.

use kit::clock::{DAY, MINUTE};
use kit::health::{Finding, ago, bytes_of};
use kit::{Error, Node, Result, Time};

use super::store;

/// So long a mail may be on its way to the relay: one more try, and a restart.
const USUAL: Time = 5 * MINUTE;
/// So long the recipients do not have what was written to them: somebody must see to the relay.
const TOO_LONG: Time = DAY;
/// So many mails are looked at.
const SAMPLE: i64 = 100;

/// Mails that wait for the relay, and whether the bytes of the newest are there.
///
/// # Errors
/// The database is gone.
pub async fn findings(node: &Node) -> Result<Vec<Finding>> {
    let now = node.now();
    let read = node.db.read(move |c| Ok((store::held_up(c, now - USUAL)?, store::newest_blobs(c, SAMPLE)?)));
    let ((count, oldest, words), newest) = read.await?;
    let own = node.clone();
    let bytes = tokio::task::spawn_blocking(move || bytes_of(&own, "mails sent", &newest)).await;
    let bytes = bytes.map_err(|_| Error::Unavailable("the node is shutting down".into()))?;
    let waiting = oldest.map_or_else(
        || Finding::good("mails out", "none waits"),
        |oldest| {
            let said = words.map_or_else(String::new, |words| format!(", the relay last said: {words}"));
            let words = format!(
                "{count} wait, the oldest for {}{said}: see [relay], and whether the node runs",
                ago(now - oldest)
            );
            match now - oldest >= TOO_LONG {
                true => Finding::bad("mails out", words),
                false => Finding::mind("mails out", words),
            }
        },
    );
    Ok(vec![waiting, bytes])
}
