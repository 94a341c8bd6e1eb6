//! What became of a mail that came in, and where the mails of an incident have got to.

use identity::{Granted, ReadCases};
use kit::{Error, Id, Result};
use mail::queue::{self, MailOut};

use crate::Desk;
use crate::intake::Accepted;
use crate::model::Outcome;
use crate::store::mail_in::{self, MailIn};
use crate::store::{incidents, investigations};

impl Desk {
    /// The mail that was acknowledged as `id`, and what became of it.
    ///
    /// # Errors
    /// There is none at this team's desk.
    pub async fn mail_taken(&self, by: &Granted<ReadCases>, id: Id) -> Result<MailIn> {
        let team = by.team();
        let found = self.node().db.read(move |c| mail_in::by_id(c, id)).await?;
        found.filter(|mail| mail.team == team).ok_or_else(|| Error::not_found("this mail"))
    }

    /// Whether all of a mail that was acknowledged has been opened and placed.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn is_placed(&self, accepted: &Accepted) -> Result<bool> {
        let ids = accepted.ids.clone();
        let placed = self.node().db.read(move |c| {
            for id in &ids {
                if mail_in::by_id(c, *id)?.is_some_and(|mail| mail.outcome == Outcome::Waiting) {
                    return Ok(false);
                }
            }
            Ok(true)
        });
        placed.await
    }

    /// The mails that were queued for the investigations of the incident `number`, with their delivery state.
    ///
    /// # Errors
    /// The incident is not there.
    pub async fn sent_for(&self, by: &Granted<ReadCases>, number: i64) -> Result<Vec<MailOut>> {
        let team = by.team();
        let sent = self.node().db.read(move |c| {
            let incident = incidents::by_number(c, team, number)?;
            let incident = incident.ok_or_else(|| Error::not_found(format!("INC-{number}")))?;
            let mut sent = Vec::new();
            for investigation in investigations::of_incident(c, incident.id)? {
                sent.extend(queue::about(c, &investigation.subject_of())?);
            }
            Ok(sent)
        });
        sent.await
    }
}
