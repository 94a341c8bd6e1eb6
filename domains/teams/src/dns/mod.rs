//! Proof of a claim by a record of the domain name system: whoever holds a zone can put a line into it that this node
//! has given to their team and to nobody else.
//!
//! ```text
//!  claim ──► challenge: _wardmote-claim.NAME TXT "wardmote-claim=MARK"        MARK: HMAC of team and claim, kept nowhere
//!               │ the team puts it into its zone
//!  asked by the button, then every day ──► resolver ──► there   ──► proof
//!                                                   ──► absent  ──► after some days without it the proof is withdrawn
//!                                                   ──► unknown ──► nothing changes: a resolver that fails proves nothing
//! ```
//!
//! Nothing is asked unless `[directory.dns] resolver` names whom.

mod ask;
mod challenge;
mod config;
mod resolver;

pub use challenge::Challenge;
pub use config::DnsSection;
pub(crate) use resolver::{Answer, Resolver};
