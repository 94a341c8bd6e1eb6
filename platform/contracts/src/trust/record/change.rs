//! Each kind of entry, with who is shown it and what it tells.

use serde::{Deserialize, Serialize};

use super::{Audience, Choice, Count, Ending, Limit, Matter, SEALED};

macro_rules! changes {
    ($($(#[$meta:meta])* $name:ident $kind:literal $audience:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? })*) => {
        /// What happened.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "what", rename_all = "kebab-case")]
        pub enum Change {
            $($(#[$meta])* $name { $($(#[$field_meta])* $field: $type),* },)*
        }

        impl Change {
            /// Its kind, whoever may see it.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name { .. } => $kind),* }
            }

            /// Who is shown its particulars.
            pub const fn audience(&self) -> Audience {
                match self { $(Self::$name { .. } => Audience::$audience),* }
            }

            /// Its kind as the chain names it.
            pub const fn kind(&self) -> &'static str {
                match self.audience() {
                    Audience::Sealed => SEALED,
                    _ => self.name(),
                }
            }
        }

        /// Every kind of change, with who is shown it.
        pub const KINDS: &[(&str, Audience)] = &[$(($kind, Audience::$audience)),*];
    };
}

changes! {
    /// The standing that a team had when this record began was taken over.
    TakenOver "trust.taken_over" Public {
        /// `listed`, `candidate`, `accredited`, `certified`, `suspended`, `withdrawn`.
        standing: String,
        /// Since when it had it.
        since: i64,
        /// On whose word.
        source: String,
        /// When its record is to be confirmed, for an accredited team.
        due: i64,
        /// When its certification ends, for a certified team.
        certified_until: i64,
    }
    /// The operator listed the team as known.
    Known "trust.known" Public {
        /// By whom, or from what, the operator knows it.
        source: String,
    }
    /// The team asks to be listed.
    Applied "trust.applied" Members {
        /// The ids of the teams that it names as sponsors.
        sponsors: Vec<String>,
    }
    /// A sponsor stands up for the team.
    Sponsored "trust.sponsored" Members {
        /// The sponsor's id.
        sponsor: String,
    }
    /// A team that was named as a sponsor does not stand up for the applicant.
    SponsorDeclined "trust.sponsor_declined" Team {
        /// Its id.
        sponsor: String,
        /// What it tells applicant and operator.
        reason: String,
    }
    /// The applicant asks another team to be its sponsor.
    SponsorNamed "trust.sponsor_named" Members {
        /// Its id.
        sponsor: String,
    }
    /// The operator sent the rules to be signed.
    RulesSent "trust.rules_sent" Team {
        /// SHA-256 of the exact document.
        document: String,
        /// Until when it is to be signed.
        until: i64,
    }
    /// The team signed the rules for its listing.
    RulesSigned "trust.rules_signed" Members {
        /// When the signature was made.
        signed_at: i64,
        /// Until when the data are to be complete.
        until: i64,
    }
    /// The team declares the data of its application complete.
    DataSubmitted "trust.data_submitted" Team {
        /// The digest of its record then.
        record: String,
    }
    /// The community is consulted.
    ConsultationOpened "trust.consultation_opened" Members {
        /// Until when supports and objections count.
        until: i64,
    }
    /// A team supports the listing.
    Supported "trust.supported" Members {
        /// Its id.
        supporter: String,
        /// What it says to members.
        note: String,
    }
    /// A team objects to the listing.
    Objected "trust.objected" Sealed {
        /// Its id.
        objector: String,
        /// Why, for operator and board.
        reason: String,
    }
    /// An objection was taken back.
    ObjectionWithdrawn "trust.objection_withdrawn" Sealed {
        /// Whose.
        objector: String,
    }
    /// The consultation found for the team: it is listed.
    Listed "trust.listed" Public {
        /// How many teams supported it.
        supports: u32,
    }
    /// An application ended without listing.
    ListingEnded "trust.listing_ended" Members {
        /// Why.
        ending: Ending,
        /// What the team was told.
        reason: String,
        /// How many times in a row it was rejected by now.
        rejections: u32,
        /// From when it may apply again.
        again_from: i64,
    }
    /// The board lets a team apply that was rejected too often.
    LeaveGiven "trust.leave_given" Members {}
    /// The team asks for accreditation.
    AccreditationRequested "trust.accreditation_requested" Members {}
    /// The invitation package went to the team.
    Invited "trust.invited" Members {
        /// SHA-256 of the exact document to be signed.
        document: String,
        /// Until when it is to be signed.
        until: i64,
        /// When the whole process is over at the latest.
        whole_until: i64,
    }
    /// An invitation ended without a signature.
    InvitationEnded "trust.invitation_ended" Members {
        /// Why.
        ending: Ending,
        /// What the team was told.
        reason: String,
        /// From when it may ask again.
        again_from: i64,
    }
    /// The team signed the rules: it is a candidate.
    CandidacyBegun "trust.candidacy_begun" Public {
        /// When the signature was made.
        signed_at: i64,
        /// Until when it is to be accredited.
        until: i64,
    }
    /// The verifier asks.
    Asked "trust.asked" Team {
        /// The question's number.
        question: u32,
        /// Its text.
        text: String,
    }
    /// The team answers.
    Answered "trust.answered" Team {
        /// The question's number.
        question: u32,
        /// Its text.
        text: String,
    }
    /// The team declares its record complete.
    Completed "trust.completed" Members {
        /// The digest of its record then.
        record: String,
    }
    /// Somebody of the operator has verified the record.
    Verified "trust.verified" Members {
        /// The digest of the record that was verified.
        record: String,
        /// What was found, for the team.
        finding: String,
    }
    /// The team is accredited.
    Accredited "trust.accredited" Public {
        /// When its record is to be confirmed.
        due: i64,
    }
    /// A candidacy ended: the team is listed as before.
    CandidacyEnded "trust.candidacy_ended" Public {
        /// Why.
        ending: Ending,
        /// From when it may ask again.
        again_from: i64,
    }
    /// Those concerned were reminded of a limit.
    Reminded "trust.reminded" Team {
        /// Of which.
        limit: Limit,
        /// Which reminder it was, from 1.
        step: u32,
        /// When the limit is over.
        due: i64,
    }
    /// The team confirmed its record.
    Confirmed "trust.confirmed" Members {
        /// The digest of what it confirmed.
        record: String,
        /// When it is to be confirmed next.
        due: i64,
    }
    /// The confirmation did not come in time.
    Overdue "trust.overdue" Members {
        /// Until when it is waited for.
        grace_until: i64,
    }
    /// The team does not comply any more: it is listed, at level 0.
    FellBack "trust.fell_back" Public {
        /// The board's case, if it decided it; 0: by the rules alone.
        case: u32,
    }
    /// The team is certified.
    Certified "trust.certified" Public {
        /// Until when.
        until: i64,
    }
    /// The certification is over; the team is accredited still.
    CertificationEnded "trust.certification_ended" Public {}
    /// The review board has a case.
    CaseOpened "trust.case_opened" Members {
        /// The case's number, for this team.
        case: u32,
        /// What the board is asked.
        matter: Matter,
        /// How many seconders it needs before a ballot.
        seconders: u32,
    }
    /// Something was put into the case file.
    Filed "trust.filed" Sealed {
        /// The case's number.
        case: u32,
        /// What.
        text: String,
    }
    /// A team seconds a motion.
    Seconded "trust.seconded" Members {
        /// The case's number.
        case: u32,
        /// The team's id.
        seconder: String,
    }
    /// A member of the board declares a conflict of interest.
    Conflicted "trust.conflicted" Sealed {
        /// The case's number.
        case: u32,
        /// The id of the member's team.
        member: String,
        /// Which, for the board.
        reason: String,
    }
    /// The board votes.
    BallotOpened "trust.ballot_opened" Members {
        /// The case's number.
        case: u32,
        /// Until when votes count.
        until: i64,
        /// The ids of the teams on the board, one ballot each.
        roll: Vec<String>,
        /// The quorum: so many of every …
        quorum: u32,
        /// … so many on the roll without a conflict.
        of: u32,
    }
    /// A team of the board casts its ballot.
    Voted "trust.voted" Sealed {
        /// The case's number.
        case: u32,
        /// The team's id.
        voter: String,
        /// For what.
        choice: Choice,
    }
    /// The ballot is closed.
    BallotClosed "trust.ballot_closed" Members {
        /// The case's number.
        case: u32,
        /// What was decided; none: there was no quorum or no majority, and another ballot can be opened.
        outcome: Option<Choice>,
        /// What was cast.
        counts: Vec<Count>,
        /// How many ballots a quorum needed.
        needed: u32,
        /// Whether the case is closed with it.
        closes: bool,
    }
    /// A case was closed without a ballot.
    CaseClosed "trust.case_closed" Members {
        /// The case's number.
        case: u32,
        /// Why.
        reason: String,
    }
    /// The team's standing rests.
    Suspended "trust.suspended" Public {
        /// The board's case; 0: by the operator at once, to be confirmed by the board.
        case: u32,
    }
    /// A suspended team has its standing again.
    Reinstated "trust.reinstated" Public {
        /// When its record is to be confirmed, for an accredited team.
        due: i64,
    }
    /// The team left, or was taken off.
    Withdrawn "trust.withdrawn" Public {
        /// The board's case; 0: the team itself.
        case: u32,
        /// From when it may apply again.
        again_from: i64,
    }
    /// The operator did what the rules alone would not do; it stands in the report to the board.
    Overridden "trust.overridden" Members {
        /// What was overridden.
        deed: String,
        /// Why.
        reason: String,
        /// The limit instead, where a limit was moved; else 0.
        until: i64,
    }
    /// A team got a seat on the review board.
    SeatGiven "trust.seat_given" Public {
        /// The team's id.
        member: String,
    }
    /// Somebody was appointed: to the board, or to the operator's desk.
    RoleGiven "trust.role_given" Members {
        /// The id of the account.
        appointee: String,
        /// The id of its team.
        member: String,
        /// `board` or `introducer`.
        role: String,
    }
    /// An appointment ended.
    RoleTaken "trust.role_taken" Members {
        /// The id of the account.
        appointee: String,
        /// The id of its team.
        member: String,
        /// `board` or `introducer`.
        role: String,
    }
    /// A team's seat on the review board ended.
    SeatTaken "trust.seat_taken" Public {
        /// The team's id.
        member: String,
    }
    /// The clock was ahead and was set right: what is dated later than this entry counts from this entry on.
    ClockSetRight "trust.clock_set_right" Public {
        /// The first entry that is dated later; 0: none is.
        since: i64,
        /// Up to when time had passed.
        until: i64,
        /// What had happened.
        reason: String,
    }
    /// What an entry told was erased; that it was made stays.
    Erased "trust.erased" Public {
        /// The place of that entry.
        entry: i64,
        /// On whose word, and why.
        reason: String,
    }
    /// The owner gives the word: the operation is to be handed over.
    HandOverOrdered "trust.hand_over_ordered" Public {
        /// The name of the next operator.
        operator: String,
        /// The fingerprint of its OpenPGP key, which signs checkpoints from then on.
        key: String,
    }
    /// The owner takes the word back; nobody has taken the operation on it.
    HandOverCancelled "trust.hand_over_cancelled" Public {
        /// Why.
        reason: String,
    }
    /// The operation was handed over: here the record ends, and it goes on with the next operator.
    HandedOver "trust.handed_over" Public {
        /// The name of the next operator.
        operator: String,
        /// The fingerprint of its OpenPGP key.
        key: String,
    }
    /// The next operator has taken the operation: the record goes on here.
    OperationTaken "trust.operation_taken" Public {
        /// Its name.
        operator: String,
        /// The fingerprint of its OpenPGP key.
        key: String,
        /// The fingerprint of the key that signed the hand-over.
        signed_by: String,
    }
}
