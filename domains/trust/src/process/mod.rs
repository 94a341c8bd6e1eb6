//! The process of trust as a state machine: pure, without input or output, without a clock.
//!
//! ```text
//!  command ─┐                                            ┌─► entries of the record ─► apply ─► the next State
//!  State  ──┼─► decide (rules, facts, who, when) ────────┤
//!  time   ──┘   tick   (rules, when)                     └─► or Refused: why, and what to do
//! ```

mod apply;
pub mod ballot;
pub mod checklist;
pub mod clock;
mod command;
mod decide;
mod length;
mod possible;
mod rules;
mod state;
#[cfg(test)]
mod tests;
mod ticks;

pub use command::{Acceptance, Assessed, Command, Facts, Join, Judge, Operate, Refused, Represent, Step};
pub use decide::{Asked, decide};
pub use length::Length;
pub use possible::{Possible, possible};
pub use rules::{OnLapse, Paragraph, Rules};
pub use state::{
    Accreditation, Basis, Candidacy, Case, Certification, Deadline, Invitation, Listing, Phase, Signed,
    Stage, State, Verification,
};
pub use ticks::{next_at, tick};
