//! `/incidents/INC-…/investigate`: who would be told what, who can read it, and the sending of it.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::handling::Sending;
use identity::{Frame, Granted, PageError, ReadCases, SendMail};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use kit::{Error, Result, Time};
use ui::{Html, Page};

use super::answer::{May, Wrong, done, numbered, page};
use super::drafts::{Typed, kept};
use super::report::label;
use crate::investigate::{LaunchOrder, Plan, PlanOrder, PlannedMail, Preview, Recipient};
use crate::model::CaseKind;
use crate::{Desk, views};

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/incidents/{name}/investigate", get(show).post(launch))
}

#[derive(Template)]
#[template(path = "investigate.html")]
struct InvestigatePage {
    page: Page,
    plan: Plan,
    preview: Option<(usize, Preview)>,
    typed: Ordered,
    wrong: Wrong,
    may: May,
}

/// The form as typed.
struct Ordered {
    subject: String,
    tlp: String,
    answer_by: String,
    text: String,
    /// The addresses chosen; `None`: nobody has chosen yet.
    chosen: Option<Vec<String>>,
    confirmed: Vec<String>,
}

impl Ordered {
    fn of(typed: &Typed) -> Self {
        let chosen = typed.get("chosen").map(|_| typed.all("mail").map(str::to_owned).collect());
        Self {
            subject: typed.or("subject", ""),
            tlp: typed.or("tlp", ""),
            answer_by: typed.or("answer_by", ""),
            text: typed.or("text", ""),
            chosen,
            confirmed: typed.all("confirm").map(str::to_owned).collect(),
        }
    }

    fn order(&self) -> Result<PlanOrder> {
        Ok(PlanOrder {
            subject: self.subject.clone(),
            tlp: if self.tlp.is_empty() { None } else { Some(label(&self.tlp)?) },
            answer_by: if self.answer_by.trim().is_empty() { None } else { Some(moment(&self.answer_by)?) },
            words: self.text.replace("\r\n", "\n"),
        })
    }
}

/// `2026-11-21 20:02`, in UTC.
fn moment(text: &str) -> Result<Time> {
    let wrong = || {
        Error::invalid(
            "answer_by",
            format!("“{}” is no time: write it as 2026-11-21 20:02, in UTC", text.trim()),
        )
    };
    let civil: DateTime = text.trim().parse().map_err(|_| wrong())?;
    let zoned = civil.to_zoned(TimeZone::UTC).map_err(|_| wrong())?;
    Ok(zoned.timestamp().as_microsecond())
}

impl InvestigatePage {
    fn is_chosen(&self, mail: &PlannedMail) -> bool {
        match &self.typed.chosen {
            Some(chosen) => chosen.iter().any(|address| address.eq_ignore_ascii_case(&mail.address)),
            None => mail.sending == Sending::Allowed && mail.already.is_none(),
        }
    }

    fn is_confirmed(&self, mail: &PlannedMail) -> bool {
        self.typed.confirmed.iter().any(|address| address.eq_ignore_ascii_case(&mail.address))
    }

    fn must_confirm(&self, mail: &PlannedMail) -> bool {
        mail.sending == Sending::NeedsConfirmation
    }

    fn never_leaves(&self, mail: &PlannedMail) -> bool {
        mail.sending == Sending::NeedsEncryption
    }

    fn is_previewed(&self, index: &usize) -> bool {
        self.preview.as_ref().is_some_and(|(at, _)| at == index)
    }

    fn chain(&self, mail: &PlannedMail) -> Vec<ui::Link> {
        mail.chain.iter().map(views::responsible::link).collect()
    }

    fn standing(&self, mail: &PlannedMail) -> &'static str {
        mail.team.as_ref().map_or("not listed", |team| team.status_name())
    }

    fn rows(&self) -> usize {
        self.plan.mails.iter().map(|mail| mail.rows.len()).sum()
    }

    /// How many mails may leave as they are, and how many are held.
    fn ready(&self) -> (usize, usize) {
        let ready = self.plan.mails.iter().filter(|mail| mail.sending == Sending::Allowed).count();
        (ready, self.plan.mails.len() - ready)
    }

    fn language(&self, mail: &PlannedMail) -> &'static str {
        match mail.language {
            "de" => "German",
            "sl" => "Slovene",
            "fr" => "French",
            "cs" => "Czech",
            "en" => "English",
            other => other,
        }
    }

    /// The subject without what is put before it.
    fn matter(&self) -> &str {
        if self.typed.subject.is_empty() { &self.plan.incident.title } else { &self.typed.subject }
    }

    fn label(&self) -> &'static str {
        views::label(self.plan.tlp)
    }

    fn answer_by(&self) -> String {
        if self.typed.answer_by.is_empty() {
            ui::format::iso(self.plan.answer_by)[..16].replace('T', " ")
        } else {
            self.typed.answer_by.clone()
        }
    }

    /// The first lines of the attachment, and how many more there are.
    fn csv_head(&self, preview: &Preview) -> (String, usize) {
        let lines: Vec<&str> = preview.csv.lines().collect();
        let head = lines.iter().take(9).copied().collect::<Vec<_>>().join("\n");
        (head, lines.len().saturating_sub(9))
    }
}

async fn show(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Path(name): Path<String>,
    Query(typed): Query<Typed>,
    frame: Frame,
) -> Result<Response, PageError> {
    let number = numbered(&name, CaseKind::Incident)?;
    let show = typed.get("show").map(str::to_owned);
    let typed = match typed.get("chosen") {
        Some(_) => typed,
        None => kept(&desk, by.actor(), &format!("investigate:INC-{number}")).await?,
    };
    whole(&desk, &by, frame, number, Ordered::of(&typed), show, Wrong::default()).await
}

async fn whole(
    desk: &Desk,
    by: &Granted<ReadCases>,
    frame: Frame,
    number: i64,
    typed: Ordered,
    show: Option<String>,
    mut wrong: Wrong,
) -> Result<Response, PageError> {
    let order = match typed.order() {
        Ok(order) => order,
        Err(error) => {
            wrong = Wrong::from(error, "send")?;
            PlanOrder { subject: typed.subject.clone(), words: typed.text.clone(), ..PlanOrder::default() }
        }
    };
    let plan = desk.plan(by, number, &order).await?;
    let wanted =
        |mail: &PlannedMail| show.as_ref().is_some_and(|show| mail.address.eq_ignore_ascii_case(show));
    let index = plan.mails.iter().position(wanted).unwrap_or(0);
    let preview = match plan.mails.get(index) {
        Some(mail) => Some((index, desk.preview(by, number, &order, &mail.address).await?)),
        None => None,
    };
    let title = format!("Investigate {}", plan.incident.name());
    let page = page(desk, by, frame, title, "/incidents").await?;
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let may = May::of(by.actor());
    Ok((status, Html(InvestigatePage { page, plan, preview, typed, wrong, may })).into_response())
}

async fn launch(
    State(desk): State<Desk>,
    by: Granted<SendMail>,
    reader: Granted<ReadCases>,
    Path(name): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let number = numbered(&name, CaseKind::Incident)?;
    let ordered = Ordered::of(&typed);
    let refused = match launched(&desk, &by, number, &ordered).await {
        Ok(response) => return Ok(response),
        Err(error) => error,
    };
    let wrong = Wrong::from(refused, "send")?;
    whole(&desk, &reader, frame, number, ordered, typed.get("show").map(str::to_owned), wrong).await
}

async fn launched(desk: &Desk, by: &Granted<SendMail>, number: i64, ordered: &Ordered) -> Result<Response> {
    let recipients = ordered.chosen.iter().flatten().map(|address| Recipient {
        address: address.clone(),
        confirmed: ordered.confirmed.iter().any(|known| known.eq_ignore_ascii_case(address)),
    });
    let order = LaunchOrder { plan: ordered.order()?, recipients: recipients.collect() };
    let result = desk.launch(by, number, order).await?;
    desk.drop_draft(by.actor(), format!("investigate:INC-{number}")).await?;
    Ok(done(desk, &format!("/incidents/INC-{number}"), &result))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written_on_the_page() {
        assert_eq!(ui::format::iso(moment("2026-11-21 20:02").unwrap()), "2026-11-21T20:02:00Z");
        for wrong in ["soon", "", "2026-13-01 00:00", "20:02"] {
            let said = moment(wrong).unwrap_err().to_string();
            assert!(said.contains("2026-11-21 20:02"), "{said}");
        }
    }
}
