//! A clock that was ahead, set right: what it dated later than now begins now.
//!
//! Nobody gains or loses a standing by it. A limit that began in that time has its whole length from now on; one that
//! began before keeps its end; whoever was reminded in that time is reminded again. The end of a consultation, an end that
//! the operator has moved and a wait before one may ask again do not tell when they were set: they stay, and the operator
//! can move them.

use kit::Time;

use super::state::{Accreditation, Candidacy, Deadline, Invitation, Listing, Phase, Stage, State};

impl State {
    /// Brings what was dated later than `at` to `at`.
    pub(super) fn set_right(&mut self, at: Time) {
        earlier(&mut self.standing_since, at);
        for case in self.cases.values_mut() {
            earlier(&mut case.opened, at);
            if let Some(ballot) = &mut case.ballot {
                let begins = ballot.opened;
                sooner(&mut ballot.until, begins, at);
                earlier(&mut ballot.opened, at);
            }
        }
        match &mut self.phase {
            Phase::Unknown | Phase::Withdrawn | Phase::Suspended { was: None } => {}
            Phase::Listing(Listing { applied, stage, .. }) => {
                earlier(applied, at);
                match stage {
                    Stage::Rules { deadline, .. } | Stage::Data { deadline } => deadline.set_right(at),
                    Stage::Ready { since } => earlier(since, at),
                    Stage::Applied | Stage::Consultation { .. } => {}
                }
            }
            Phase::Listed { requested, .. } => earlier(requested, at),
            Phase::Invited(Invitation { invited, deadline, whole_until, .. }) => {
                sooner(whole_until, *invited, at);
                earlier(invited, at);
                deadline.set_right(at);
            }
            Phase::Candidate(Candidacy { began, deadline, .. }) => {
                earlier(began, at);
                deadline.set_right(at);
            }
            Phase::Accredited(accreditation) | Phase::Suspended { was: Some(accreditation) } => {
                let Accreditation { since, confirmed, deadline, certified, .. } = accreditation;
                earlier(since, at);
                earlier(confirmed, at);
                deadline.set_right(at);
                if let Some(certified) = certified {
                    earlier(&mut certified.since, at);
                    certified.deadline.set_right(at);
                }
            }
        }
    }
}

impl Deadline {
    fn set_right(&mut self, at: Time) {
        sooner(&mut self.due, self.from, at);
        earlier(&mut self.from, at);
        if self.reminded_at > at {
            (self.reminded, self.reminded_at) = (0, 0);
        }
    }
}

/// The end of what began later than `at` is as much sooner; records from elsewhere may name any moments.
fn sooner(end: &mut Time, begins: Time, at: Time) {
    *end = end.saturating_sub(begins.saturating_sub(at).max(0));
}

fn earlier(moment: &mut Time, at: Time) {
    *moment = (*moment).min(at);
}
