//! The operation handed over to another operator: the owner gives the word, the old operator writes the hand-over, the next
//! one verifies and takes it, and the record goes on in the same chain.
//!
//! ```text
//!  owner ──word──► record       order_hand_over            who operates next, and with which key
//!  old node ─────► folder       export: HandedOver closes the record; checkpoint; tables, record, events, documents,
//!                               letters; MANIFEST last, signed; encrypted to the next operator's key
//!  anybody ──────► verify       no node needed: signature, every file, chain, replay, checkpoints, documents
//!  new node ─────► take         verified first, all or nothing; OperationTaken is the next entry of the same chain
//! ```
//!
//! What a community is goes along: [`tables`]. What is a node's or a team's own stays: [`STAYS`]. What is sealed is opened at
//! one end and sealed anew at the other, so a hand-over is as secret as both.

pub mod cli;
mod export;
mod folder;
pub mod manifest;
mod take;
mod verify;
mod word;

use kit::tables::Table;
use serde::{Deserialize, Serialize};

pub use export::Exported;
pub use folder::{In, Out};
pub use take::Taken;
pub use verify::{Verified, verify};
pub(crate) use word::must_be_here;
pub use word::{Next, Word};

use crate::record::file::Row;
use crate::store;

/// The tables that go along, each after those that it refers to.
pub fn tables() -> Vec<Table> {
    let own = store::hand_over::TABLES;
    [identity::HANDED_OVER, &[mail::queue::LETTERS], pki::HANDED_OVER, teams::HANDED_OVER, own].concat()
}

/// Tables of these crates that stay where they are, and why.
pub const STAYS: &[(&str, &str)] = &[
    ("recovery_code", "proves a person to the old node alone"),
    ("session", "of the old node"),
    ("pki_own", "the old node's own certificate and its key"),
    ("api_token", "proves a program to the old node alone"),
    ("one_time_login", "proves a person to the old node alone"),
    ("login_throttle", "of the old node"),
    ("passkey", "bound to the name of the old node"),
    ("ceremony", "runs for minutes"),
    ("kept_form", "sealed for a browser, for an hour"),
    ("account_recovery", "runs for hours"),
    ("institute_account", "an institute names people differently to every node"),
    ("team_mailbox", "of a desk, which stays"),
    ("team_secret_key", "of a desk, which stays; the next operator signs with its own"),
    ("acme_order", "ordered again when it is needed"),
    ("acme_authorization", "of an order"),
    ("acme_nonce", "lasts an hour"),
    ("pki_version", "counts the old node's changes"),
    ("team_version", "counts the old node's changes"),
];

/// Streams of events that go along beside the record of trust: a name, and all that begin with it and a colon.
const STREAMS: [&str; 6] = ["acme", "conduct", "drill", "person", "pki", "team"];

const RECORD: &str = "record.jsonl";
const EVENTS: &str = "events.jsonl";
const CHECKPOINT: &str = "checkpoint.txt";
const OPERATOR: &str = "operator.asc";
const LOST: &str = "lost.txt";
const READ_ME: &str = "read-me.txt";

fn table_file(name: &str) -> String {
    format!("tables/{name}.jsonl")
}

fn blob_file(digest: &str) -> String {
    format!("blobs/{digest}")
}

/// An event of another stream than the record's, in the file of events.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    stream: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    team: Option<String>,
    event: Row,
}

/// Whether `stream` is one of those that go along.
fn goes_along(stream: &str) -> bool {
    STREAMS
        .iter()
        .any(|name| stream.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')))
}
