//! What users get from updates of the registry; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

mod authorisation;
mod corpus;
mod doors;
mod keys;
mod notices;
mod objects;
mod world;
