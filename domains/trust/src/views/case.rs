//! One team's case whole, as far as the reader may see it.

use contracts::trust::record::{Audience, Capacity, Change, Choice, Entry, Limit};
use identity::{Granted, Introduce, JudgeCases, LookUp, ManageTeam};
use kit::{Id, Result, Time};

use super::words::{asks, capacity, told};
use crate::process::checklist::{Item, checklist};
use crate::process::{Asked, Facts, Listing, Phase, Possible, Rules, Stage, State, ballot, possible};
use crate::service::{acting, seats};
use crate::store::LetterRow;
use crate::{Trust, record, signing, store};

/// A team's case. Times are microseconds since 1970 UTC.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct CaseView {
    /// The team's id.
    #[schema(value_type = String)]
    pub team: Id,
    /// Its handle.
    pub handle: String,
    /// Its name.
    pub name: String,
    /// What a form names that is made from this: [`State::version_for`].
    pub number: i64,
    /// Where it is: `unknown`, `listing`, `listed`, `invited`, `candidate`, `accredited`, `suspended`, `withdrawn`.
    pub phase: &'static str,
    /// The same in words that follow "the team is".
    pub phase_words: &'static str,
    /// Its standing: `unknown`, `listed`, `candidate`, `accredited`, `certified`, `suspended`, `withdrawn`.
    pub standing: &'static str,
    /// Since when it has it.
    pub standing_since: Time,
    /// It is under special review; for members.
    pub under_review: bool,
    /// Rejections in a row; for the team, the operator, the board.
    pub rejections: u32,
    /// Before this it may not ask again; 0: it may.
    pub again_from: Time,
    /// When it confirmed its record last; 0: not yet.
    pub confirmed: Time,
    /// Until when it is certified; 0: it is not.
    pub certified_until: Time,
    /// What is due, the next first; for members and all concerned.
    pub countdowns: Vec<Countdown>,
    /// The checklist of its record; for the team, the operator, the board.
    pub checklist: Vec<Item>,
    /// The digest of its record as it is now, in full: what a confirmation names.
    pub record: String,
    /// There is a document to be signed.
    pub to_sign: bool,
    /// The application that runs.
    pub listing: Option<ListingView>,
    /// Questions of the verification, oldest first.
    pub questions: Vec<QuestionView>,
    /// Open cases before the review board.
    pub matters: Vec<MatterView>,
    /// What happened, newest first.
    pub timeline: Vec<Line>,
    /// Letters that went out; for the team (its own), the operator, the board.
    pub letters: Vec<LetterRow>,
    /// What this reader can do now, by capacity: `operator`, `board`, `team`, `member`.
    #[schema(value_type = Object)]
    pub possible: Vec<(&'static str, Vec<Possible>)>,
}

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Countdown {
    /// Who is to act: `team`, `operator`, `board`, `community`.
    pub who: &'static str,
    /// What is to be done, in words.
    pub what: String,
    /// Until when; 0: as soon as they can.
    pub due: Time,
}

/// An application for listing.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct ListingView {
    /// `applied`, `rules`, `data`, `ready`, `consultation`.
    pub stage: &'static str,
    /// The sponsors that it names, and whether each stands up for it.
    #[schema(value_type = Object)]
    pub sponsors: Vec<(String, bool)>,
    /// Those of them that have said that they do not; for the team, the operator, the board.
    pub declined: Vec<String>,
    /// Who supports it.
    pub supports: Vec<String>,
    /// How many teams object; `None`: this reader is not told.
    pub objections: Option<usize>,
}

/// A question of the verification.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct QuestionView {
    /// Its number.
    pub number: u32,
    /// When it was asked.
    pub asked: Time,
    /// Its text.
    pub text: String,
    /// The answers, each with its moment, oldest first.
    #[schema(value_type = Object)]
    pub answers: Vec<(Time, String)>,
}

/// A case before the review board.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct MatterView {
    /// Its number.
    pub number: u32,
    /// `review`, `suspension`, `reinstatement`, `certification`, `leave`.
    pub matter: &'static str,
    /// Since when.
    pub opened: Time,
    /// How many seconders a ballot needs.
    pub needs: u32,
    /// Who seconds it.
    pub seconders: Vec<String>,
    /// The case file; for operator and board.
    pub file: Vec<FiledView>,
    /// Teams with a conflict of interest; for operator and board.
    pub conflicts: Vec<String>,
    /// The ballot that is open.
    pub ballot: Option<BallotView>,
    /// What the board can decide.
    pub choices: Vec<&'static str>,
}

/// Something in a case file.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct FiledView {
    /// When it was put there.
    pub at: Time,
    /// By whom, in words.
    pub by: String,
    /// What.
    pub text: String,
}

/// A ballot that is open. Who voted what is shown to nobody before it is closed, but that one's own team has voted.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct BallotView {
    /// Until when.
    pub until: Time,
    /// The teams on the roll.
    pub roll: Vec<String>,
    /// How many ballots a quorum needs.
    pub needed: u32,
    /// How many were cast.
    pub cast: usize,
    /// What the reader's own team has cast.
    pub own: Option<&'static str>,
}

/// Whether a team is to confirm its record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// Until when; 0: it is not accredited.
    pub due: Time,
    /// The time is over, and it is waited for.
    pub in_grace: bool,
    /// It was reminded.
    pub reminded: bool,
}

/// One entry of the record.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Line {
    /// Its place in the record.
    pub position: i64,
    /// When.
    pub at: Time,
    /// What happened: `trust.listed`, …; `trust.sealed` for what this reader is not shown.
    pub kind: String,
    /// In words.
    pub words: String,
    /// By whom, in words.
    pub by: String,
    /// The paragraph of the rules.
    pub rule: String,
    /// The standing before and after, when it changed.
    #[schema(value_type = Object)]
    pub standing: Option<(String, String)>,
    /// The documents it rests on, SHA-256.
    pub evidence: Vec<String>,
    /// The fingerprint of the key that signed.
    pub signature: Option<String>,
    /// Who is shown it: `public`, `members`, `team`, `sealed`.
    pub audience: &'static str,
}

impl Trust {
    /// The case of `team` as this reader may see it.
    ///
    /// # Errors
    /// [`kit::Error::NotFound`] for a team that is not in the directory; the database is gone.
    pub async fn case(&self, granted: &Granted<LookUp>, team: Id) -> Result<CaseView> {
        let sees = self.sees(granted, team);
        let subject = self.subject(team)?;
        let read = move |c: &kit::Read<'_>| {
            let mut entries = Vec::new();
            for place in store::entries_of(c, team)? {
                entries.push((place.position, record::read(c, place.position)?));
            }
            Ok((store::state(c, team)?, entries, store::letters_of(c, team)?, seats(c)?))
        };
        let (state, entries, letters, board) = self.node().db.read(read).await?;
        let facts = self.facts(&subject).with_seats(&board);
        let now = self.moment(&state);
        let inside = sees >= Audience::Team;
        let own = granted.team().to_string();
        let shown: Vec<(i64, Time, &Entry)> = entries
            .iter()
            .filter_map(|(position, told)| told.as_ref().map(|(at, entry)| (*position, *at, entry)))
            .filter(|(_, _, entry)| entry.change.audience() <= sees && !withheld(&state, &own, entry))
            .collect();
        let lines =
            shown.iter().rev().map(|(position, at, entry)| self.line(*position, *at, entry)).collect();
        let own_address =
            subject.mailbox().or_else(|| subject.report_address()).unwrap_or_default().to_owned();
        let letters = match sees {
            Audience::Sealed => letters,
            Audience::Team => letters.into_iter().filter(|letter| letter.recipient == own_address).collect(),
            _ => Vec::new(),
        };
        let rules = &self.settings().rules;
        let accreditation = state.accreditation();
        let certified = accreditation.and_then(|a| a.certified.as_ref());
        Ok(CaseView {
            team,
            handle: subject.handle.clone(),
            name: subject.name.clone(),
            number: state.version_for(sees),
            phase: state.phase.name(),
            phase_words: state.phase.words(),
            standing: state.standing_name(),
            standing_since: state.standing_since,
            under_review: sees >= Audience::Members && state.is_under_review(),
            rejections: if inside { state.rejections } else { 0 },
            again_from: if state.again_from > now { state.again_from } else { 0 },
            confirmed: accreditation.map_or(0, |a| a.confirmed),
            certified_until: certified.map_or(0, |certified| certified.deadline.due),
            countdowns: if sees >= Audience::Members { countdowns(rules, &state) } else { Vec::new() },
            checklist: if inside { checklist(&subject, &rules.not_asked, now) } else { Vec::new() },
            record: facts.record.clone(),
            to_sign: signing::to_sign(&state).is_some() && inside,
            listing: self.listing(&state, sees),
            questions: questions(&shown),
            matters: self.matters(&state, granted, sees, &shown),
            timeline: lines,
            letters,
            possible: self.possible(granted, &state, &facts, now),
        })
    }

    /// What is said to `team` about confirming its record: for pages that show it on every visit.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn reminded(&self, team: Id) -> Result<Confirmation> {
        let state = self.state(team).await?;
        let deadline = state.accreditation().map(|accreditation| accreditation.deadline);
        Ok(deadline.map_or_else(Confirmation::default, |deadline| Confirmation {
            due: deadline.due,
            in_grace: deadline.limit == Limit::Grace,
            reminded: deadline.reminded > 0 || deadline.limit == Limit::Grace,
        }))
    }

    fn possible(
        &self,
        granted: &Granted<LookUp>,
        state: &State,
        facts: &Facts,
        now: Time,
    ) -> Vec<(&'static str, Vec<Possible>)> {
        let actor = granted.actor();
        let own = actor.team.to_string() == facts.team;
        let judges = Granted::<JudgeCases>::check(actor).is_ok();
        let manages = Granted::<ManageTeam>::check(actor).is_ok();
        let capacities = [
            (Granted::<Introduce>::check(actor).is_ok(), Capacity::Operator, "operator"),
            (judges && actor.account.is_some(), Capacity::Board, "board"),
            (manages && own, Capacity::Team, "team"),
            (manages && !own && actor.account.is_some(), Capacity::Member, "member"),
        ];
        let has = capacities.into_iter().filter(|(has, ..)| *has);
        has.map(|(_, capacity, name)| {
            let by = acting(actor, capacity);
            let asked = Asked { rules: &self.settings().rules, state, facts, by: &by, now };
            (name, possible(asked))
        })
        .collect()
    }

    /// The name of the team with this id, as entries have it.
    pub(crate) fn name_of(&self, id: &str) -> String {
        let team = signing::id(id).and_then(|id| self.teams().directory().by_id(id));
        team.map_or_else(|| "a team that is gone".to_owned(), |team| team.name.clone())
    }

    pub(crate) fn line(&self, position: i64, at: Time, entry: &Entry) -> Line {
        let by = match entry.by.capacity {
            // Who speaks stands in the words already; a capacity is no name.
            Capacity::Operator | Capacity::Board => match &entry.by.team {
                Some(team) => format!("{} ({})", capacity(entry.by.capacity), self.name_of(team)),
                None => capacity(entry.by.capacity).to_owned(),
            },
            other => capacity(other).to_owned(),
        };
        Line {
            position,
            at,
            kind: entry.change.name().to_owned(),
            words: told(&entry.change, &|id| self.name_of(id)),
            by,
            rule: entry.rule.clone(),
            standing: (entry.from != entry.to).then(|| (entry.from.clone(), entry.to.clone())),
            evidence: entry.evidence.clone(),
            signature: entry.signature.clone(),
            audience: entry.change.audience().name(),
        }
    }

    fn listing(&self, state: &State, sees: Audience) -> Option<ListingView> {
        let Phase::Listing(listing) = &state.phase else { return None };
        if sees < Audience::Members {
            return None;
        }
        let names = |ids: &std::collections::BTreeSet<String>| {
            ids.iter().map(|id| self.name_of(id)).collect::<Vec<_>>()
        };
        let (stage, supports, objections) = match &listing.stage {
            Stage::Applied => ("applied", Vec::new(), 0),
            Stage::Rules { .. } => ("rules", Vec::new(), 0),
            Stage::Data { .. } => ("data", Vec::new(), 0),
            Stage::Ready { .. } => ("ready", Vec::new(), 0),
            Stage::Consultation { supports, objections, .. } => {
                ("consultation", names(supports), objections.len())
            }
        };
        let Listing { named, sponsors, declined, .. } = listing;
        Some(ListingView {
            stage,
            declined: if sees >= Audience::Team { names(declined) } else { Vec::new() },
            sponsors: named.iter().map(|id| (self.name_of(id), sponsors.contains(id))).collect(),
            supports,
            objections: (sees == Audience::Sealed).then_some(objections),
        })
    }

    fn matters(
        &self,
        state: &State,
        granted: &Granted<LookUp>,
        sees: Audience,
        shown: &[(i64, Time, &Entry)],
    ) -> Vec<MatterView> {
        if sees < Audience::Members {
            return Vec::new();
        }
        let own = granted.team().to_string();
        let sealed = sees == Audience::Sealed;
        let view = |number: u32, case: &crate::process::Case| {
            let file = shown.iter().filter_map(|(_, at, entry)| match &entry.change {
                Change::Filed { case, text } if *case == number => {
                    let by = entry
                        .by
                        .team
                        .as_deref()
                        .map_or_else(|| "the node".to_owned(), |team| self.name_of(team));
                    Some(FiledView { at: *at, by, text: text.clone() })
                }
                _ => None,
            });
            MatterView {
                number,
                matter: case.matter.name(),
                opened: case.opened,
                needs: case.needs,
                seconders: case.seconders.iter().map(|id| self.name_of(id)).collect(),
                file: file.collect(),
                conflicts: if sealed {
                    case.conflicts.iter().map(|id| self.name_of(id)).collect()
                } else {
                    Vec::new()
                },
                ballot: case.ballot.as_ref().map(|ballot| BallotView {
                    until: ballot.until,
                    roll: ballot.roll.iter().map(|id| self.name_of(id)).collect(),
                    needed: if sealed { ballot.needed(&case.conflicts) } else { 0 },
                    cast: if sealed { ballot.votes.len() } else { 0 },
                    own: ballot.votes.get(&own).map(|choice: &Choice| choice.name()),
                }),
                choices: ballot::choices(case.matter).iter().map(|choice| choice.name()).collect(),
            }
        };
        state.cases.iter().map(|(number, case)| view(*number, case)).collect()
    }
}

/// Of an open case, votes are shown to nobody but who cast them, and its file not to teams with a conflict of interest.
fn withheld(state: &State, own: &str, entry: &Entry) -> bool {
    let of = |case: &u32| state.cases.get(case);
    match &entry.change {
        Change::Voted { case, voter, .. } => of(case).is_some() && voter != own,
        Change::Filed { case, .. } | Change::Conflicted { case, .. } => {
            of(case).is_some_and(|case| case.conflicts.contains(own))
        }
        _ => false,
    }
}

fn questions(shown: &[(i64, Time, &Entry)]) -> Vec<QuestionView> {
    let mut all: Vec<QuestionView> = Vec::new();
    for (_, at, entry) in shown {
        match &entry.change {
            // A candidacy begins with a clean sheet.
            Change::CandidacyBegun { .. } => all.clear(),
            Change::Asked { question, text } => {
                let (number, asked, text) = (*question, *at, text.clone());
                all.push(QuestionView { number, asked, text, answers: Vec::new() });
            }
            Change::Answered { question, text } => {
                if let Some(asked) = all.iter_mut().find(|asked| asked.number == *question) {
                    asked.answers.push((*at, text.clone()));
                }
            }
            _ => {}
        }
    }
    all
}

/// What is due, the next first.
pub(super) fn countdowns(rules: &Rules, state: &State) -> Vec<Countdown> {
    let mut all: Vec<Countdown> = Vec::new();
    let mut add = |who, what: &str, due| all.push(Countdown { who, what: what.to_owned(), due });
    for deadline in state.deadlines() {
        let (who, what) = asks(deadline.limit);
        add(who, what, deadline.due);
    }
    let lacks_sponsors = |listing: &Listing| listing.in_question() < rules.sponsors as usize;
    match &state.phase {
        Phase::Listing(listing) if listing.takes_sponsors() && lacks_sponsors(listing) => {
            add("team", "ask another team to be a sponsor", 0);
        }
        _ => {}
    }
    match &state.phase {
        Phase::Listing(Listing { stage: Stage::Applied, .. }) => add("operator", "answer the application", 0),
        Phase::Listing(listing @ Listing { stage: Stage::Ready { .. }, .. }) if !lacks_sponsors(listing) => {
            add("operator", "consult the community", 0)
        }
        Phase::Listing(Listing { stage: Stage::Consultation { until, .. }, .. }) => {
            add("community", "support or object", *until);
        }
        Phase::Listed { requested, .. } if *requested != 0 => add("operator", "send the invitation", 0),
        Phase::Invited(invitation) => {
            add("team", "be accredited: the whole process ends", invitation.whole_until)
        }
        Phase::Candidate(candidacy) => match (&candidacy.completed, &candidacy.verified) {
            (Some(_), None) => add("operator", "verify the record", 0),
            (_, Some(_)) => add("operator", "accredit", 0),
            _ => {}
        },
        _ => {}
    }
    for (number, case) in &state.cases {
        match &case.ballot {
            Some(ballot) => add("board", &format!("vote in case {number}"), ballot.until),
            None => add("board", &format!("open the ballot in case {number}"), 0),
        }
    }
    all.sort_by_key(|countdown| countdown.due);
    all
}
