//! The decision: who asks for what, in which state, under which rules; the entries to be made, or why not.
//!
//! Pure: it reads no clock and no database. What it needs to know of the world comes in as [`Facts`].

mod accreditation;
mod board;
mod listing;
mod operator;
mod upkeep;

use contracts::trust::record::{By, Capacity, Change};
use kit::Time;

use super::command::{Command, Facts, Join, Judge, Operate, Refused, Represent, Step};
use super::{Phase, Rules, State};

/// Longest text that goes into the record, in characters.
const LONGEST: usize = 8_000;
/// Shortest reason.
const SHORTEST: usize = 3;

type Decision = Result<Vec<Step>, Refused>;

/// Everything that a decision rests on.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The rules.
    pub rules: &'a Rules,
    /// Where the team is.
    pub state: &'a State,
    /// What is so besides.
    pub facts: &'a Facts,
    /// Who asks.
    pub by: &'a By,
    /// When.
    pub now: Time,
}

/// Decides `command`: the entries to be made, in order, or why there are none.
///
/// # Errors
/// [`Refused`] says why, and what to do.
pub fn decide(asked: Asked<'_>, command: &Command) -> Decision {
    asked.check_capacity(command)?;
    match command {
        Command::Operate(command) => match command {
            Operate::ListKnown { source } => listing::list_known(asked, source),
            Operate::SendRules => listing::send_rules(asked),
            Operate::OpenConsultation => listing::open_consultation(asked),
            Operate::Decline { reason } => operator::decline(asked, reason),
            Operate::Invite => accreditation::invite(asked),
            Operate::Ask { text } => accreditation::ask(asked, text),
            Operate::Verify { finding } => accreditation::verify(asked, finding),
            Operate::Accredit => accreditation::accredit(asked),
            Operate::OpenReview { grounds } => board::open_review(asked, grounds),
            Operate::File { case, text } => board::file(asked, *case, text),
            Operate::OpenBallot { case } => board::open_ballot(asked, *case),
            Operate::MoveLimit { until, reason } => operator::move_limit(asked, *until, reason),
            Operate::SuspendAtOnce { reason } => operator::suspend_at_once(asked, reason),
        },
        Command::Judge(command) => match command {
            Judge::OpenReview { grounds } => board::open_review(asked, grounds),
            Judge::OpenReinstatement { grounds } => board::open_reinstatement(asked, grounds),
            Judge::File { case, text } => board::file(asked, *case, text),
            Judge::DeclareConflict { case, reason } => board::declare_conflict(asked, *case, reason),
            Judge::OpenBallot { case } => board::open_ballot(asked, *case),
            Judge::Vote { case, choice } => board::vote(asked, *case, *choice),
            Judge::CloseCase { case, reason } => board::close(asked, *case, reason),
        },
        Command::Represent(command) => match command {
            Represent::Apply { sponsors } => listing::apply(asked, sponsors),
            Represent::NameSponsor { sponsor } => listing::name_sponsor(asked, sponsor),
            Represent::Submit => listing::submit(asked),
            Represent::RequestAccreditation => accreditation::request(asked),
            Represent::Sign(acceptance) => accreditation::sign(asked, acceptance),
            Represent::Complete => accreditation::complete(asked),
            Represent::Answer { question, text } => accreditation::answer(asked, *question, text),
            Represent::Confirm { record } => upkeep::confirm(asked, record),
            Represent::RequestCertification { report } => upkeep::request_certification(asked, report),
            Represent::RequestReinstatement { grounds } => board::open_reinstatement(asked, grounds),
            Represent::RequestLeave { grounds } => board::open_leave(asked, grounds),
            Represent::TakeBack => operator::take_back(asked),
            Represent::Depart => upkeep::depart(asked),
        },
        Command::Join(command) => match command {
            Join::Sponsor => listing::sponsor(asked),
            Join::DeclineToSponsor { reason } => listing::decline_to_sponsor(asked, reason),
            Join::Support { note } => listing::support(asked, note),
            Join::Object { reason } => listing::object(asked, reason),
            Join::WithdrawObjection => listing::withdraw_objection(asked),
            Join::ProposeSuspension { grounds } => board::propose_suspension(asked, grounds),
            Join::Second { case } => board::second(asked, *case),
        },
    }
}

pub(super) use board::close_ballot;

impl Asked<'_> {
    /// The team that asks; its id.
    fn team(&self) -> Result<&str, Refused> {
        let team = self.by.team.as_deref();
        team.ok_or_else(|| Refused::new("This is done for a team", "Log in with an account of your team"))
    }

    /// The account that asks.
    fn account(&self) -> Result<&str, Refused> {
        let account = self.by.account.as_deref();
        account.ok_or_else(|| Refused::new("This needs a person", "Log in with an account of your own"))
    }

    /// Each command fits one capacity, and a capacity its team.
    fn check_capacity(&self, command: &Command) -> Result<(), Refused> {
        let own = self.by.team.as_deref() == Some(self.facts.team.as_str());
        let fits = match command {
            Command::Operate(_) => matches!(self.by.capacity, Capacity::Operator | Capacity::Node),
            Command::Judge(_) => self.by.capacity == Capacity::Board,
            Command::Represent(_) => self.by.capacity == Capacity::Team && own,
            Command::Join(_) => self.by.capacity == Capacity::Member && !own,
        };
        if !fits {
            return Err(Refused::new(
                "This is not yours to do",
                "The operator, the board, the team itself and other teams have each their own steps",
            ));
        }
        if let Command::Judge(_) = command {
            let team = self.team()?;
            if !self.facts.board.contains(team) {
                return Err(Refused::new(
                    "Your team has no seat on the review board, or no vote now",
                    "The owner of the community gives seats; a vote follows from the standing",
                ));
            }
        }
        Ok(())
    }

    /// The wait before one may ask again is over.
    fn waited(&self) -> Result<(), Refused> {
        let from = self.state.again_from;
        if self.now < from {
            let day = ui::format::date(from);
            return Err(Refused::new(
                format!("The rules ask for a wait until {day}"),
                "Ask again then; the operator may shorten the wait for a stated reason",
            ));
        }
        Ok(())
    }

    /// A reason or note of sensible length.
    fn text(&self, text: &str, what: &str) -> Result<String, Refused> {
        let text = text.trim();
        let length = text.chars().count();
        if length < SHORTEST {
            return Err(Refused::new(format!("{what} is missing"), "Write a sentence or two"));
        }
        if length > LONGEST {
            return Err(Refused::new(
                format!("{what} has {length} characters"),
                format!("Shorten it to {LONGEST}; longer documents are named by their digest"),
            ));
        }
        Ok(text.to_owned())
    }

    /// It does not fit where the team is.
    fn not_now(&self, what: &str) -> Refused {
        let words = self.state.phase.words();
        Refused::new(
            format!("{what} does not fit here: the team is {words}"),
            "Look at the case again; somebody may have been faster",
        )
    }
}

impl Phase {
    /// In words that follow "the team is".
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Unknown => "not listed",
            Self::Listing(_) => "applying for listing",
            Self::Listed { .. } => "listed (level 0)",
            Self::Invited(_) => "listed (level 0) and invited",
            Self::Candidate(_) => "a candidate (level 1)",
            Self::Accredited(_) => "accredited (level 2)",
            Self::Suspended { .. } => "suspended",
            Self::Withdrawn => "withdrawn",
        }
    }
}

fn one(paragraph: super::Paragraph, change: Change) -> Decision {
    Ok(vec![Step::new(paragraph, change)])
}
