//! Claims proven by a certificate: the team signs a text of this node with the certificate's key, and an authority that the
//! operator trusts for it says in the certificate whose names, addresses and AS numbers these are.

use std::collections::HashMap;
use std::sync::Arc;

use contracts::trust::holdings::{Holdings, HoldingsJudge, Lapse};
use data_encoding::BASE32_NOPAD;
use identity::{Granted, ManageTeam};
use kit::{Error, Id, Result, Time, Write};

use crate::Teams;
use crate::claims::{Claim, Proof, ProofKind, is_taken_back};
use crate::examine::Examined;
use crate::proving::{TAKEN_BACK, claims, note};
use crate::service::{must, own};
use crate::store;
use crate::team::Team;

/// For `kit::secrets::Secrets::mark`.
const PURPOSE: &str = "teams.claim.certificate";

/// What a certificate proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByCertificate {
    /// The claims.
    pub proven: Vec<Claim>,
    /// The authority that issued it, by the name that it has here.
    pub issuer: String,
    /// The certificate's number, hex.
    pub serial: String,
    /// When it ends, and the proofs with it.
    pub until: Time,
}

impl Teams {
    /// Has `judge` say from now on what certificates prove; the binary calls it once.
    pub fn judge_holdings_by(&self, judge: Arc<dyn HoldingsJudge>) {
        // Whoever comes second is the same node put together twice; the first stays.
        drop(self.holdings_judge().set(judge));
    }

    /// Whether any authority's certificates prove claims here.
    pub fn asks_certificates(&self) -> bool {
        self.holdings_judge().get().is_some_and(|judge| judge.is_asked())
    }

    /// The exact text that `team` signs. It is this node's, for this team and the claims of its record as they are now.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the record claims nothing that a certificate proves; [`Error::NotFound`] for another team.
    pub fn text_of_claims(&self, granted: &Granted<ManageTeam>, team: Id) -> Result<String> {
        own(granted, team)?;
        let known = self.directory().by_id(team).ok_or_else(|| Error::not_found("the team"))?;
        let claims = provable(&known);
        if claims.is_empty() {
            let advice = "enter them in the record first";
            return Err(Error::Conflict(format!(
                "{} claims no domains, networks or AS numbers: {advice}",
                known.name
            )));
        }
        let mut text = format!(
            "Claims of the team {}, by whoever holds the certificate that signs this\n\n",
            known.handle
        );
        for claim in &claims {
            text.push_str(&format!("{} {claim}\n", claim.kind()));
        }
        let mark = self.node().secrets.mark(PURPOSE, format!("{team}\n{text}").as_bytes());
        let mark = BASE32_NOPAD.encode(&mark).to_ascii_lowercase();
        Ok(format!("{text}\nwardmote-claim={mark}\n"))
    }

    /// Enters what the certificate proves whose key has signed [`Teams::text_of_claims`]: every claim that it speaks for.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `signature`: why it does not count, or that the certificate speaks for none of the
    /// claims; [`Error::Conflict`] where no authority is trusted for this, or nothing is claimed; [`Error::NotFound`] for
    /// another team.
    pub async fn prove_by_certificate(
        &self,
        granted: &Granted<ManageTeam>,
        team: Id,
        signature: Vec<u8>,
    ) -> Result<ByCertificate> {
        let text = self.text_of_claims(granted, team)?;
        let judge = self.holdings_judge().get().filter(|judge| judge.is_asked()).cloned();
        let judge = judge.ok_or_else(|| {
            Error::Conflict(
                "no authority is trusted here to prove claims: ask the operator of the community".into(),
            )
        })?;
        let refused = |why| Error::invalid("signature", why);
        if signature.is_empty() {
            return Err(refused("send the signature: a file, or pasted".to_owned()));
        }
        let at = self.node().now();
        // Signatures and long lists take their time.
        let judged = move || judge.holdings(text.as_bytes(), &signature, at);
        let judged = tokio::task::spawn_blocking(judged).await;
        let holdings = judged.map_err(|_| Error::Unavailable("judging the signature broke off".into()))?;
        let holdings = holdings.map_err(refused)?;
        let known = self.directory().by_id(team).ok_or_else(|| Error::not_found("the team"))?;
        let mut proven = provable(&known);
        proven.retain(|claim| speaks_for(&holdings, claim));
        if proven.is_empty() {
            let said = in_words(&holdings);
            return Err(refused(format!(
                "the certificate speaks for none of the claims in full, but for {said}"
            )));
        }
        let taken_back = self.refused(team).await?;
        proven.retain(|claim| !is_taken_back(&taken_back, claim, ProofKind::Certificate));
        if proven.is_empty() {
            return Err(Error::Conflict(TAKEN_BACK.into()));
        }
        self.enter_certificate(granted, team, &proven, &holdings).await?;
        let Holdings { issuer, serial, until, .. } = holdings;
        Ok(ByCertificate { proven, issuer, serial, until })
    }

    async fn enter_certificate(
        &self,
        granted: &Granted<ManageTeam>,
        team: Id,
        proven: &[Claim],
        holdings: &Holdings,
    ) -> Result<()> {
        let (node, stamp) = (self.node().clone(), self.stamp(granted, team));
        let Holdings { issuer, serial, until, .. } = holdings;
        let evidence = format!("number {serial} of {issuer}, which ends on {}", ui::format::date(*until));
        let proof = |claim: &Claim| Proof {
            claim: claim.clone(),
            kind: ProofKind::Certificate,
            at: stamp.at,
            by: stamp.actor.clone(),
            evidence: evidence.clone(),
            missing: None,
        };
        let proofs: Vec<Proof> = proven.iter().map(proof).collect();
        let certificate = holdings.certificate.clone();
        let work = move |tx: &Write<'_>| {
            let now = must(tx, team)?;
            let taken_back = store::refused(tx, team)?;
            for proof in &proofs {
                claims(&now, &proof.claim)?;
                if is_taken_back(&taken_back, &proof.claim, proof.kind) {
                    return Err(Error::Conflict(TAKEN_BACK.into())); // meanwhile
                }
                note(&node, tx, &stamp, team, proof)?;
                store::keep_certificate(tx, team, &proof.claim, &certificate)?;
            }
            Ok(())
        };
        self.node().db.write(work).await?;
        self.reload().await
    }

    /// Looks at every certificate again that proves a claim. One that has ended, was revoked, or whose authority is not
    /// trusted for this any more proves nothing from now on.
    pub(crate) async fn examine_certificates(&self) -> Result<Examined> {
        let mut examined = Examined::default();
        let Some(judge) = self.holdings_judge().get().cloned() else { return Ok(examined) };
        let directory = self.directory();
        let kept = self.node().db.read(store::certificates).await?;
        let of_claims = |(team, claim, _): &(Id, Claim, Vec<u8>)| {
            directory.by_id(*team).is_some_and(|team| claims(&team, claim).is_ok())
        };
        let kept: Vec<_> = kept.into_iter().filter(of_claims).collect();
        let at = self.node().now();
        let judged = tokio::task::spawn_blocking(move || {
            let mut known: HashMap<Vec<u8>, Result<Holdings, Lapse>> = HashMap::new();
            let judge = |(team, claim, certificate): (Id, Claim, Vec<u8>)| {
                let held = known.entry(certificate).or_insert_with_key(|der| judge.still_held(der, at));
                let found = match held {
                    Ok(holdings) if speaks_for(holdings, &claim) => Ok(()),
                    Ok(_) => Err(Lapse::Over("the certificate does not speak for it any more".into())),
                    Err(lapse) => Err(lapse.clone()),
                };
                (team, claim, found)
            };
            kept.into_iter().map(judge).collect::<Vec<_>>()
        });
        let judged =
            judged.await.map_err(|_| Error::Unavailable("looking at certificates broke off".into()))?;
        for (team, claim, found) in judged {
            match found {
                Ok(()) => examined.held += 1,
                Err(Lapse::Unknown(why)) => {
                    tracing::warn!(%claim, why, "a proof could not be looked at again");
                    examined.unknown += 1;
                }
                Err(Lapse::Over(why)) => {
                    match self.lapse_proof(team, claim, ProofKind::Certificate, why).await {
                        Err(Error::NotFound(_)) => {} // somebody was faster
                        done => {
                            done?;
                            examined.withdrawn += 1;
                        }
                    }
                }
            }
        }
        Ok(examined)
    }
}

/// What the record claims and a certificate may prove, each once.
pub(crate) fn provable(team: &Team) -> Vec<Claim> {
    let networks = team.networks.iter().cloned().map(Claim::Network);
    let domains = team.domains.iter().map(|domain| Claim::Domain(crate::claims::bare(domain).to_owned()));
    let numbers = team.asns.iter().copied().map(Claim::Asn);
    let mut all: Vec<Claim> = networks.chain(domains).chain(numbers).collect();
    all.sort();
    all.dedup();
    all
}

fn speaks_for(holdings: &Holdings, claim: &Claim) -> bool {
    match claim {
        Claim::Network(network) => holdings.has_addresses(network.range.first(), network.range.last()),
        Claim::Domain(_) => holdings.has_domain(&claim.text()),
        Claim::Asn(number) => holdings.has_number(*number),
        Claim::Irt(_) => false,
    }
}

/// The first few of what the certificate says.
fn in_words(holdings: &Holdings) -> String {
    let addresses = holdings.addresses.iter().map(|block| format!("{} to {}", block.start(), block.end()));
    let numbers = holdings.numbers.iter().map(|block| format!("AS{} to AS{}", block.start(), block.end()));
    let all: Vec<String> = holdings.names.iter().cloned().chain(addresses).chain(numbers).take(6).collect();
    all.join(", ").chars().take(400).collect()
}
