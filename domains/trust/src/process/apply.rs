//! The fold: a state and an entry of the record give the next state. It asks no rules and no clock, and takes no decision.

use contracts::trust::record::{Audience, Change, Choice, Entry, Limit};
use kit::Time;

use super::ballot::Ballot;
use super::state::{
    Accreditation, Basis, Candidacy, Case, Certification, Deadline, Invitation, Listing, Phase, Signed,
    Stage, State, Verification,
};

impl State {
    /// What the entries give, in their order, each with its moment.
    pub fn replay<'a>(entries: impl IntoIterator<Item = (Time, &'a Entry)>) -> Self {
        let mut state = Self::default();
        for (at, entry) in entries {
            state.apply(at, entry);
        }
        state
    }

    /// Takes one entry in. What does not fit the phase (it cannot be in a record that this program wrote) changes nothing
    /// but the number.
    pub fn apply(&mut self, at: Time, entry: &Entry) {
        let before = self.standing();
        match entry.number {
            ..0 => self.sealed = entry.number.saturating_neg(),
            number => self.number = number,
        }
        self.updated = at;
        self.change(at, entry);
        if self.standing() != before && !matches!(entry.change, Change::TakenOver { .. }) {
            self.standing_since = at;
        }
    }

    /// Whether it is what a replay of entries gives, some of which may have been erased.
    pub fn agrees_with(&self, replayed: &Self) -> bool {
        *replayed == Self { sealed: replayed.sealed, ..self.clone() }
    }

    /// The number of the entry that tells `change`.
    pub fn next_number(&self, change: &Change) -> i64 {
        if change.audience() == Audience::Sealed { -(self.sealed + 1) } else { self.number + 1 }
    }

    /// What a form names that was made from this state, for who `sees` so much of it: sealed entries do not show in it
    /// to whom they are sealed from.
    pub fn version_for(&self, sees: Audience) -> i64 {
        if sees == Audience::Sealed { self.number + self.sealed } else { self.number }
    }

    fn change(&mut self, at: Time, entry: &Entry) {
        let account = || entry.by.account.clone();
        match &entry.change {
            Change::TakenOver { standing, since, source, due, certified_until } => {
                self.take_over(at, standing, *since, source, *due, *certified_until);
            }
            Change::Known { .. } | Change::Listed { .. } => {
                self.listed();
                self.rejections = 0;
                self.leave = false;
                self.again_from = 0;
            }
            Change::Applied { sponsors } => {
                self.phase = Phase::Listing(Listing {
                    applied: at,
                    returns: matches!(self.phase, Phase::Withdrawn),
                    applicant: account(),
                    named: sponsors.iter().cloned().collect(),
                    sponsors: Default::default(),
                    declined: Default::default(),
                    stage: Stage::Applied,
                });
            }
            Change::ListingEnded { rejections, again_from, .. } => {
                let returns = matches!(&self.phase, Phase::Listing(listing) if listing.returns);
                self.phase = if returns { Phase::Withdrawn } else { Phase::Unknown };
                if *rejections > self.rejections {
                    self.leave = false;
                }
                self.rejections = *rejections;
                self.again_from = *again_from;
            }
            Change::LeaveGiven {} => self.leave = true,
            Change::AccreditationRequested {} => {
                self.phase = Phase::Listed { requested: at, applicant: account() };
            }
            Change::Invited { document, until, whole_until } => {
                let asked = match &self.phase {
                    Phase::Listed { applicant, .. } => applicant.clone(),
                    _ => None,
                };
                self.phase = Phase::Invited(Invitation {
                    invited: at,
                    applicant: asked,
                    document: document.clone(),
                    deadline: Deadline::new(Limit::Acceptance, at, *until),
                    whole_until: *whole_until,
                });
            }
            Change::InvitationEnded { again_from, .. } | Change::CandidacyEnded { again_from, .. } => {
                self.listed();
                self.again_from = *again_from;
            }
            Change::CandidacyBegun { signed_at, until } => {
                self.begin_candidacy(at, entry, *signed_at, *until)
            }
            Change::Accredited { due } => self.accredit(at, *due),
            Change::Reminded { limit, step, .. } => {
                if let Some(deadline) = self.deadline_mut(*limit) {
                    deadline.reminded = deadline.reminded.max(*step);
                    deadline.reminded_at = at;
                }
            }
            Change::Confirmed { due, .. } => {
                if let Phase::Accredited(accreditation) = &mut self.phase {
                    accreditation.confirmed = at;
                    accreditation.deadline = Deadline::new(Limit::Confirmation, at, *due);
                }
            }
            Change::Overdue { grace_until } => {
                if let Phase::Accredited(accreditation) = &mut self.phase {
                    accreditation.deadline = Deadline::new(Limit::Grace, at, *grace_until);
                }
            }
            Change::FellBack { .. } => self.listed(),
            Change::Certified { until } => {
                if let Phase::Accredited(accreditation) = &mut self.phase {
                    let since = accreditation.certified.as_ref().map_or(at, |certified| certified.since);
                    let deadline = Deadline::new(Limit::Certification, at, *until);
                    accreditation.certified = Some(Certification { since, deadline });
                }
            }
            Change::CertificationEnded {} => match &mut self.phase {
                Phase::Accredited(accreditation) | Phase::Suspended { was: Some(accreditation) } => {
                    accreditation.certified = None;
                }
                _ => {}
            },
            Change::Suspended { .. } => {
                let was = match std::mem::take(&mut self.phase) {
                    Phase::Accredited(accreditation) => Some(accreditation),
                    _ => None,
                };
                self.phase = Phase::Suspended { was };
            }
            Change::Reinstated { due } => match std::mem::take(&mut self.phase) {
                Phase::Suspended { was: Some(accreditation) } => {
                    let deadline = Deadline::new(Limit::Confirmation, at, *due);
                    self.phase = Phase::Accredited(Accreditation { deadline, ..accreditation });
                }
                _ => self.listed(),
            },
            Change::Withdrawn { again_from, .. } => {
                self.phase = Phase::Withdrawn;
                self.cases.clear();
                self.again_from = *again_from;
            }
            Change::Overridden { until, .. } => self.move_limit(*until),
            Change::ClockSetRight { .. } => self.set_right(at),
            // These concern the community, not a team.
            Change::SeatGiven { .. }
            | Change::SeatTaken { .. }
            | Change::RoleGiven { .. }
            | Change::RoleTaken { .. }
            | Change::Erased { .. }
            | Change::HandOverOrdered { .. }
            | Change::HandOverCancelled { .. }
            | Change::HandedOver { .. }
            | Change::OperationTaken { .. } => {}
            change => {
                self.in_listing(at, change);
                self.in_candidacy(entry);
                self.in_case(at, entry);
            }
        }
    }

    fn listed(&mut self) {
        self.phase = Phase::Listed { requested: 0, applicant: None };
    }

    fn take_over(
        &mut self,
        at: Time,
        standing: &str,
        since: Time,
        source: &str,
        due: Time,
        certified_until: Time,
    ) {
        let accreditation = |certified| Accreditation {
            since,
            basis: Basis::TakenOver { source: source.to_owned() },
            confirmed: 0,
            deadline: Deadline::new(Limit::Confirmation, at, due),
            certified,
        };
        let deadline = Deadline::new(Limit::Certification, at, certified_until);
        self.phase = match standing {
            "accredited" => Phase::Accredited(accreditation(None)),
            "certified" => Phase::Accredited(accreditation(Some(Certification { since, deadline }))),
            "suspended" => Phase::Suspended { was: None },
            "withdrawn" => Phase::Withdrawn,
            // A candidate is invited anew: what it signed elsewhere is not in this record.
            _ => Phase::Listed { requested: 0, applicant: None },
        };
        self.standing_since = since;
    }

    fn begin_candidacy(&mut self, at: Time, entry: &Entry, signed_at: Time, until: Time) {
        let Phase::Invited(invitation) = &self.phase else { return };
        let signed = Signed {
            document: invitation.document.clone(),
            signature: entry.evidence.last().cloned().unwrap_or_default(),
            by: entry.signature.clone().unwrap_or_default(),
            at: signed_at,
        };
        let applicants =
            [invitation.applicant.clone(), entry.by.account.clone()].into_iter().flatten().collect();
        self.phase = Phase::Candidate(Candidacy {
            began: at,
            signed,
            applicants,
            deadline: Deadline::new(Limit::Completion, at, until),
            completed: None,
            questions: Default::default(),
            verified: None,
        });
    }

    fn accredit(&mut self, at: Time, due: Time) {
        let Phase::Candidate(Candidacy { signed, applicants, verified: Some(verification), .. }) =
            &self.phase
        else {
            return;
        };
        let basis = Basis::Process {
            signed: signed.clone(),
            applicants: applicants.clone(),
            verification: verification.clone(),
        };
        let deadline = Deadline::new(Limit::Confirmation, at, due);
        self.phase =
            Phase::Accredited(Accreditation { since: at, basis, confirmed: 0, deadline, certified: None });
        self.again_from = 0;
    }

    /// An override moves the limit that runs; 0: it moved none.
    fn move_limit(&mut self, until: Time) {
        if until == 0 {
            return;
        }
        let running = match &self.phase {
            Phase::Unknown | Phase::Withdrawn | Phase::Listed { .. } => {
                self.again_from = until;
                return;
            }
            Phase::Listing(Listing { stage: Stage::Consultation { .. }, .. }) => None,
            _ => self.deadlines().first().map(|deadline| deadline.limit),
        };
        match running {
            Some(limit) => {
                if let Some(deadline) = self.deadline_mut(limit) {
                    *deadline = Deadline::new(limit, deadline.from, until);
                }
            }
            None => {
                if let Phase::Listing(Listing { stage: Stage::Consultation { until: end, .. }, .. }) =
                    &mut self.phase
                {
                    *end = until;
                }
            }
        }
    }

    fn in_listing(&mut self, at: Time, change: &Change) {
        let Phase::Listing(listing) = &mut self.phase else { return };
        match (change, &mut listing.stage) {
            (Change::Sponsored { sponsor }, _) => {
                listing.declined.remove(sponsor);
                listing.sponsors.insert(sponsor.clone());
            }
            (Change::SponsorDeclined { sponsor, .. }, _) => {
                listing.sponsors.remove(sponsor);
                listing.declined.insert(sponsor.clone());
            }
            (Change::SponsorNamed { sponsor }, _) => drop(listing.named.insert(sponsor.clone())),
            (Change::RulesSent { document, until }, stage) => {
                let deadline = Deadline::new(Limit::Acceptance, at, *until);
                *stage = Stage::Rules { document: document.clone(), deadline };
            }
            (Change::RulesSigned { until, .. }, stage) => {
                *stage = Stage::Data { deadline: Deadline::new(Limit::ListingData, at, *until) };
            }
            (Change::DataSubmitted { .. }, stage) => *stage = Stage::Ready { since: at },
            (Change::ConsultationOpened { until }, stage) => {
                let (supports, objections) = Default::default();
                *stage = Stage::Consultation { until: *until, supports, objections };
            }
            (Change::Supported { supporter, .. }, Stage::Consultation { supports, .. }) => {
                supports.insert(supporter.clone());
            }
            (Change::Objected { objector, .. }, Stage::Consultation { objections, .. }) => {
                objections.insert(objector.clone());
            }
            (Change::ObjectionWithdrawn { objector }, Stage::Consultation { objections, .. }) => {
                objections.remove(objector);
            }
            _ => {}
        }
    }

    fn in_candidacy(&mut self, entry: &Entry) {
        let Phase::Candidate(candidacy) = &mut self.phase else { return };
        match &entry.change {
            Change::Completed { record } => {
                candidacy.completed = Some(record.clone());
                candidacy.applicants.extend(entry.by.account.clone());
            }
            Change::Asked { question, .. } => {
                candidacy.questions.insert(*question, false);
            }
            Change::Answered { question, .. } => {
                candidacy.questions.insert(*question, true);
                candidacy.applicants.extend(entry.by.account.clone());
            }
            Change::Verified { record, .. } => {
                let verifier = entry.by.account.clone().unwrap_or_default();
                let team = entry.by.team.clone().unwrap_or_default();
                candidacy.verified = Some(Verification { record: record.clone(), verifier, team });
            }
            _ => {}
        }
    }

    fn in_case(&mut self, at: Time, entry: &Entry) {
        if let Change::CaseOpened { case, matter, seconders } = &entry.change {
            self.last_case = *case;
            self.cases.insert(
                *case,
                Case {
                    matter: *matter,
                    opened: at,
                    opener: entry.by.team.clone().unwrap_or_default(),
                    needs: *seconders,
                    seconders: Default::default(),
                    conflicts: Default::default(),
                    ballot: None,
                    undecided: 0,
                },
            );
        }
        let number = match &entry.change {
            Change::Seconded { case, .. }
            | Change::Conflicted { case, .. }
            | Change::BallotOpened { case, .. }
            | Change::Voted { case, .. }
            | Change::BallotClosed { case, .. }
            | Change::CaseClosed { case, .. } => *case,
            _ => return,
        };
        let Some(case) = self.cases.get_mut(&number) else { return };
        match &entry.change {
            Change::Seconded { seconder, .. } => drop(case.seconders.insert(seconder.clone())),
            Change::Conflicted { member, .. } => {
                case.conflicts.insert(member.clone());
                if let Some(ballot) = &mut case.ballot {
                    ballot.votes.remove(member);
                }
            }
            Change::BallotOpened { until, roll, quorum, of, .. } => {
                case.ballot = Some(Ballot {
                    opened: at,
                    until: *until,
                    roll: roll.iter().cloned().collect(),
                    quorum: *quorum,
                    of: *of,
                    votes: Default::default(),
                });
            }
            Change::Voted { voter, choice, .. } => vote(case, voter, *choice),
            Change::BallotClosed { closes: true, .. } | Change::CaseClosed { .. } => {
                drop(self.cases.remove(&number))
            }
            Change::BallotClosed { .. } => {
                case.ballot = None;
                case.undecided += 1;
            }
            _ => {}
        }
    }
}

fn vote(case: &mut Case, voter: &str, choice: Choice) {
    if let Some(ballot) = &mut case.ballot {
        ballot.votes.insert(voter.to_owned(), choice);
    }
}
