//! Who would be told what, and who could read it: everything is decided here, nothing is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use identity::handling::{Protection, Sending, may_send};
use identity::{Granted, ReadCases};
use kit::clock::SECOND;
use kit::db::Read;
use kit::{Error, Id, Result, Time};
use mail::pgp::PublicKey;
use registry::Step;
use taxonomy::Tlp;
use teams::Team;

use crate::Desk;
use crate::mails::{Ask, Language, outer_subject, rows_csv};
use crate::model::{Incident, Investigation, InvestigationStatus, Number, Observable};
use crate::store::{incidents, investigations, observables};

/// What the handler chooses for all mails of an incident.
#[derive(Debug, Clone, Default)]
pub struct PlanOrder {
    /// The subject without number and label; the incident's title when empty.
    pub subject: String,
    /// The label of the mails; the incident's when `None`. What came under a stricter one is left out.
    pub tlp: Option<Tlp>,
    /// By when an answer is asked for; the desk's usual time when `None`.
    pub answer_by: Option<Time>,
    /// Words that go into each mail.
    pub words: String,
}

/// Who would be told what.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The incident.
    pub incident: Incident,
    /// The subject as it will be sent: label, number, matter.
    pub subject: String,
    /// The label of the mails.
    pub tlp: Tlp,
    /// By when an answer is asked for.
    pub answer_by: Time,
    /// One for each contact, the one with most rows first.
    pub mails: Vec<PlannedMail>,
    /// What goes to nobody, and why.
    pub left_out: Vec<LeftOut>,
    /// What is ours: nobody is to be asked.
    pub ours: Vec<String>,
    /// What nobody was found for.
    pub nobody: Vec<String>,
}

/// A mail that would be sent.
#[derive(Debug, Clone)]
pub struct PlannedMail {
    /// To which address.
    pub address: String,
    /// What that contact is called.
    pub name: String,
    /// The team, when it is in the directory.
    pub team: Option<Arc<Team>>,
    /// How it was found.
    pub chain: Vec<Step>,
    /// The rows that would go.
    pub rows: Vec<Observable>,
    /// ISO 639-1 code of its language.
    pub language: &'static str,
    /// The recipient's valid key.
    pub key: Option<PublicKey>,
    /// Why there is none.
    pub why_not: Option<String>,
    /// Whether the label lets it leave.
    pub sending: Sending,
    /// Who will be able to read it, in words.
    pub readers: String,
    /// The open investigation in which they were asked already.
    pub already: Option<Number>,
}

impl PlannedMail {
    /// Whether it would leave encrypted.
    pub fn encrypted(&self) -> bool {
        self.key.is_some()
    }

    /// The fingerprint of the key that it would be encrypted to.
    pub fn fingerprint(&self) -> Option<String> {
        self.key.as_ref().map(PublicKey::fingerprint)
    }
}

/// Rows that go to nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// What, and why.
    pub words: String,
}

/// One mail, exactly as it would be sent.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Our name and address.
    pub from: String,
    /// Theirs.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// What stands outside an encrypted mail.
    pub outer_subject: Option<String>,
    /// The text.
    pub text: String,
    /// The attachment's name.
    pub csv_name: String,
    /// The attachment.
    pub csv: String,
    /// Who will be able to read it, in words.
    pub readers: String,
    /// Fingerprint of our key.
    pub signed_by: Option<String>,
    /// Fingerprint of theirs.
    pub encrypted_to: Option<String>,
}

impl Desk {
    /// Who would be told what about the incident `number`.
    ///
    /// # Errors
    /// The incident is not there.
    pub async fn plan(&self, by: &Granted<ReadCases>, number: i64, order: &PlanOrder) -> Result<Plan> {
        let (desk, team, order) = (self.clone(), by.team(), order.clone());
        self.node().db.read(move |c| desk.make_plan(c, team, number, &order)).await
    }

    /// The mail to `address`, exactly as it would be sent.
    ///
    /// # Errors
    /// The incident is not there, or nothing would go to this address.
    pub async fn preview(
        &self,
        by: &Granted<ReadCases>,
        number: i64,
        order: &PlanOrder,
        address: &str,
    ) -> Result<Preview> {
        let plan = self.plan(by, number, order).await?;
        let own = self.teams().directory().by_id(by.team()).ok_or_else(|| Error::not_found("your team"))?;
        let found = plan.mails.iter().find(|mail| mail.address.eq_ignore_ascii_case(address));
        let mail = found
            .ok_or_else(|| Error::not_found(format!("a mail to {address} in {}", plan.incident.name())))?;
        Ok(Preview {
            from: format!("{} <{}>", own.name, own.mailbox().unwrap_or_default()),
            to: format!("{} <{}>", mail.name, mail.address),
            subject: plan.subject.clone(),
            outer_subject: mail.encrypted().then(|| outer_subject(&plan.subject)),
            text: ask_text(&own, &plan, mail, &order.words),
            csv_name: csv_name(&plan.incident),
            csv: rows_csv(&mail.rows),
            readers: mail.readers.clone(),
            signed_by: self.secrets(own.id).first().map(|secret| secret.public().fingerprint()),
            encrypted_to: mail.fingerprint(),
        })
    }

    pub(super) fn make_plan(&self, c: &Read<'_>, team: Id, number: i64, order: &PlanOrder) -> Result<Plan> {
        let incident = incidents::by_number(c, team, number)?;
        let incident = incident.ok_or_else(|| Error::not_found(format!("INC-{number}")))?;
        let named = observables::of(c, incident.id, i64::MAX)?;
        let asked = investigations::of_incident(c, incident.id)?;
        let tlp = order.tlp.unwrap_or(incident.tlp);
        let matter = if order.subject.trim().is_empty() { &incident.title } else { order.subject.trim() };
        let mut plan = Plan {
            subject: format!("{tlp} [{}] {matter}", incident.name()),
            tlp,
            answer_by: order.answer_by.unwrap_or_else(|| self.node().now() + self.settings().answer_within),
            mails: Vec::new(),
            left_out: Vec::new(),
            ours: Vec::new(),
            nobody: Vec::new(),
            incident,
        };
        self.group(&mut plan, named, team, &asked);
        Ok(plan)
    }

    fn group(&self, plan: &mut Plan, named: Vec<Observable>, own: Id, asked: &[Investigation]) {
        let mut mails: BTreeMap<String, PlannedMail> = BTreeMap::new();
        let mut stricter: BTreeMap<(Tlp, String), usize> = BTreeMap::new();
        let directory = self.teams().directory();
        for row in named.into_iter().filter(|row| row.excluded.is_none()) {
            if row.tlp > plan.tlp {
                *stricter.entry((row.tlp, row.part.clone())).or_default() += 1;
                continue;
            }
            let Some(answer) = self.registry().answer_observable(own, row.kind, &row.value) else { continue };
            let team = answer.team.as_ref().and_then(|team| directory.by_handle(&team.handle));
            if team.as_ref().is_some_and(|team| team.id == own) {
                plan.ours.push(row.value);
                continue;
            }
            let Some(contact) = &answer.contact else {
                plan.nobody.push(row.value);
                continue;
            };
            let key = contact.address.to_lowercase();
            let mail = mails.entry(key).or_insert_with(|| {
                let (address, name) = (contact.address.clone(), contact.name.clone());
                self.planned(plan.tlp, address, name, team.clone(), answer.chain.clone(), asked)
            });
            mail.rows.push(row);
        }
        plan.mails = mails.into_values().collect();
        plan.mails.sort_by_key(|mail| (std::cmp::Reverse(mail.rows.len()), mail.name.clone()));
        plan.left_out = stricter
            .into_iter()
            .map(|((tlp, part), count)| LeftOut {
                words: format!(
                    "{part} came as {tlp} and stays with us: {}",
                    ui::format::plural(count as i64, "row", "rows")
                ),
            })
            .collect();
    }

    fn planned(
        &self,
        tlp: Tlp,
        address: String,
        name: String,
        team: Option<Arc<Team>>,
        chain: Vec<Step>,
        asked: &[Investigation],
    ) -> PlannedMail {
        let at = self.node().now() / SECOND;
        let key = match &team {
            Some(team) => team.encryption_key(at).cloned(),
            None => Err("they are not in the directory, and no key is known".into()),
        };
        let protection = if key.is_ok() { Protection::Encrypted } else { Protection::Clear };
        let already = asked
            .iter()
            .find(|i| i.status == InvestigationStatus::Open && i.recipient.eq_ignore_ascii_case(&address));
        let languages = team.as_ref().map(|team| team.languages.clone()).unwrap_or_default();
        PlannedMail {
            readers: readers(&name, key.as_ref(), at),
            sending: may_send(tlp, protection, false),
            language: Language::of(&languages).code(),
            why_not: key.as_ref().err().cloned(),
            key: key.ok(),
            already: already.map(Investigation::name),
            rows: Vec::new(),
            address,
            name,
            team,
            chain,
        }
    }
}

/// Who can read the mail, in words.
fn readers(name: &str, key: Result<&PublicKey, &String>, at: i64) -> String {
    match key {
        Ok(key) => format!(
            "Those at {name} who hold the key {}, and we; no mail server on the way can. The key is {}.",
            ui::format::fingerprint_end(&key.fingerprint()),
            key.can_encrypt(at)
        ),
        Err(why) => format!("Everyone on the way: {why}."),
    }
}

pub(super) fn csv_name(incident: &Incident) -> String {
    format!("{}.csv", incident.name().to_string().to_lowercase())
}

/// The chain on one line, gaps left out.
fn chain_in_words(chain: &[Step]) -> String {
    let steps = chain.iter().filter(|step| !step.kind.is_gap() && !step.key.is_empty());
    steps.map(|step| format!("{} {}", step.kind, step.key)).collect::<Vec<_>>().join(" > ")
}

/// The text of the mail to one contact.
pub(super) fn ask_text(own: &Team, plan: &Plan, mail: &PlannedMail, words: &str) -> String {
    let minute = |time: Time| ui::format::iso(time)[..16].replace('T', " ");
    let language = Language::by_code(mail.language).unwrap_or(Language::English);
    let class = taxonomy::rsit::Type::parse(&plan.incident.classification);
    let row = |row: &Observable| match row.port {
        Some(port) => format!("{}  port {port}", row.value),
        None => row.value.clone(),
    };
    let ask = Ask {
        tlp: plan.tlp.to_string(),
        recipient: mail.name.clone(),
        title: plan.incident.title.clone(),
        class: class.map_or_else(|| plan.incident.classification.clone(), |class| class.label.to_owned()),
        words: words.trim().to_owned(),
        answer_by: minute(plan.answer_by),
        rows: mail.rows.iter().map(row).collect(),
        csv: csv_name(&plan.incident),
        chain: chain_in_words(&mail.chain),
        handling: format!("{}. {}", plan.tlp, plan.tlp.meaning()),
        signature: format!("{} · {}", own.name, plan.incident.name()),
    };
    ask.text(language)
}
