//! Queries on port 43 (RFC 3912), as the RIPE database has them: flags, errors with their numbers, `%` lines.
//!
//! ```text
//! serve      connections: how many, from where, until when
//! session    one connection: lines in, answers out; persistent, pipelined, bulk
//! limits     how much personal data a client has had today
//! service    one query: out of memory on the spot, else with the database
//! request    what a query wants, in our terms
//! answer     from a request to the text of its answer
//! memory     objects ready to print, kept while they are asked for
//! words      what the server says beside objects
//! ```
//!
//! Everything that an answer needs is in memory most of the time; then it is put together on the connection's own task
//! and no thread is changed. When something is missing the whole answer is made once more on a thread of the database.

mod answer;
mod config;
mod limits;
mod memory;
mod request;
mod serve;
mod service;
mod session;
#[cfg(test)]
mod tests;
mod words;

pub use config::{Config, Section};
pub use limits::Limits;
pub(crate) use memory::Memory;
pub use serve::{listen, serve};
