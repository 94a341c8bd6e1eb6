//! The use cases that turn a claim into a proven one, and back.

use std::sync::Arc;

use contracts::teams::{ClaimProven, ProofWithdrawn};
use contracts::trust::ClaimProver;
use identity::{Granted, Introduce, ManageTeam, Permission};
use kit::{Error, Id, Result, Write, events};

use crate::claims::{Claim, Proof, ProofKind, bare, is_taken_back};
use crate::service::{Teams, must, own};
use crate::store;
use crate::team::Team;

/// Why a proof is not entered that could be.
pub(crate) const TAKEN_BACK: &str = "the operator of the community took this proof back: ask them";
/// Longest evidence or reason, in characters.
const TOO_LONG: usize = 500;

/// What came of asking the registry about a team's networks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The networks that the registry proves, with its evidence.
    pub proven: Vec<(String, String)>,
    /// The others, and why not.
    pub open: Vec<(String, String)>,
}

impl Teams {
    /// The operator decides that a claim of `team` holds, on `evidence` in words: a letter, a call, a document.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the record makes no such claim or nothing is said of the evidence;
    /// [`Error::Conflict`] for an `irt` object that is proven to be another team's; [`Error::Forbidden`] for the operator's
    /// own team; [`Error::NotFound`].
    pub async fn decide_claim(
        &self,
        granted: &Granted<Introduce>,
        team: Id,
        claim: Claim,
        evidence: &str,
    ) -> Result<()> {
        not_own(granted, team)?;
        let evidence = words("evidence", evidence, "say on what evidence: a letter, a call, a document")?;
        self.enter_proof(granted, team, claim, ProofKind::Operator, evidence).await
    }

    /// Enters a proof that another part of the node has found and verified: an answer of the domain name system.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the record makes no such claim; [`Error::NotFound`].
    pub async fn found_proof<P: Permission>(
        &self,
        granted: &Granted<P>,
        team: Id,
        claim: Claim,
        kind: ProofKind,
        evidence: &str,
    ) -> Result<()> {
        let evidence = words("evidence", evidence, "say on what evidence")?;
        self.enter_proof(granted, team, claim, kind, evidence).await
    }

    /// The operator takes back what proved a claim. It stays so: neither a list of theirs nor the team brings a proof of this
    /// kind again, before the operator decides anew or something of another kind proves the claim.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such proof; [`Error::Invalid`] without a reason.
    pub async fn withdraw_proof(
        &self,
        granted: &Granted<Introduce>,
        team: Id,
        claim: Claim,
        kind: ProofKind,
        why: &str,
    ) -> Result<()> {
        let why = words("why", why, "say why the proof counts no more")?;
        let (node, stamp) = (self.node().clone(), self.stamp(granted, team));
        let work = move |tx: &Write<'_>| {
            drop_proof(&node, tx, &stamp, team, &claim, kind, &why)?;
            store::refuse_proof(tx, team, &claim, kind, stamp.at)
        };
        self.node().db.write(work).await?;
        self.reload().await
    }

    /// What proved a claim does not prove it any more, as the node has found.
    pub(crate) async fn lapse_proof(
        &self,
        team: Id,
        claim: Claim,
        kind: ProofKind,
        why: String,
    ) -> Result<()> {
        let granted: Granted<Introduce> = Granted::for_node();
        let (node, stamp) = (self.node().clone(), self.stamp(&granted, team));
        let work = move |tx: &Write<'_>| drop_proof(&node, tx, &stamp, team, &claim, kind, &why);
        self.node().db.write(work).await?;
        self.reload().await
    }

    /// Has `prover` answer from now on what the registry says; the binary calls it once.
    pub fn set_prover(&self, prover: Arc<dyn ClaimProver>) {
        // Whoever comes second is the same node put together twice; the first stays.
        drop(self.prover().set(prover));
    }

    /// Asks the registry about every network of the team's record, and enters what it proves; a proof of the registry
    /// that it does not give any more is withdrawn. The team asks itself, and the operator for any.
    ///
    /// # Errors
    /// [`Error::Conflict`] without a registry, or while nothing proves that the `irt` object is the team's;
    /// [`Error::NotFound`] for another team.
    pub async fn ask_registry(&self, granted: &Granted<ManageTeam>, team: Id) -> Result<Asked> {
        own(granted, team)?;
        let prover = self.prover().get().cloned();
        let prover = prover.ok_or_else(|| Error::Conflict("this node has no registry to ask".into()))?;
        let known = self.directory().by_id(team).ok_or_else(|| Error::not_found("the team"))?;
        let irt = known.irt.clone();
        let irt = irt.ok_or_else(|| Error::Conflict("enter the team's irt object first".into()))?;
        if known.irt_proof().is_none() {
            let advice = "the operator of the community confirms that first, once";
            return Err(Error::Conflict(format!(
                "nothing proves yet that {irt} is {}'s: {advice}",
                known.name
            )));
        }
        let refused = self.refused(team).await?;
        let mut asked = Asked::default();
        for network in &known.networks {
            if is_taken_back(&refused, &Claim::Network(*network), ProofKind::Registry) {
                asked.open.push((network.to_string(), TAKEN_BACK.into()));
                continue;
            }
            match prover.network(&irt, network.range.first(), network.range.last()) {
                Ok(evidence) => asked.proven.push((network.to_string(), evidence)),
                Err(why) => asked.open.push((network.to_string(), why)),
            }
        }
        let (node, stamp) = (self.node().clone(), self.stamp(granted, team));
        let (found, gone) = changes(&known, &asked, &stamp)?;
        if found.is_empty() && gone.is_empty() {
            return Ok(asked);
        }
        let work = move |tx: &Write<'_>| {
            let taken_back = store::refused(tx, team)?;
            for proof in &found {
                claims(&must(tx, team)?, &proof.claim)?;
                if is_taken_back(&taken_back, &proof.claim, proof.kind) {
                    return Err(Error::Conflict(TAKEN_BACK.into())); // meanwhile
                }
                note(&node, tx, &stamp, team, proof)?;
            }
            for (claim, why) in &gone {
                match drop_proof(&node, tx, &stamp, team, claim, ProofKind::Registry, why) {
                    Err(Error::NotFound(_)) => {} // another process was faster
                    done => done?,
                }
            }
            Ok(())
        };
        self.node().db.write(work).await?;
        self.reload().await?;
        Ok(asked)
    }

    /// What the operator took back of the proofs of `team`.
    pub(crate) async fn refused(&self, team: Id) -> Result<Vec<(Claim, ProofKind)>> {
        self.node().db.read(move |c| store::refused(c, team)).await
    }

    async fn enter_proof<P: Permission>(
        &self,
        granted: &Granted<P>,
        team: Id,
        claim: Claim,
        kind: ProofKind,
        evidence: String,
    ) -> Result<()> {
        let (node, stamp) = (self.node().clone(), self.stamp(granted, team));
        let proof = Proof { claim, kind, at: stamp.at, by: stamp.actor.clone(), evidence, missing: None };
        let work = move |tx: &Write<'_>| {
            claims(&must(tx, team)?, &proof.claim)?;
            if kind != ProofKind::Operator && is_taken_back(&store::refused(tx, team)?, &proof.claim, kind) {
                return Err(Error::Conflict(format!("{}: {TAKEN_BACK}", proof.claim)));
            }
            if let Claim::Irt(name) = &proof.claim
                && let Some(holder) = store::irt_holder(tx, name, team)?
            {
                let holder = must(tx, holder)?.record.name;
                let advice = "withdraw that proof first if it holds no more";
                return Err(Error::Conflict(format!("{name} is proven to be {holder}'s: {advice}")));
            }
            note(&node, tx, &stamp, team, &proof)
        };
        self.node().db.write(work).await?;
        self.reload().await
    }
}

/// Takes a proof out, with the event.
fn drop_proof(
    node: &kit::Node,
    tx: &Write<'_>,
    stamp: &events::Stamp,
    team: Id,
    claim: &Claim,
    kind: ProofKind,
    why: &str,
) -> Result<()> {
    if !store::drop_proof(tx, team, claim, kind, stamp.at)? {
        return Err(Error::not_found("the proof"));
    }
    let event = ProofWithdrawn {
        team: team.to_string(),
        claim_kind: claim.kind().into(),
        claim: claim.text(),
        proof: kind.name().into(),
        why: why.to_owned(),
    };
    events::record(node, tx, stamp, &event)
}

/// New proofs of the registry, and those it does not give any more with the reason.
type Changes = (Vec<Proof>, Vec<(Claim, String)>);

fn changes(team: &Team, asked: &Asked, stamp: &events::Stamp) -> Result<Changes> {
    let has = |claim: &Claim, evidence: Option<&str>| {
        team.proofs.iter().any(|proof| {
            proof.kind == ProofKind::Registry
                && proof.claim == *claim
                && evidence.is_none_or(|evidence| proof.evidence == evidence)
        })
    };
    let (mut found, mut gone) = (Vec::new(), Vec::new());
    for (network, evidence) in &asked.proven {
        let claim = Claim::parse("network", network)?;
        if !has(&claim, Some(evidence)) {
            found.push(Proof {
                claim,
                kind: ProofKind::Registry,
                at: stamp.at,
                by: stamp.actor.clone(),
                evidence: evidence.clone(),
                missing: None,
            });
        }
    }
    for (network, why) in &asked.open {
        let claim = Claim::parse("network", network)?;
        if has(&claim, None) {
            gone.push((claim, why.clone()));
        }
    }
    Ok((found, gone))
}

pub(crate) fn note(
    node: &kit::Node,
    tx: &Write<'_>,
    stamp: &events::Stamp,
    team: Id,
    proof: &Proof,
) -> Result<()> {
    store::put_proof(tx, team, proof, stamp.at)?;
    let event = ClaimProven {
        team: team.to_string(),
        claim_kind: proof.claim.kind().into(),
        claim: proof.claim.text(),
        proof: proof.kind.name().into(),
        evidence: proof.evidence.clone(),
    };
    events::record(node, tx, stamp, &event)
}

/// Only what the record claims can be proven.
pub(crate) fn claims(team: &Team, claim: &Claim) -> Result<()> {
    let is_claimed = match claim {
        Claim::Network(network) => team.networks.contains(network),
        Claim::Domain(name) => team.domains.iter().any(|domain| bare(domain) == bare(name)),
        Claim::Irt(name) => team.irt.as_ref() == Some(name),
        Claim::Asn(number) => team.asns.contains(number),
    };
    if is_claimed {
        return Ok(());
    }
    Err(Error::invalid("claim", format!("the record of {} does not claim {claim}", team.name)))
}

/// Nobody decides for their own team.
pub(crate) fn not_own<P: Permission>(granted: &Granted<P>, team: Id) -> Result<()> {
    if !granted.is_node() && granted.team() == team {
        let advice = "somebody of another team decides this";
        return Err(Error::Forbidden(format!("{} belongs to this team: {advice}", granted.actor().name)));
    }
    Ok(())
}

fn words(field: &str, text: &str, advice: &str) -> Result<String> {
    let text: String = text.trim().chars().take(TOO_LONG).collect();
    if text.is_empty() { Err(Error::invalid(field, advice)) } else { Ok(text) }
}
