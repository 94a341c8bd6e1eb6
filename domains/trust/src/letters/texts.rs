//! What each letter says, and to whom it goes.

use askama::Template;
use contracts::trust::record::{Change, Entry, Limit};
use kit::{Error, Result};
use teams::Team;

use crate::Trust;

/// To whom a letter goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum To {
    /// The team concerned.
    Team,
    /// The operator.
    Operator,
    /// The teams on the review board.
    Board,
    /// Teams that have a vote, or the community's lists.
    Community,
    /// These teams, by their ids.
    Named(Vec<String>),
}

/// A letter without its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) to: To,
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// What letters can name.
struct Words<'a> {
    community: &'a str,
    operator: String,
    team: &'a Team,
    /// Where the case is shown.
    link: String,
    /// Another team that the letter is about.
    who: String,
    /// A reason, a source, a question.
    what: &'a str,
    /// The end of a limit, as a day.
    until: String,
    /// What a limit is for.
    limit: &'static str,
    case: u32,
    /// The standing after it.
    standing: &'a str,
}

macro_rules! texts {
    ($($name:ident $path:literal)*) => {
        $(
            #[derive(Template)]
            #[template(path = $path, escape = "none")]
            struct $name<'a> {
                w: &'a Words<'a>,
            }
        )*
    };
}

texts! {
    Known "letters/known.txt"
    Applied "letters/applied.txt"
    SponsorDeclined "letters/sponsor-declined.txt"
    RulesSent "letters/rules-sent.txt"
    Consultation "letters/consultation.txt"
    Ended "letters/ended.txt"
    Invited "letters/invited.txt"
    Question "letters/question.txt"
    Progress "letters/progress.txt"
    Reminder "letters/reminder.txt"
    Overdue "letters/overdue.txt"
    Standing "letters/standing.txt"
    News "letters/news.txt"
    CaseOpened "letters/case-opened.txt"
    Ballot "letters/ballot.txt"
    Decided "letters/decided.txt"
    Overridden "letters/overridden.txt"
}

/// Where the reader goes: an address, or in words as long as the node does not know its own.
fn link(base: &str, path: &str) -> String {
    if base.is_empty() { format!("the page {path} of the members' site") } else { format!("{base}{path}") }
}

/// The letters about `entry`, which concerns `team`.
pub(crate) fn letters(trust: &Trust, team: &Team, entry: &Entry) -> Result<Vec<Written>> {
    let settings = trust.settings();
    let mut words = Words {
        community: settings.community(),
        operator: trust.operator().map(|team| team.name.clone()).unwrap_or_default(),
        team,
        link: link(&settings.base_url, &format!("/trust/teams/{}", team.handle)),
        who: String::new(),
        what: "",
        until: String::new(),
        limit: "",
        case: 0,
        standing: &entry.to,
    };
    let name = team.name.as_str();
    let mut all = Vec::new();
    let mut write =
        |to: To, subject: String, text: std::result::Result<String, askama::Error>| -> Result<()> {
            let text = text.map_err(|error| Error::Corrupt(format!("a letter: {error}")))?;
            all.push(Written { to, subject, text });
            Ok(())
        };
    match &entry.change {
        Change::Known { source } => {
            words.what = source;
            write(
                To::Team,
                format!("{name} is listed in {}", words.community),
                Known { w: &words }.render(),
            )?;
            write(To::Community, format!("{name} is listed"), News { w: &words }.render())?;
        }
        Change::Applied { sponsors } => {
            let subject = format!("{name} applies for listing");
            write(To::Operator, subject.clone(), Applied { w: &words }.render())?;
            write(To::Named(sponsors.clone()), subject, Applied { w: &words }.render())?;
        }
        Change::SponsorNamed { sponsor } => {
            let subject = format!("{name} applies for listing");
            write(To::Named(vec![sponsor.clone()]), subject, Applied { w: &words }.render())?;
        }
        Change::SponsorDeclined { sponsor, reason } => {
            (words.who, words.what) = (trust.name_of(sponsor), reason);
            let subject = format!("{} is no sponsor of {name}", words.who);
            write(To::Team, subject.clone(), SponsorDeclined { w: &words }.render())?;
            write(To::Operator, subject, SponsorDeclined { w: &words }.render())?;
        }
        Change::RulesSent { until, .. } => {
            words.until = ui::format::date(*until);
            words.link = link(&settings.base_url, "/trust/sign");
            write(
                To::Team,
                "Your application: the rules to be signed".into(),
                RulesSent { w: &words }.render(),
            )?;
        }
        Change::DataSubmitted { .. }
        | Change::RulesSigned { .. }
        | Change::AccreditationRequested {}
        | Change::Completed { .. } => {
            write(To::Operator, format!("{name}: a step was taken"), Progress { w: &words }.render())?;
        }
        Change::ConsultationOpened { until } => {
            words.until = ui::format::date(*until);
            write(To::Community, format!("Consultation about {name}"), Consultation { w: &words }.render())?;
        }
        Change::ListingEnded { reason, .. } | Change::InvitationEnded { reason, .. } => {
            words.what = reason;
            write(To::Team, "Your request has ended".into(), Ended { w: &words }.render())?;
        }
        Change::CandidacyEnded { .. } => {
            write(To::Team, "Your candidacy has ended".into(), Ended { w: &words }.render())?;
            write(To::Community, format!("{name} is no candidate any more"), News { w: &words }.render())?;
        }
        Change::Invited { until, .. } => {
            words.until = ui::format::date(*until);
            words.link = link(&settings.base_url, "/trust/sign");
            write(
                To::Team,
                format!("Invitation to be accredited in {}", words.community),
                Invited { w: &words }.render(),
            )?;
        }
        Change::CandidacyBegun { until, .. } => {
            words.until = ui::format::date(*until);
            write(To::Team, "Your candidacy has begun".into(), Standing { w: &words }.render())?;
            write(To::Community, format!("{name} is a candidate"), News { w: &words }.render())?;
        }
        Change::Asked { text, .. } => {
            words.what = text;
            write(To::Team, "A question about your record".into(), Question { w: &words }.render())?;
        }
        Change::Answered { text, .. } => {
            words.what = text;
            write(To::Operator, format!("{name}: an answer"), Question { w: &words }.render())?;
        }
        Change::Reminded { limit, due, .. } => {
            (words.limit, words.until) = (limit_words(*limit), ui::format::date(*due));
            write(To::Team, format!("Reminder: {}", words.limit), Reminder { w: &words }.render())?;
        }
        Change::Overdue { grace_until } => {
            words.until = ui::format::date(*grace_until);
            write(To::Team, "Your record was not confirmed in time".into(), Overdue { w: &words }.render())?;
            write(
                To::Operator,
                format!("{name} has not confirmed its record"),
                Overdue { w: &words }.render(),
            )?;
        }
        Change::Listed { .. }
        | Change::Accredited { .. }
        | Change::FellBack { .. }
        | Change::Certified { .. }
        | Change::CertificationEnded {}
        | Change::Suspended { .. }
        | Change::Reinstated { .. }
        | Change::Withdrawn { .. } => {
            write(To::Team, format!("Your standing: {}", entry.to), Standing { w: &words }.render())?;
            write(To::Community, format!("{name} is {} now", entry.to), News { w: &words }.render())?;
        }
        Change::LeaveGiven {} => {
            write(To::Team, "You may apply again".into(), Standing { w: &words }.render())?;
        }
        Change::CaseOpened { case, .. } => {
            words.case = *case;
            write(
                To::Team,
                format!("Case {case} before the review board"),
                CaseOpened { w: &words }.render(),
            )?;
            write(To::Board, format!("Case {case} about {name}"), CaseOpened { w: &words }.render())?;
        }
        Change::BallotOpened { case, until, roll, .. } => {
            (words.case, words.until) = (*case, ui::format::date(*until));
            write(
                To::Named(roll.clone()),
                format!("Ballot in case {case} about {name}"),
                Ballot { w: &words }.render(),
            )?;
        }
        Change::BallotClosed { case, outcome, .. } => {
            words.case = *case;
            words.what =
                outcome.map_or("no decision: there was no quorum or no majority", |choice| choice.name());
            write(To::Team, format!("Case {case}: the ballot is closed"), Decided { w: &words }.render())?;
            write(
                To::Board,
                format!("Case {case} about {name}: the ballot is closed"),
                Decided { w: &words }.render(),
            )?;
        }
        Change::Overridden { reason, until, .. } => {
            words.what = reason;
            words.until = if *until > 1 { ui::format::date(*until) } else { String::new() };
            write(
                To::Team,
                "The operator has decided beyond the rules".into(),
                Overridden { w: &words }.render(),
            )?;
            write(
                To::Board,
                format!("{name}: an override by the operator"),
                Overridden { w: &words }.render(),
            )?;
        }
        _ => {}
    }
    Ok(all)
}

/// What a limit is for, in words that follow "Reminder:".
pub(crate) const fn limit_words(limit: Limit) -> &'static str {
    match limit {
        Limit::Acceptance => "the rules wait for your signature",
        Limit::ListingData => "your record is to be filled in",
        Limit::Completion => "your candidacy ends",
        Limit::Confirmation => "your record is to be confirmed",
        Limit::Grace => "your record is still to be confirmed",
        Limit::Certification => "your certification ends",
    }
}
