//! Many mails over several connections at once, as several mail servers would bring them.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::figures::Times;
use crate::mails::Mail;
use crate::smtp::{Sent, Session};

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// When the first DATA was about to be sent.
    pub begun: Instant,
    /// From then to the last reply.
    pub took: Duration,
    /// From the end of a mail's text to its reply, of those that were acknowledged.
    pub replies: Times,
    /// Message-IDs of those that were acknowledged.
    pub acknowledged: Vec<String>,
    /// Message-IDs of those that were tried and not acknowledged, with the reply or what broke.
    pub refused: Vec<(String, String)>,
}

/// Sends `mails` to `to` over `connections` connections that are open before the first mail goes. A connection that
/// breaks is not opened again; what was in flight on it counts as not acknowledged, and the others go on.
///
/// # Errors
/// A connection could not be opened.
pub fn send(server: SocketAddr, to: &str, mails: &[Mail], connections: usize) -> std::io::Result<Outcome> {
    let sessions = (0..connections.max(1)).map(|_| Session::open(server)).collect::<Result<Vec<_>, _>>()?;
    let queue = Mutex::new(mails.iter());
    let begun = Instant::now();
    let parts: Vec<Outcome> = std::thread::scope(|scope| {
        let queue = &queue;
        let workers: Vec<_> = sessions
            .into_iter()
            .map(|session| scope.spawn(move || work(session, to, queue, begun)))
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    let mut whole = Outcome {
        begun,
        took: begun.elapsed(),
        replies: Times::default(),
        acknowledged: Vec::new(),
        refused: Vec::new(),
    };
    for part in parts {
        whole.replies.extend(part.replies);
        whole.acknowledged.extend(part.acknowledged);
        whole.refused.extend(part.refused);
    }
    Ok(whole)
}

fn work(
    mut session: Session,
    to: &str,
    queue: &Mutex<std::slice::Iter<'_, Mail>>,
    begun: Instant,
) -> Outcome {
    let mut outcome = Outcome {
        begun,
        took: Duration::ZERO,
        replies: Times::default(),
        acknowledged: Vec::new(),
        refused: Vec::new(),
    };
    // A poisoned lock means that another connection's thread panicked: the run is worthless and ends.
    while let Some(mail) = queue.lock().ok().and_then(|mut queue| queue.next()) {
        match session.send(&mail.from, to, &mail.text) {
            Ok(sent) if sent.is_acknowledged() => {
                let Sent { waited, .. } = sent;
                outcome.replies.push(waited);
                outcome.acknowledged.push(mail.message_id.clone());
            }
            Ok(sent) => outcome.refused.push((mail.message_id.clone(), sent.reply)),
            Err(error) => {
                outcome.refused.push((mail.message_id.clone(), error.to_string()));
                return outcome;
            }
        }
    }
    // The mails are in; a server that is gone by now loses nothing.
    drop(session.quit());
    outcome
}
