//! What keeps trust up between decisions, through the router, on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

mod conduct;
mod drill;
mod maturity;
mod people;
mod stranger;
mod world;
