//! What somebody could do now, found by asking the decision itself: so a page never offers what would be refused.

use contracts::trust::record::{Capacity, Matter};

use super::command::{Acceptance, Command, Join, Judge, Operate, Represent};
use super::decide::{Asked, decide};
use super::{Listing, Phase, Stage, ballot};

/// A step that fits where the team is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Possible {
    /// Its name, as `do` has it in the API.
    pub name: &'static str,
    /// In words, for a button.
    pub words: &'static str,
    /// The case of the review board that it is about; 0: none.
    pub case: u32,
    /// Why it is refused now; `None`: it would be done.
    pub refused: Option<String>,
}

const TEXT: &str = "as it would be";

/// The steps of the asker's capacity that fit the phase, those that would be refused now with the reason.
pub fn possible(asked: Asked<'_>) -> Vec<Possible> {
    let tried = candidates(asked).into_iter().map(|(name, words, case, command)| {
        let refused = decide(asked, &command).err().map(|refused| refused.to_string());
        Possible { name, words, case, refused }
    });
    tried.collect()
}

/// Those steps, each with a command that would take it.
pub(super) fn candidates(asked: Asked<'_>) -> Vec<Candidate> {
    match asked.by.capacity {
        Capacity::Operator | Capacity::Node => operator(asked),
        Capacity::Board => board(asked),
        Capacity::Team => team(asked),
        Capacity::Member => member(asked),
        Capacity::Owner => Vec::new(),
    }
}

pub(super) type Candidate = (&'static str, &'static str, u32, Command);

fn operator(asked: Asked<'_>) -> Vec<Candidate> {
    let text = || TEXT.to_owned();
    let mut all: Vec<(&'static str, &'static str, u32, Operate)> = Vec::new();
    match &asked.state.phase {
        Phase::Unknown | Phase::Withdrawn => {
            all.push(("list-known", "List it as known", 0, Operate::ListKnown { source: text() }));
        }
        Phase::Listing(Listing { stage, .. }) => {
            match stage {
                Stage::Applied => {
                    all.push(("send-rules", "Send the rules to be signed", 0, Operate::SendRules))
                }
                Stage::Ready { .. } => {
                    all.push(("open-consultation", "Consult the community", 0, Operate::OpenConsultation));
                }
                _ => {}
            }
            all.push(("decline", "Decline the application", 0, Operate::Decline { reason: text() }));
        }
        Phase::Listed { requested, .. } => {
            all.push(("invite", "Send the invitation package", 0, Operate::Invite));
            if *requested != 0 {
                all.push(("decline", "Decline the request", 0, Operate::Decline { reason: text() }));
            }
        }
        Phase::Invited(_) => {
            all.push(("decline", "End the invitation", 0, Operate::Decline { reason: text() }));
        }
        Phase::Candidate(_) => {
            all.push(("accredit", "Accredit", 0, Operate::Accredit));
            all.push(("verify", "The record is verified", 0, Operate::Verify { finding: text() }));
            all.push(("ask", "Ask the team", 0, Operate::Ask { text: text() }));
            all.push(("decline", "End the candidacy", 0, Operate::Decline { reason: text() }));
        }
        Phase::Accredited(_) | Phase::Suspended { .. } => {}
    }
    for number in asked.state.cases.keys() {
        all.push(("open-ballot", "Have the board vote", *number, Operate::OpenBallot { case: *number }));
        all.push(("file", "Put into the case file", *number, Operate::File { case: *number, text: text() }));
    }
    let known = !matches!(asked.state.phase, Phase::Unknown | Phase::Listing(_) | Phase::Withdrawn);
    if known && !asked.state.is_under_review() {
        all.push(("open-review", "Put under special review", 0, Operate::OpenReview { grounds: text() }));
    }
    let until = asked.now + kit::clock::DAY;
    let moved = Operate::MoveLimit { until, reason: text() };
    if decide(asked, &Command::Operate(moved.clone())).is_ok() {
        all.push(("move-limit", "Move the limit", 0, moved));
    }
    if known && !matches!(asked.state.phase, Phase::Suspended { .. }) {
        all.push(("suspend-at-once", "Suspend at once", 0, Operate::SuspendAtOnce { reason: text() }));
    }
    all.into_iter()
        .map(|(name, words, case, command)| (name, words, case, Command::Operate(command)))
        .collect()
}

fn board(asked: Asked<'_>) -> Vec<Candidate> {
    let text = || TEXT.to_owned();
    let mut all: Vec<(&'static str, &'static str, u32, Judge)> = Vec::new();
    for (number, case) in &asked.state.cases {
        let number = *number;
        if case.ballot.is_some() {
            let choice = ballot::choices(case.matter)[0];
            all.push(("vote", "Cast the ballot of your team", number, Judge::Vote { case: number, choice }));
        } else {
            all.push(("open-ballot", "Open the ballot", number, Judge::OpenBallot { case: number }));
            all.push((
                "close-case",
                "Close the case",
                number,
                Judge::CloseCase { case: number, reason: text() },
            ));
        }
        let conflict = Judge::DeclareConflict { case: number, reason: text() };
        all.push(("declare-conflict", "Declare a conflict of interest", number, conflict));
        all.push(("file", "Put into the case file", number, Judge::File { case: number, text: text() }));
    }
    let known = !matches!(asked.state.phase, Phase::Unknown | Phase::Listing(_) | Phase::Withdrawn);
    if known && !asked.state.is_under_review() {
        all.push(("open-review", "Put under special review", 0, Judge::OpenReview { grounds: text() }));
    }
    let suspended = matches!(asked.state.phase, Phase::Suspended { .. });
    if suspended && asked.state.case_about(Matter::Reinstatement).is_none() {
        let opened = Judge::OpenReinstatement { grounds: text() };
        all.push(("open-reinstatement", "Ask about reinstatement", 0, opened));
    }
    all.into_iter().map(|(name, words, case, command)| (name, words, case, Command::Judge(command))).collect()
}

fn team(asked: Asked<'_>) -> Vec<Candidate> {
    let text = || TEXT.to_owned();
    let sign = |document: &String| {
        let (document, signature, by) = (document.clone(), String::new(), String::new());
        Represent::Sign(Acceptance { document, signature, by, at: asked.now })
    };
    let mut all: Vec<(&'static str, &'static str, u32, Represent)> = Vec::new();
    match &asked.state.phase {
        Phase::Unknown | Phase::Withdrawn => {
            let sponsors = asked.facts.voters.iter().take(asked.rules.sponsors as usize).cloned().collect();
            all.push(("apply", "Apply for listing", 0, Represent::Apply { sponsors }));
            if asked.state.rejections >= asked.rules.rejections {
                let request = Represent::RequestLeave { grounds: text() };
                all.push(("request-leave", "Ask for leave to apply again", 0, request));
            }
        }
        Phase::Listing(listing) => {
            match &listing.stage {
                Stage::Rules { document, .. } => {
                    all.push(("sign", "Hand in the signature", 0, sign(document)))
                }
                Stage::Data { .. } => all.push(("submit", "Hand in the record", 0, Represent::Submit)),
                _ => {}
            }
            if let Some(sponsor) = another_sponsor(asked, listing) {
                all.push((
                    "name-sponsor",
                    "Ask another team to be a sponsor",
                    0,
                    Represent::NameSponsor { sponsor },
                ));
            }
            all.push(("take-back", "Take the application back", 0, Represent::TakeBack));
        }
        Phase::Listed { requested, .. } => {
            if *requested == 0 {
                all.push((
                    "request-accreditation",
                    "Ask for accreditation",
                    0,
                    Represent::RequestAccreditation,
                ));
            } else {
                all.push(("take-back", "Take the request back", 0, Represent::TakeBack));
            }
        }
        Phase::Invited(invitation) => {
            all.push(("sign", "Hand in the signature", 0, sign(&invitation.document)));
            all.push(("take-back", "Decline the invitation", 0, Represent::TakeBack));
        }
        Phase::Candidate(candidacy) => {
            all.push(("complete", "Declare the record complete", 0, Represent::Complete));
            if let Some(question) = candidacy.questions.keys().next() {
                let answer = Represent::Answer { question: *question, text: text() };
                all.push(("answer", "Answer a question", 0, answer));
            }
            all.push(("take-back", "Take the candidacy back", 0, Represent::TakeBack));
        }
        Phase::Accredited(_) => {
            let record = asked.facts.record.clone();
            all.push(("confirm", "Confirm the record", 0, Represent::Confirm { record }));
            let request = Represent::RequestCertification { report: text() };
            all.push(("request-certification", "Ask for certification", 0, request));
        }
        Phase::Suspended { .. } => {
            let request = Represent::RequestReinstatement { grounds: text() };
            all.push(("request-reinstatement", "Ask for reinstatement", 0, request));
        }
    }
    if !matches!(asked.state.phase, Phase::Unknown | Phase::Listing(_) | Phase::Withdrawn) {
        all.push(("depart", "Leave the community", 0, Represent::Depart));
    }
    all.into_iter()
        .map(|(name, words, case, command)| (name, words, case, Command::Represent(command)))
        .collect()
}

/// A team that could be asked beside those that the application names.
fn another_sponsor(asked: Asked<'_>, listing: &Listing) -> Option<String> {
    let mut free = asked.facts.voters.difference(&listing.named).filter(|team| **team != asked.facts.team);
    free.next().filter(|_| listing.takes_sponsors()).cloned()
}

fn member(asked: Asked<'_>) -> Vec<Candidate> {
    let text = || TEXT.to_owned();
    let mut all: Vec<(&'static str, &'static str, u32, Join)> = Vec::new();
    if let Phase::Listing(listing) = &asked.state.phase {
        let own = asked.by.team.as_deref().unwrap_or_default();
        if listing.named.contains(own) {
            all.push(("sponsor", "Stand up as sponsor", 0, Join::Sponsor));
            if listing.takes_sponsors() && !listing.declined.contains(own) {
                let declined = Join::DeclineToSponsor { reason: text() };
                all.push(("decline-to-sponsor", "Do not stand up as sponsor", 0, declined));
            }
        }
        if let Stage::Consultation { objections, .. } = &listing.stage {
            all.push(("support", "Support the listing", 0, Join::Support { note: String::new() }));
            if objections.contains(own) {
                all.push(("withdraw-objection", "Take the objection back", 0, Join::WithdrawObjection));
            } else {
                all.push(("object", "Object, sealed", 0, Join::Object { reason: text() }));
            }
        }
    }
    for (number, case) in &asked.state.cases {
        if case.matter == Matter::Suspension && case.ballot.is_none() {
            all.push(("second", "Second the motion", *number, Join::Second { case: *number }));
        }
    }
    let known = !matches!(
        asked.state.phase,
        Phase::Unknown | Phase::Listing(_) | Phase::Withdrawn | Phase::Suspended { .. }
    );
    if known && asked.state.case_about(Matter::Suspension).is_none() {
        let motion = Join::ProposeSuspension { grounds: text() };
        all.push(("propose-suspension", "Move that it be suspended", 0, motion));
    }
    all.into_iter().map(|(name, words, case, command)| (name, words, case, Command::Join(command))).collect()
}
