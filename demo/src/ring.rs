//! The community's process in full swing: standings taken over, newcomers, invitations, candidates, cases of the board.

use std::collections::BTreeSet;
use std::path::Path;

use identity::{Granted, NewAccount, Role};
use kit::Id;
use kit::clock::{DAY, SECOND};
use mail::pgp::SignatureMode;
use teams::{Handled, IncidentType};
use trust::Trust;
use trust::process::{Join, Judge, Operate, Represent};

use crate::community::make_key;
use crate::{Community, Stage};

const NEWCOMERS: &str = include_str!("../sample/newcomers.json");

/// The people of other teams, who log in with the demo's password: login, team, roles, what they are for.
const PEOPLE: [(&str, &str, &[Role]); 5] = [
    ("tove", "skerry", &[Role::TeamAdmin, Role::Board]),
    ("nils", "nordvik", &[Role::TeamAdmin]),
    ("fenna", "fennmark", &[Role::TeamAdmin]),
    ("quin", "quaymoor", &[Role::TeamAdmin]),
    ("oda", "rautavesi", &[Role::TeamAdmin, Role::Owner]),
];

/// Fills the desk of `trust`. Keys of the newcomers go to the others' in `dir`.
///
/// # Errors
/// The node refuses something.
pub async fn gather(
    house: &Stage,
    trust: &Trust,
    community: &mut Community,
    dir: &Path,
) -> anyhow::Result<()> {
    let entries = teams::import::parse(NEWCOMERS.as_bytes())?.entries;
    let ids = house.teams.import(&Granted::for_node(), entries.clone()).await?;
    for (entry, id) in entries.iter().zip(&ids) {
        let handle = &entry.record.handle;
        let Some((secret, public)) = make_key(house, entry)? else { continue };
        house.teams.add_key(&Granted::for_node_in(*id), *id, public.to_armored().into_bytes()).await?;
        std::fs::write(dir.join("keys").join(format!("{handle}.asc")), public.to_armored())?;
        std::fs::write(dir.join("keys").join(format!("{handle}.secret.asc")), secret.to_armored())?;
        community.keys.insert(handle.clone(), secret);
    }
    let ring = Ring { house, trust, community };
    for handle in ["fennmark", "wendelau", "passwacht", "fjordglim", "quaymoor"] {
        ring.complete(handle).await?;
    }
    for (login, handle, roles) in PEOPLE {
        let team = ring.id(handle)?;
        let roles: BTreeSet<Role> = roles.iter().copied().collect();
        let password = Some(community.password.clone());
        let account = NewAccount { login: login.into(), name: login.into(), roles, password };
        house.identity.create_account(&Granted::for_node_in(team), team, account).await?;
    }
    for handle in ["skerry", "lowmere", "rautavesi", "hochfirn"] {
        trust.give_seat(&Granted::for_node(), ring.id(handle)?).await?;
    }
    ring.newcomers().await?;
    ring.candidates().await?;
    ring.board().await?;
    trust.make_checkpoint().await?;
    let taken = community.taken;
    println!(
        "\n{taken} standings taken over; newcomers, candidates and the review board's cases stand on the operator's desk"
    );
    Ok(())
}

/// Who they are, in one line for the one who tries.
pub fn people() -> String {
    let others = PEOPLE.map(|(login, handle, roles)| {
        let board = if roles.contains(&Role::Board) { ", board" } else { "" };
        let owner = if roles.contains(&Role::Owner) { ", owner of the community" } else { "" };
        format!("{login} ({handle}{board}{owner})")
    });
    others.join(", ")
}

struct Ring<'a> {
    house: &'a Stage,
    trust: &'a Trust,
    community: &'a Community,
}

impl Ring<'_> {
    fn id(&self, handle: &str) -> anyhow::Result<Id> {
        let team = self.house.teams.directory().by_handle(handle);
        team.map(|team| team.id).ok_or_else(|| anyhow::anyhow!("the sample has no team {handle}"))
    }

    async fn operate(&self, handle: &str, command: Operate) -> anyhow::Result<()> {
        self.trust.operate(&Granted::for_node(), self.id(handle)?, command, None).await?;
        Ok(())
    }

    async fn represent(&self, handle: &str, command: Represent) -> anyhow::Result<()> {
        self.trust.represent(&Granted::for_node_in(self.id(handle)?), command, None).await?;
        Ok(())
    }

    async fn join(&self, handle: &str, about: &str, command: Join) -> anyhow::Result<()> {
        self.trust.join(&Granted::for_node_in(self.id(handle)?), self.id(about)?, command, None).await?;
        Ok(())
    }

    async fn judge(&self, handle: &str, about: &str, command: Judge) -> anyhow::Result<()> {
        self.trust.judge(&Granted::for_node_in(self.id(handle)?), self.id(about)?, command, None).await?;
        Ok(())
    }

    /// Fills in what the samples lack of a whole record.
    async fn complete(&self, handle: &str) -> anyhow::Result<()> {
        let id = self.id(handle)?;
        let team = self.house.teams.directory().by_id(id);
        let mut record = team.map(|team| team.record.clone()).unwrap_or_default();
        record.remit.insert(IncidentType::Malware, Handled::Yes);
        record.remit.insert(IncidentType::Spam, Handled::Yes);
        if !record.phones.iter().any(|phone| phone.usage == teams::Usage::Emergency) {
            let number = "+00 5550 0777".to_owned();
            record.phones.push(teams::Phone { number, usage: teams::Usage::Emergency, ..Default::default() });
        }
        if record.description.is_empty() {
            record.description = record.host_organisation.clone();
        }
        self.house.teams.save(&Granted::for_node_in(id), id, record).await?;
        Ok(())
    }

    async fn sign(&self, handle: &str) -> anyhow::Result<()> {
        let id = self.id(handle)?;
        let key = self.community.keys.get(handle).ok_or_else(|| anyhow::anyhow!("{handle} has no key"))?;
        let document = self.trust.document_to_sign(&Granted::for_node_in(id)).await?;
        let signed = key.sign_detached(&document, SignatureMode::Binary, self.house.node.now() / SECOND)?;
        self.trust.sign(&Granted::for_node_in(id), signed.armored.into_bytes(), None).await?;
        Ok(())
    }

    async fn newcomers(&self) -> anyhow::Result<()> {
        let named =
            |handles: [&str; 2]| handles.iter().map(|handle| Ok(self.id(handle)?.to_string())).collect();
        let sponsors: anyhow::Result<Vec<String>> = named(["nordvik", "osterfjell"]);
        self.represent("fjordglim", Represent::Apply { sponsors: sponsors? }).await?;
        for sponsor in ["nordvik", "osterfjell"] {
            self.join(sponsor, "fjordglim", Join::Sponsor).await?;
        }
        self.operate("fjordglim", Operate::SendRules).await?;
        self.sign("fjordglim").await?;
        self.represent("fjordglim", Represent::Submit).await?;
        self.operate("fjordglim", Operate::OpenConsultation).await?;
        let note = "They helped us through two long nights in spring".to_owned();
        self.join("torvanger", "fjordglim", Join::Support { note }).await?;
        let reason =
            "Two of our reports of March were never answered; we have asked them about it".to_owned();
        self.join("havrevang", "fjordglim", Join::Object { reason }).await?;

        let sponsors: anyhow::Result<Vec<String>> = named(["steinbruck", "gletschertal"]);
        self.represent("marschtal", Represent::Apply { sponsors: sponsors? }).await?;
        self.join("steinbruck", "marschtal", Join::Sponsor).await
    }

    async fn candidates(&self) -> anyhow::Result<()> {
        self.represent("ambrell", Represent::RequestAccreditation).await?;
        for handle in ["lindmora", "fennmark", "wendelau", "passwacht"] {
            self.operate(handle, Operate::Invite).await?;
        }
        let until = self.house.node.now() + 40 * DAY;
        let reason = "Their keeper of keys is ill; they asked in time".to_owned();
        self.operate("lindmora", Operate::MoveLimit { until, reason }).await?;
        for handle in ["fennmark", "wendelau", "passwacht"] {
            self.sign(handle).await?;
        }
        let text = "Who answers the emergency telephone between Saturday and Monday?".to_owned();
        self.operate("fennmark", Operate::Ask { text }).await?;
        let text = "Is the AS of the student halls part of your constituency?".to_owned();
        self.operate("wendelau", Operate::Ask { text }).await?;
        let text = "Yes: the halls are ours since the summer, by contract.".to_owned();
        self.represent("wendelau", Represent::Answer { question: 1, text }).await?;
        self.represent("wendelau", Represent::Complete).await?;
        self.represent("northreach", Represent::Depart).await
    }

    async fn board(&self) -> anyhow::Result<()> {
        let grounds = "Silent in two drills; three reports of members bounced".to_owned();
        self.operate("tidewater", Operate::OpenReview { grounds }).await?;
        self.judge("lowmere", "tidewater", Judge::OpenBallot { case: 1 }).await?;
        let report = "Self-assessment of this month, workshop of two days with an auditor".to_owned();
        self.represent("watchpost", Represent::RequestCertification { report }).await?;
        let grounds =
            "The two contacts who could not be reached have left; all telephones were tried".to_owned();
        self.represent("brisemer", Represent::RequestReinstatement { grounds }).await?;
        let grounds = "It passed on what it got under TLP:RED".to_owned();
        self.join("osterfjell", "zuidrand", Join::ProposeSuspension { grounds }).await?;
        self.join("valcombe", "zuidrand", Join::Second { case: 1 }).await
    }
}
