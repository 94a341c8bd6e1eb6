//! What proved a claim once is looked at again every day: a proof holds as long as what it rests on.

use identity::Granted;
use kit::clock::DAY;
use kit::jobs::{self, Handler};
use kit::{Error, Id, Result, Time, Write};
use tokio::task::JoinSet;

use crate::Teams;
use crate::claims::{Claim, ProofKind};
use crate::dns::{Answer, Challenge};
use crate::proving::claims;
use crate::store;

const EXAMINE: &str = "teams.proofs";
/// Questions at one time.
const AT_ONCE: usize = 8;
/// After so many questions one after another that the resolver could not answer, the rest waits for the next day.
const GIVE_UP_AFTER: usize = 16;

/// What an examination of all proofs found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Examined {
    /// So many hold.
    pub held: usize,
    /// What they rest on was not found this time.
    pub missing: usize,
    /// The resolver, or a list of revocations, could not say.
    pub unknown: usize,
    /// They count no more.
    pub withdrawn: usize,
}

impl Examined {
    fn add(&mut self, more: Self) {
        self.held += more.held;
        self.missing += more.missing;
        self.unknown += more.unknown;
        self.withdrawn += more.withdrawn;
    }
}

/// What is so about one proof.
enum Found {
    Holds,
    Missing,
    Unknown,
}

pub(crate) fn handler(teams: &Teams) -> Handler {
    let own = teams.clone();
    Handler::repeated(teams.node(), EXAMINE, DAY, move || {
        let teams = own.clone();
        async move {
            let Examined { held, missing, unknown, withdrawn } = teams.examine_proofs().await?;
            tracing::info!(held, missing, unknown, withdrawn, "proofs of claims were looked at again");
            Ok(())
        }
    })
}

impl Teams {
    /// Plans the first of its jobs.
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn start(&self) -> Result<()> {
        let (node, at) = (self.node().clone(), self.node().now() + DAY);
        self.node().db.write(move |tx| jobs::plan(&node, tx, EXAMINE, DAY, at)).await
    }

    /// Looks at every proof of the registry, of certificates and of the domain name system again. What the registry does not
    /// prove any more counts no more at once, and so does a certificate that has ended or was revoked; a record that is
    /// missing in a zone, after the configured days. Where the resolver or a list of revocations cannot say, nothing changes.
    ///
    /// # Errors
    /// The database is gone; what was found until then stands.
    pub async fn examine_proofs(&self) -> Result<Examined> {
        let mut examined = self.examine_registry().await?;
        examined.add(self.examine_certificates().await?);
        if self.resolver().is_none() {
            return Ok(examined);
        }
        let directory = self.directory();
        let mut questions = Vec::new();
        for team in directory.teams() {
            let of_dns = team.proofs.iter().filter(|proof| proof.kind == ProofKind::Dns);
            let claimed = of_dns.filter(|proof| claims(team, &proof.claim).is_ok());
            questions.extend(claimed.map(|proof| (team.id, proof.claim.clone(), proof.missing)));
        }
        let mut in_a_row = 0;
        for some in questions.chunks(AT_ONCE) {
            let mut asking = JoinSet::new();
            for (team, claim, missing) in some.iter().cloned() {
                let this = self.clone();
                asking.spawn(async move {
                    let found = this.look(team, &claim).await;
                    (team, claim, missing, found)
                });
            }
            for (team, claim, missing, found) in asking.join_all().await {
                in_a_row = if matches!(found, Found::Unknown) { in_a_row + 1 } else { 0 };
                self.take(team, claim, missing, &found, &mut examined).await?;
            }
            if in_a_row >= GIVE_UP_AFTER {
                tracing::warn!("the resolver does not answer: the rest of the proofs waits until tomorrow");
                break;
            }
        }
        self.reload().await?;
        Ok(examined)
    }

    async fn look(&self, team: Id, claim: &Claim) -> Found {
        let secrets = &self.node().secrets;
        let (Some(resolver), Ok(challenge)) = (self.resolver(), Challenge::of(secrets, team, claim)) else {
            return Found::Unknown;
        };
        match resolver.texts(&challenge.name).await {
            Answer::Texts(texts) if Challenge::is_met(secrets, team, claim, &texts) => Found::Holds,
            Answer::Texts(_) | Answer::Absent => Found::Missing,
            Answer::Unknown(why) => {
                tracing::warn!(%claim, why, "a proof could not be looked at again");
                Found::Unknown
            }
        }
    }

    async fn take(
        &self,
        team: Id,
        claim: Claim,
        missing: Option<Time>,
        found: &Found,
        examined: &mut Examined,
    ) -> Result<()> {
        let now = self.node().now();
        let note = async |since: Option<Time>| {
            let claim = claim.clone();
            let work =
                move |tx: &Write<'_>| store::note_missing(tx, team, &claim, ProofKind::Dns, since, now);
            self.node().db.write(work).await
        };
        let days = i64::from(self.settings().dns.gone_after_days);
        match (found, missing) {
            (Found::Holds, None) => examined.held += 1,
            (Found::Holds, Some(_)) => {
                examined.held += 1;
                note(None).await?;
            }
            (Found::Unknown, _) => examined.unknown += 1,
            (Found::Missing, since) if now - since.unwrap_or(now) >= days * DAY => {
                examined.withdrawn += 1;
                let day = ui::format::date(since.unwrap_or(now));
                let why = format!("the record was not in the zone any more since {day}");
                self.lapse_proof(team, claim, ProofKind::Dns, why).await?;
            }
            (Found::Missing, Some(_)) => examined.missing += 1,
            (Found::Missing, None) => {
                examined.missing += 1;
                note(Some(now)).await?;
            }
        }
        Ok(())
    }

    async fn examine_registry(&self) -> Result<Examined> {
        let mut examined = Examined::default();
        if self.prover().get().is_none() {
            return Ok(examined);
        }
        let directory = self.directory();
        for team in directory.teams() {
            let before: Vec<&Claim> =
                team.proofs.iter().filter(|p| p.kind == ProofKind::Registry).map(|p| &p.claim).collect();
            if before.is_empty() {
                continue;
            }
            match self.ask_registry(&Granted::for_node(), team.id).await {
                Ok(asked) => {
                    let open: Vec<&str> = asked.open.iter().map(|(network, _)| network.as_str()).collect();
                    let gone = before.iter().filter(|claim| open.contains(&claim.text().as_str())).count();
                    examined.withdrawn += gone;
                    examined.held += before.len() - gone;
                }
                // Without the irt object nothing that named it proves anything.
                Err(Error::Conflict(why)) => {
                    for claim in before {
                        self.lapse_proof(team.id, claim.clone(), ProofKind::Registry, why.clone()).await?;
                        examined.withdrawn += 1;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(examined)
    }
}
