//! Notices that a mail of the registry did not arrive.

use kit::Result;
use mail::classify::{Action, Bounce, DeliveryReport};
use mail::queue::{self, State};

use crate::store::mails::{self, RegistryMail, Settled};
use crate::{Registry, contacts};

/// Notes what `bounce` says about the mail whose return path it came to, or which it quotes. A contact that was asked is
/// unreachable from then on.
pub(super) async fn bounced(registry: &Registry, mail: &RegistryMail, bounce: &Bounce) -> Result<()> {
    let addresses: Vec<String> = mail.recipient.split(' ').map(str::to_owned).collect();
    let quoted: Vec<String> = bounce.returned.message_id.iter().cloned().collect();
    let verdict = bounce.reports.iter().find_map(said);
    let (id, now) = (mail.id, registry.now());
    let noted = registry.node().db.write(move |tx| {
        let about = queue::ours(tx, &addresses, &quoted)?;
        let note = match (&about, &verdict) {
            (Some(about), Some((state, words))) => {
                queue::note(tx, about.id, *state, now, words)?;
                if *state == State::Failed
                    && let Some(address) = contacts::asked_address(&about.subject_of)
                {
                    contacts::undelivered(tx, address, words, now)?;
                }
                format!("a notice about the mail to {}: {words}", about.recipient)
            }
            _ => "a notice about no mail of ours".to_owned(),
        };
        mails::settle(tx, id, &Settled { note, ..Settled::default() }).map(drop)
    });
    noted.await?;
    registry.contacts_changed().await
}

fn said(report: &DeliveryReport) -> Option<(State, String)> {
    let state = match report.action? {
        Action::Failed => State::Failed,
        Action::Delayed => State::Deferred,
        Action::Delivered | Action::Relayed | Action::Expanded => State::Delivered,
    };
    let diagnostic = report.diagnostic.as_deref().unwrap_or_default();
    Some((state, format!("{} {diagnostic}", report.status).trim().to_owned()))
}
