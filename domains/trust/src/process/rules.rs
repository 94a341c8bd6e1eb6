//! The numbers of the rules, all of them configurable, and the paragraphs that entries of the record name.

use kit::{Error, Result};
use serde::{Deserialize, Serialize};

use super::Length;

/// What happens when a confirmation did not come within its grace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnLapse {
    /// The team falls back to level 0.
    FallBack,
    /// The review board decides; meanwhile the team keeps its standing.
    Review,
}

/// The section `[trust.rules]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// How many teams of the community must sponsor an application.
    pub sponsors: u32,
    /// How long the community is consulted.
    pub consultation: Length,
    /// How many teams must support an application; one objection suffices against it.
    pub supports: u32,
    /// How long a team has to fill in the data of its application.
    pub listing_data: Length,
    /// After so many rejections in a row a team applies only by the board's leave.
    pub rejections: u32,
    /// How long a rejected team waits before it may apply again.
    pub reapply: Length,
    /// How long a team that left, or was taken off, waits before it may apply again.
    pub reapply_withdrawn: Length,
    /// How long a team has to sign the rules of the community.
    pub acceptance: Length,
    /// How old a signature may be when it comes in.
    pub signature_age: Length,
    /// How long a candidate has to complete its record and be verified.
    pub completion: Length,
    /// How long invitation and candidacy take together at most.
    pub whole: Length,
    /// How long a team whose candidacy ended waits before it may ask again.
    pub reinvite: Length,
    /// How often an accredited team confirms its record.
    pub confirmation: Length,
    /// How long a confirmation that did not come is waited for.
    pub grace: Length,
    /// What happens then.
    pub on_lapse: OnLapse,
    /// How long before the end of a limit those concerned are reminded, the longest first.
    pub reminders: Vec<Length>,
    /// Nothing lapses sooner than this after the last reminder, whatever the clock or the node did meanwhile.
    pub notice: Length,
    /// How long a certification lasts.
    pub certification: Length,
    /// How long a team must have been accredited before it can ask for it.
    pub certification_after: Length,
    /// How long before its end a certification can be renewed.
    pub recertification: Length,
    /// How many teams must second a motion, besides the one that proposes it.
    pub seconders: u32,
    /// How long the board votes.
    pub ballot: Length,
    /// The quorum: so many …
    pub quorum: u32,
    /// … of every so many teams on the board that have no conflict of interest.
    pub quorum_of: u32,
    /// How soon the operator should take its next step; only the report tells of it.
    pub operator_step: Length,
    /// Items of the checklist that are not asked for here, by their names.
    pub not_asked: Vec<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            sponsors: 2,
            consultation: Length::weeks(3),
            supports: 2,
            listing_data: Length::weeks(4),
            rejections: 3,
            reapply: Length::days(0),
            reapply_withdrawn: Length::months(6),
            acceptance: Length::weeks(4),
            signature_age: Length::weeks(2),
            completion: Length::months(3),
            whole: Length::months(4),
            reinvite: Length::weeks(4),
            confirmation: Length::months(4),
            grace: Length::weeks(4),
            on_lapse: OnLapse::FallBack,
            reminders: vec![Length::weeks(3), Length::weeks(1), Length::days(2)],
            notice: Length::days(2),
            certification: Length::years(3),
            certification_after: Length::months(8),
            recertification: Length::months(12),
            seconders: 2,
            ballot: Length::weeks(2),
            quorum: 1,
            quorum_of: 2,
            operator_step: Length::days(2),
            not_asked: Vec::new(),
        }
    }
}

impl Rules {
    /// Finds what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        let wrong = |key: &str, why: &str| Err(Error::invalid(format!("[trust.rules] {key}"), why));
        if self.quorum == 0 || self.quorum > self.quorum_of {
            return wrong("quorum", "it is a part of quorum_of: 1 and 2 mean every second team");
        }
        if self.rejections == 0 {
            return wrong("rejections", "a team must be able to apply: take 1 or more");
        }
        if self.reminders.len() > 20 {
            return wrong("reminders", "more than 20 reminders help nobody");
        }
        if !self.reminders.is_sorted_by(|a, b| a.after(0) > b.after(0)) {
            return wrong("reminders", "write the longest first");
        }
        match self.not_asked.iter().find(|name| !super::checklist::NAMES.contains(&name.as_str())) {
            Some(name) => {
                let known = super::checklist::NAMES.join(", ");
                wrong("not_asked", &format!("{name:?} is no item of the checklist; there are {known}"))
            }
            None => Ok(()),
        }
    }
}

macro_rules! paragraphs {
    ($($(#[$meta:meta])* $name:ident $number:literal $text:literal;)*) => {
        /// A paragraph of our rules. Entries of the record name the one under which they were made.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Paragraph { $(#[doc = $text] $name,)* }

        impl Paragraph {
            /// All of them in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its number, as the record has it.
            pub const fn number(self) -> &'static str {
                match self { $(Self::$name => $number),* }
            }

            /// What it says.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

paragraphs! {
    TakenOver "0.1" "A standing from before this record is taken over once, with its source stated.";
    Override "0.2" "The operator may move a limit or act at once with a reason; it stands in the report to the board.";
    HandOver "0.3" "The owner's word hands the operation over; the record goes on with the next operator.";
    Erasure "0.4" "What an entry tells is erased when nothing rests on it; by whom and why stays in the record.";
    Clock "0.5" "A clock that was ahead is set right: limits that began in that time begin anew, and no standing changes.";
    Known "1.1" "The operator lists a team that it knows; the source is stated and the team is told.";
    Application "1.2" "A team applies with sponsors from the community.";
    ListingRules "1.3" "An applicant signs the rules of the community, in time.";
    ListingData "1.4" "An applicant fills in its record, in time.";
    Consultation "1.5" "The community is consulted: enough supports and no objection; objections are sealed.";
    Rejection "1.6" "A rejected team may apply again; after too many rejections in a row by the board's leave.";
    Invitation "2.1" "A listed team asks, or is asked, and gets the invitation package.";
    Acceptance "2.2" "The team signs the exact document, in time, with a good key of its record or certificate of its people.";
    Completion "2.3" "A candidate completes its record, in time.";
    Verification "2.4" "Somebody of the operator who is not of the team verifies the record, with questions and answers.";
    Accreditation "2.5" "Accreditation needs the signature, the complete record and its verification.";
    Confirmation "3.1" "An accredited team confirms its record regularly, after reminders, within a grace.";
    FallBack "3.2" "A team that does not comply falls back to level 0.";
    Certification "3.3" "A team in good standing for long enough may be certified by the board, for some years.";
    Departure "3.4" "A team may leave at any time.";
    Review "4.1" "Special review: the board decides on a case file.";
    Ballot "4.2" "One ballot for each team on the board, in time; who has a conflict of interest does not vote.";
    Motion "4.3" "A team proposes, others second, the board votes on a suspension.";
    Reinstatement "4.4" "The board gives a suspended team its standing back.";
    Seats "4.5" "The owner of the community gives and takes seats on the board.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_as_shipped_are_in_order_and_wrong_ones_are_named() {
        assert!(Rules::default().check().is_ok());
        let wrong = [
            Rules { quorum: 3, quorum_of: 2, ..Rules::default() },
            Rules { rejections: 0, ..Rules::default() },
            Rules { reminders: vec![Length::days(1), Length::days(2)], ..Rules::default() },
            Rules { not_asked: vec!["colour".into()], ..Rules::default() },
        ];
        assert!(wrong.iter().all(|rules| rules.check().is_err()));
    }
}
