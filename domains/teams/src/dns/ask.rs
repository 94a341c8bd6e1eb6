//! The use cases: the line for a claim, and the question whether it stands in the zone.

use identity::{Granted, ManageTeam};
use kit::{Error, Id, Result};

use super::{Answer, Challenge};
use crate::Teams;
use crate::claims::{Claim, ProofKind};
use crate::proving::claims;
use crate::service::own;

impl Teams {
    /// The line that proves `claim` of `team`, where it is asked for; `None` when this node asks no resolver, or no zone
    /// can show this claim.
    pub fn dns_challenge(&self, team: Id, claim: &Claim) -> Option<Challenge> {
        self.resolver()?;
        Challenge::of(&self.node().secrets, team, claim).ok()
    }

    /// Asks the domain name system whether the team's line stands in the zone of what it claims, and enters the proof
    /// when it does. The team asks itself.
    ///
    /// # Errors
    /// [`Error::Conflict`]: this node asks no resolver, no zone can show this claim, or the line is not there, with
    /// what to do; [`Error::Unavailable`]: the resolver could not say; [`Error::Invalid`] when the record makes no such
    /// claim; [`Error::NotFound`] for another team.
    pub async fn ask_dns(&self, granted: &Granted<ManageTeam>, team: Id, claim: Claim) -> Result<()> {
        own(granted, team)?;
        let known = self.directory().by_id(team).ok_or_else(|| Error::not_found("the team"))?;
        claims(&known, &claim)?;
        let resolver = self.resolver().ok_or_else(|| {
            Error::Conflict("this node asks no resolver: `[directory.dns] resolver` is not set".into())
        })?;
        let challenge = Challenge::of(&self.node().secrets, team, &claim).map_err(Error::Conflict)?;
        let put = |what: &str| {
            let line = challenge.line();
            Error::Conflict(format!(
                "{what}. Put this line into the zone, and ask again when it is published: {line}"
            ))
        };
        match resolver.texts(&challenge.name).await {
            Answer::Texts(texts) if Challenge::is_met(&self.node().secrets, team, &claim, &texts) => {
                let evidence = format!("TXT at {}", challenge.name);
                self.found_proof(granted, team, claim, ProofKind::Dns, &evidence).await
            }
            Answer::Texts(_) => {
                Err(put(&format!("{} has a text, but not the one for {}", challenge.name, known.name)))
            }
            Answer::Absent => Err(put(&format!("{} has no text", challenge.name))),
            Answer::Unknown(why) => Err(Error::Unavailable(format!("nothing was changed: {why}"))),
        }
    }
}
