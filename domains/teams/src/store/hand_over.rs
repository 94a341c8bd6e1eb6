//! What of this crate goes along when the operation of a community is handed over: the register of teams. Desks, their
//! mailboxes and their secret keys stay: they are those teams' own business, not the community's.

use kit::tables::{Kind, Table};
use kit::{Result, Write, statements};

statements! {
    TEAM = "SELECT id, record, irt, updated FROM team ORDER BY id";
    PUT_TEAM = "INSERT INTO team (id, record, irt, desk, updated) VALUES ($1, $2, $3, FALSE, $4)";
    STATUS = "SELECT team, status, since FROM team_status ORDER BY team";
    PUT_STATUS = "INSERT INTO team_status (team, status, since) VALUES ($1, $2, $3)";
    STATED = "SELECT team, status, since FROM team_stated ORDER BY team";
    PUT_STATED = "INSERT INTO team_stated (team, status, since) VALUES ($1, $2, $3)";
    NETWORK = "SELECT team, first, last FROM team_network ORDER BY team, first, last";
    PUT_NETWORK = "INSERT INTO team_network (team, first, last) VALUES ($1, $2, $3)";
    KEY = "SELECT team, fingerprint, armored, added, withdrawn FROM team_key ORDER BY team, fingerprint";
    PUT_KEY = "INSERT INTO team_key (team, fingerprint, armored, added, withdrawn) VALUES ($1, $2, $3, $4, $5)";
    PROOF = "SELECT team, claim_kind, claim, kind, found, by_whom, evidence, missing, certificate FROM team_proof
        ORDER BY team, claim_kind, claim, kind";
    PUT_PROOF = "INSERT INTO team_proof (team, claim_kind, claim, kind, found, by_whom, evidence, missing, certificate)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    REFUSED = "SELECT team, claim_kind, claim, kind, since FROM team_proof_refused
        ORDER BY team, claim_kind, claim, kind";
    PUT_REFUSED = "INSERT INTO team_proof_refused (team, claim_kind, claim, kind, since) VALUES ($1, $2, $3, $4, $5)";
    DESCRIPTION = "SELECT team, text, signed, is_clear, fingerprint, added FROM team_description ORDER BY team";
    PUT_DESCRIPTION = "INSERT INTO team_description (team, text, signed, is_clear, fingerprint, added)
        VALUES ($1, $2, $3, $4, $5, $6)";
}

/// The tables, each after those that it refers to.
pub const TABLES: &[Table] = &[
    Table {
        name: "team",
        columns: &[("id", Kind::Id), ("record", Kind::Text), ("irt", Kind::Text), ("updated", Kind::Int)],
        select: TEAM,
        insert: PUT_TEAM,
    },
    Table {
        name: "team_status",
        columns: &[("team", Kind::Id), ("status", Kind::Text), ("since", Kind::Int)],
        select: STATUS,
        insert: PUT_STATUS,
    },
    Table {
        name: "team_stated",
        columns: &[("team", Kind::Id), ("status", Kind::Text), ("since", Kind::Int)],
        select: STATED,
        insert: PUT_STATED,
    },
    Table {
        name: "team_network",
        columns: &[("team", Kind::Id), ("first", Kind::Bytes), ("last", Kind::Bytes)],
        select: NETWORK,
        insert: PUT_NETWORK,
    },
    Table {
        name: "team_key",
        columns: &[
            ("team", Kind::Id),
            ("fingerprint", Kind::Text),
            ("armored", Kind::Text),
            ("added", Kind::Int),
            ("withdrawn", Kind::Int),
        ],
        select: KEY,
        insert: PUT_KEY,
    },
    Table {
        name: "team_proof",
        columns: &[
            ("team", Kind::Id),
            ("claim_kind", Kind::Text),
            ("claim", Kind::Text),
            ("kind", Kind::Text),
            ("found", Kind::Int),
            ("by_whom", Kind::Text),
            ("evidence", Kind::Text),
            ("missing", Kind::Int),
            ("certificate", Kind::Bytes),
        ],
        select: PROOF,
        insert: PUT_PROOF,
    },
    Table {
        name: "team_proof_refused",
        columns: &[
            ("team", Kind::Id),
            ("claim_kind", Kind::Text),
            ("claim", Kind::Text),
            ("kind", Kind::Text),
            ("since", Kind::Int),
        ],
        select: REFUSED,
        insert: PUT_REFUSED,
    },
    Table {
        name: "team_description",
        columns: &[
            ("team", Kind::Id),
            ("text", Kind::Bytes),
            ("signed", Kind::Bytes),
            ("is_clear", Kind::Bool),
            ("fingerprint", Kind::Text),
            ("added", Kind::Int),
        ],
        select: DESCRIPTION,
        insert: PUT_DESCRIPTION,
    },
];

/// Notes that another part of the program has put teams into these tables: every node that runs reads them anew.
///
/// # Errors
/// The database refuses it.
pub fn touched(tx: &Write<'_>) -> Result<()> {
    tx.execute(super::BUMP, &[]).map(drop)
}
