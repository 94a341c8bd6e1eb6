//! Asking those who are responsible: all that an incident names, grouped into one mail for each contact.

mod launch;
mod plan;

pub(crate) use launch::clock;
pub use launch::{LaunchOrder, Recipient};
pub use plan::{LeftOut, Plan, PlanOrder, PlannedMail, Preview};
