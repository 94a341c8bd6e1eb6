//! Asking those who are responsible: first the plan, then the mails.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use identity::handling::Sending;
use identity::{Granted, ReadCases, SendMail};
use kit::{Error, Time};
use registry::Step;
use serde::{Deserialize, Serialize};
use taxonomy::Tlp;
use utoipa::{IntoParams, ToSchema};

use super::extract::{Body, InPath, Query};
use super::failure::{Changing, Failure, Reading};
use super::shapes::{Done, at};
use crate::model::CaseKind;
use crate::{Desk, LaunchOrder, PlanOrder, PlannedMail, Recipient};

/// Recipients at once.
const RECIPIENTS: usize = 2_000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PlanQuery {
    /// The subject without number and label; the incident's title unless told.
    #[serde(default)]
    #[param(required = false)]
    subject: String,
    /// The label of the mails; the incident's unless told. What came under a stricter one is left out.
    #[param(value_type = Option<String>, example = "TLP:GREEN")]
    tlp: Option<Tlp>,
    /// By when an answer is asked for; the desk's usual time unless told.
    #[param(format = DateTime)]
    answer_by: Option<String>,
}

/// Which mails are to go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Launch {
    /// The subject without number and label; the incident's title unless told.
    #[serde(default)]
    subject: String,
    /// The label of the mails; the incident's unless told. What came under a stricter one is left out.
    #[schema(value_type = Option<String>, example = "TLP:GREEN")]
    tlp: Option<Tlp>,
    /// By when an answer is asked for; the desk's usual time unless told.
    #[schema(format = "date-time")]
    answer_by: Option<String>,
    /// Words that go into each mail.
    #[serde(default)]
    words: String,
    /// To whom, out of the plan.
    recipients: Vec<Chosen>,
}

/// A recipient that was chosen.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChosenRecipient)]
#[serde(deny_unknown_fields)]
struct Chosen {
    /// Its address in the plan.
    #[schema(example = "abuse@brackwater.example")]
    address: String,
    /// Somebody has said that everyone on the way may read it; an AMBER mail in clear does not leave without.
    #[serde(default)]
    confirmed: bool,
}

/// Who would be told what.
#[derive(Serialize, ToSchema)]
pub(super) struct Plan {
    /// The subject as it will be sent: label, number, matter.
    #[schema(example = "TLP:GREEN [INC-3] Phishing against library accounts")]
    subject: String,
    /// The label of the mails.
    #[schema(example = "TLP:GREEN")]
    tlp: &'static str,
    /// By when an answer is asked for.
    #[schema(format = "date-time")]
    answer_by: String,
    /// One for each contact, the one with most rows first.
    mails: Vec<Planned>,
    /// What goes to nobody, and why, in words.
    left_out: Vec<String>,
    /// What is the asker's own: nobody is to be asked.
    ours: Vec<String>,
    /// What nobody was found for.
    nobody: Vec<String>,
}

/// A mail that would be sent.
#[derive(Serialize, ToSchema)]
#[schema(as = PlannedMail)]
struct Planned {
    /// To which address.
    address: String,
    /// What that contact is called.
    name: String,
    /// The handle of the team, when it is in the directory.
    team: Option<String>,
    /// The team's trust status; `not listed` when the directory does not know it.
    trust: &'static str,
    /// How it was found.
    chain: Vec<Step>,
    /// The values of the rows that would go.
    rows: Vec<String>,
    /// ISO 639-1 code of its language.
    language: &'static str,
    /// Fingerprint of the key that it would be encrypted to.
    key: Option<String>,
    /// Why there is none.
    why_not: Option<String>,
    /// Whether it may leave: `yes`, `confirm` (only when it is confirmed), `no` (it would have to be encrypted).
    may_leave: &'static str,
    /// Who will be able to read it, in words.
    readers: String,
    /// The open investigation in which they were asked already.
    #[schema(example = "INV-7")]
    already: Option<String>,
}

impl From<&PlannedMail> for Planned {
    fn from(mail: &PlannedMail) -> Self {
        Self {
            address: mail.address.clone(),
            name: mail.name.clone(),
            team: mail.team.as_ref().map(|team| team.handle.clone()),
            trust: mail.team.as_ref().map_or("not listed", |team| team.status_name()),
            chain: mail.chain.clone(),
            rows: mail.rows.iter().map(|row| row.value.clone()).collect(),
            language: mail.language,
            key: mail.fingerprint(),
            why_not: mail.why_not.clone(),
            may_leave: match mail.sending {
                Sending::Allowed => "yes",
                Sending::NeedsConfirmation => "confirm",
                Sending::NeedsEncryption => "no",
            },
            readers: mail.readers.clone(),
            already: mail.already.map(|number| number.to_string()),
        }
    }
}

/// Plans the mails of an incident
///
/// Groups what it names by who is responsible, and says who could read each mail. Nothing is sent.
#[utoipa::path(get, path = "/incidents/{number}/plan", operation_id = "plan_investigations", tag = "Investigations", security(("token" = ["cases:read"])),
    params(("number" = String, Path, description = "`INC-…`", example = "INC-3"), PlanQuery),
    responses((status = 200, description = "Who would be told what.", body = Plan), Reading))]
pub(super) async fn plan(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    path: InPath,
    Query(query): Query<PlanQuery>,
) -> Result<Json<Plan>, Failure> {
    let order = order(query.subject, query.tlp, query.answer_by.as_deref(), String::new())?;
    let plan = desk.plan(&by, path.number(CaseKind::Incident)?, &order).await?;
    Ok(Json(Plan {
        subject: plan.subject,
        tlp: plan.tlp.label(),
        answer_by: at(plan.answer_by),
        mails: plan.mails.iter().map(Planned::from).collect(),
        left_out: plan.left_out.into_iter().map(|left| left.words).collect(),
        ours: plan.ours,
        nobody: plan.nobody,
    }))
}

/// Sends mails out of the plan
///
/// All that are chosen, or none: when a label does not let one of them leave, the answer names all that it holds. They
/// leave at `until`; before, `/undo/{id}` takes them back.
#[utoipa::path(post, path = "/incidents/{number}/investigations", operation_id = "launch_investigations", tag = "Investigations",
    security(("token" = ["mail:send"])),
    params(("number" = String, Path, description = "`INC-…`", example = "INC-3")), request_body = Launch,
    responses((status = 202, description = "They are queued.", body = Done), Changing))]
pub(super) async fn launch(
    State(desk): State<Desk>,
    by: Granted<SendMail>,
    path: InPath,
    Body { value, .. }: Body<Launch>,
) -> Result<(StatusCode, Json<Done>), Failure> {
    let number = path.number(CaseKind::Incident)?;
    if value.recipients.is_empty() || value.recipients.len() > RECIPIENTS {
        let words = format!("name 1 to {RECIPIENTS} recipients out of the plan");
        return Err(Error::invalid("recipients", words).into());
    }
    let recipients = value.recipients.into_iter();
    let order = LaunchOrder {
        plan: order(value.subject, value.tlp, value.answer_by.as_deref(), value.words)?,
        recipients: recipients
            .map(|one| Recipient { address: one.address, confirmed: one.confirmed })
            .collect(),
    };
    Ok((StatusCode::ACCEPTED, Json(desk.launch(&by, number, order).await?.into())))
}

fn order(
    subject: String,
    tlp: Option<Tlp>,
    answer_by: Option<&str>,
    words: String,
) -> Result<PlanOrder, Failure> {
    if subject.len() > 300 {
        return Err(Error::invalid("subject", "a subject has at most 300 bytes: shorten it").into());
    }
    if words.len() > 64 * 1024 {
        return Err(
            Error::invalid("words", "the words for each mail have at most 64 kB: shorten them").into()
        );
    }
    Ok(PlanOrder { subject, tlp, answer_by: answer_by.map(moment).transpose()?, words })
}

fn moment(text: &str) -> Result<Time, Error> {
    let read = text.parse::<jiff::Timestamp>();
    read.map(jiff::Timestamp::as_microsecond).map_err(|_| {
        Error::invalid("answer_by", format!("{text:?} is no moment: write 2026-11-24T12:00:00Z"))
    })
}
