//! What came by mail, and what became of it.

use identity::{Granted, ReadCases};
use kit::clock::DAY;
use kit::{Id, Result};

use super::mail_text::clean;
use super::{overview, store};
use crate::Desk;
use crate::model::{Number, Outcome};
use crate::store::mail_in::{self, MailIn};
use crate::store::messages;

/// Rows on a page.
const PAGE: usize = 50;

/// A page of the log.
#[derive(Debug, Clone)]
pub(crate) struct MailLog {
    /// The mails, newest first, each with the case that it belongs to now.
    pub(crate) rows: Vec<(MailIn, Option<Number>)>,
    /// How many of each kind came in the last seven days.
    pub(crate) counts: Vec<(Outcome, i64)>,
    /// The last one of this page, if there are more.
    pub(crate) next: Option<Id>,
}

impl Desk {
    /// The mails of the reader's team that came before `before`, of one `outcome` or of all.
    pub(crate) async fn mail_log(
        &self,
        by: &Granted<ReadCases>,
        outcome: Option<Outcome>,
        before: Option<Id>,
    ) -> Result<MailLog> {
        let (team, since) = (by.team(), overview::first_id(self.node().now() - 7 * DAY));
        let read = self.node().db.read(move |c| {
            let wanted = outcome.map_or("", Outcome::name);
            let mut found = mail_in::newest(c, team, wanted, before, PAGE as i64 + 1)?;
            let is_more = found.len() > PAGE;
            found.truncate(PAGE);
            let next = found.last().filter(|_| is_more).map(|last| last.id);
            let mut rows = Vec::new();
            for mut mail in found {
                mail.subject = clean(&mail.subject);
                let message = mail.message.map(|id| messages::by_id(c, team, id)).transpose()?.flatten();
                let case =
                    message.map(|message| store::name_of(c, team, message.case)).transpose()?.flatten();
                rows.push((mail, case));
            }
            Ok(MailLog { rows, counts: store::mail_since(c, team, since)?, next })
        });
        read.await
    }
}
