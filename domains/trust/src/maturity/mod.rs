//! What teams say of their own maturity: a level from 0 to 4 for each parameter of a model, with its history, held
//! against profiles and against peers.
//!
//! Model and profiles are data (`data/sim3.json`, `data/profiles/`): ids and titles of parameters are facts, the texts that
//! explain them belong to their authors and are not here. A community loads its own by `[trust.maturity]`.
//!
//! Levels and notes are for the team alone. Of others it sees quartiles, and those only where at least
//! [`ENOUGH`](peers::ENOUGH) other teams stand behind them.

mod api;
mod assessment;
pub mod catalogue;
mod chart;
mod edit;
pub mod peers;
mod store;
mod use_cases;
mod web;

pub(crate) use api::api;
pub use assessment::{Answer, Assessment, Levels};
pub use catalogue::{Catalogue, Model, Profile, Sources};
pub(crate) use store::STATEMENTS;
pub(crate) use web::routes;
