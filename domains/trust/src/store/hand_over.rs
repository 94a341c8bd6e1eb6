//! The tables of this crate that go along when the operation of a community is handed over; the record itself travels as its
//! export.

use kit::tables::{Cell, Kind, Rows, Table};
use kit::{Read, Result, params, statements};

statements! {
    TEAM = "SELECT team, number, state, phase, next_at, updated FROM trust_team ORDER BY team";
    PUT_TEAM = "INSERT INTO trust_team (team, number, state, phase, next_at, updated)
        VALUES ($1, $2, $3, $4, $5, $6)";
    ENTRY = "SELECT position, team, number, at, kind, audience FROM trust_entry ORDER BY position";
    PUT_ENTRY = "INSERT INTO trust_entry (position, team, number, at, kind, audience)
        VALUES ($1, $2, $3, $4, $5, $6)";
    SEAT = "SELECT team, since FROM trust_seat ORDER BY team";
    PUT_SEAT = "INSERT INTO trust_seat (team, since)
        VALUES ($1, $2)";
    CLOCK = "SELECT name, at FROM trust_clock ORDER BY name";
    PUT_CLOCK = "INSERT INTO trust_clock (name, at)
        VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at = $2";
    LETTER = "SELECT position, recipient, team, subject, protection, at
        FROM trust_letter ORDER BY position, recipient";
    PUT_LETTER = "INSERT INTO trust_letter (position, recipient, team, subject, protection, at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    CHECKPOINT = "SELECT position, at, text, signature FROM trust_checkpoint ORDER BY position";
    PUT_CHECKPOINT = "INSERT INTO trust_checkpoint (position, at, text, signature)
        VALUES ($1, $2, $3, $4)";
    DRILL = "SELECT id, reason, scope, started_at, started_by, deadline_at FROM trust_drill ORDER BY id";
    PUT_DRILL = "INSERT INTO trust_drill (id, reason, scope, started_at, started_by, deadline_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    DRILL_CHECK = "SELECT id, drill, team, channel, address, protection, token, state, asked_at, answered_at,
        answered_by, failure FROM trust_drill_check ORDER BY id";
    PUT_DRILL_CHECK = "INSERT INTO trust_drill_check (id, drill, team, channel, address, protection, token,
        state, asked_at, answered_at, answered_by, failure)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    ASSESSMENT = "SELECT id, team, model, profile, levels, begun_at, begun_by, finished_at, finished_by, version
        FROM trust_assessment ORDER BY id";
    PUT_ASSESSMENT = "INSERT INTO trust_assessment (id, team, model, profile, levels, begun_at, begun_by,
        finished_at, finished_by, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    CONDUCT = "SELECT version, title, bytes, digest, published_at, published_by
        FROM trust_conduct ORDER BY version";
    PUT_CONDUCT = "INSERT INTO trust_conduct (version, title, bytes, digest, published_at, published_by)
        VALUES ($1, $2, $3, $4, $5, $6)";
    DECLARATION = "SELECT team, version, declared_at, declared_by, signature, fingerprint, verdict
        FROM trust_declaration ORDER BY team, version";
    PUT_DECLARATION = "INSERT INTO trust_declaration (team, version, declared_at, declared_by, signature,
        fingerprint, verdict)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    PERSON = "SELECT id, name, email, about, account, team, nominator, nominator_team, state, since,
        nominated_at, asked_at, consented_at, approved_at, deadline_at, approved_by, before, seen_at, token,
        version FROM trust_person ORDER BY id";
    PUT_PERSON = "INSERT INTO trust_person (id, name, email, about, account, team, nominator, nominator_team,
        state, since, nominated_at, asked_at, consented_at, approved_at, deadline_at, approved_by, before,
        seen_at, token, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
    VOUCH = "SELECT person, account, team, attestations, comment, given_at
        FROM trust_vouch ORDER BY person, account";
    PUT_VOUCH = "INSERT INTO trust_vouch (person, account, team, attestations, comment, given_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    OBJECTION = "SELECT id, person, sealed, raised_at, outcome, decided_at, decided_by
        FROM trust_objection ORDER BY id";
    PUT_OBJECTION = "INSERT INTO trust_objection (id, person, sealed, raised_at, outcome, decided_at, decided_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";

    STRANGER = "SELECT id, state, told, email, peer, token, at, until, decided_by, reason, team, account
        FROM trust_stranger ORDER BY id";
    PUT_STRANGER = "INSERT INTO trust_stranger (id, state, told, email, peer, token, at, until, decided_by, reason, team,
        account) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

    LAST_WORD = "SELECT position FROM trust_entry WHERE team = $1 AND kind IN ('trust.hand_over_ordered',
        'trust.hand_over_cancelled', 'trust.handed_over', 'trust.operation_taken') ORDER BY position DESC LIMIT 1";
    IS_USED = "SELECT (SELECT count(*) FROM organisation) + (SELECT count(*) FROM account) + (SELECT count(*) FROM team)
        + (SELECT count(*) FROM trust_entry) + (SELECT count(*) FROM pki_authority)";
}

/// The tables, each after those that it refers to.
pub const TABLES: &[Table] = &[
    Table {
        name: "trust_team",
        columns: &[
            ("team", Kind::Id),
            ("number", Kind::Int),
            ("state", Kind::Text),
            ("phase", Kind::Text),
            ("next_at", Kind::Int),
            ("updated", Kind::Int),
        ],
        select: TEAM,
        insert: PUT_TEAM,
    },
    Table {
        name: "trust_entry",
        columns: &[
            ("position", Kind::Int),
            ("team", Kind::Id),
            ("number", Kind::Int),
            ("at", Kind::Int),
            ("kind", Kind::Text),
            ("audience", Kind::Text),
        ],
        select: ENTRY,
        insert: PUT_ENTRY,
    },
    Table {
        name: "trust_seat",
        columns: &[("team", Kind::Id), ("since", Kind::Int)],
        select: SEAT,
        insert: PUT_SEAT,
    },
    Table {
        name: "trust_clock",
        columns: &[("name", Kind::Text), ("at", Kind::Int)],
        select: CLOCK,
        insert: PUT_CLOCK,
    },
    Table {
        name: "trust_letter",
        columns: &[
            ("position", Kind::Int),
            ("recipient", Kind::Text),
            ("team", Kind::Id),
            ("subject", Kind::Text),
            ("protection", Kind::Text),
            ("at", Kind::Int),
        ],
        select: LETTER,
        insert: PUT_LETTER,
    },
    Table {
        name: "trust_checkpoint",
        columns: &[
            ("position", Kind::Int),
            ("at", Kind::Int),
            ("text", Kind::Text),
            ("signature", Kind::Text),
        ],
        select: CHECKPOINT,
        insert: PUT_CHECKPOINT,
    },
    Table {
        name: "trust_drill",
        columns: &[
            ("id", Kind::Id),
            ("reason", Kind::Text),
            ("scope", Kind::Text),
            ("started_at", Kind::Int),
            ("started_by", Kind::Text),
            ("deadline_at", Kind::Int),
        ],
        select: DRILL,
        insert: PUT_DRILL,
    },
    Table {
        name: "trust_drill_check",
        columns: &[
            ("id", Kind::Id),
            ("drill", Kind::Id),
            ("team", Kind::Id),
            ("channel", Kind::Text),
            ("address", Kind::Text),
            ("protection", Kind::Text),
            ("token", Kind::Bytes),
            ("state", Kind::Text),
            ("asked_at", Kind::Int),
            ("answered_at", Kind::Int),
            ("answered_by", Kind::Text),
            ("failure", Kind::Text),
        ],
        select: DRILL_CHECK,
        insert: PUT_DRILL_CHECK,
    },
    Table {
        name: "trust_assessment",
        columns: &[
            ("id", Kind::Id),
            ("team", Kind::Id),
            ("model", Kind::Text),
            ("profile", Kind::Text),
            ("levels", Kind::Text),
            ("begun_at", Kind::Int),
            ("begun_by", Kind::Text),
            ("finished_at", Kind::Int),
            ("finished_by", Kind::Text),
            ("version", Kind::Int),
        ],
        select: ASSESSMENT,
        insert: PUT_ASSESSMENT,
    },
    Table {
        name: "trust_conduct",
        columns: &[
            ("version", Kind::Int),
            ("title", Kind::Text),
            ("bytes", Kind::Bytes),
            ("digest", Kind::Bytes),
            ("published_at", Kind::Int),
            ("published_by", Kind::Text),
        ],
        select: CONDUCT,
        insert: PUT_CONDUCT,
    },
    Table {
        name: "trust_declaration",
        columns: &[
            ("team", Kind::Id),
            ("version", Kind::Int),
            ("declared_at", Kind::Int),
            ("declared_by", Kind::Text),
            ("signature", Kind::Text),
            ("fingerprint", Kind::Text),
            ("verdict", Kind::Text),
        ],
        select: DECLARATION,
        insert: PUT_DECLARATION,
    },
    Table {
        name: "trust_person",
        columns: &[
            ("id", Kind::Id),
            ("name", Kind::Text),
            ("email", Kind::Text),
            ("about", Kind::Text),
            ("account", Kind::Id),
            ("team", Kind::Id),
            ("nominator", Kind::Id),
            ("nominator_team", Kind::Id),
            ("state", Kind::Text),
            ("since", Kind::Int),
            ("nominated_at", Kind::Int),
            ("asked_at", Kind::Int),
            ("consented_at", Kind::Int),
            ("approved_at", Kind::Int),
            ("deadline_at", Kind::Int),
            ("approved_by", Kind::Id),
            ("before", Kind::Text),
            ("seen_at", Kind::Int),
            ("token", Kind::Bytes),
            ("version", Kind::Int),
        ],
        select: PERSON,
        insert: PUT_PERSON,
    },
    Table {
        name: "trust_stranger",
        columns: &[
            ("id", Kind::Id),
            ("state", Kind::Text),
            ("told", Kind::Text),
            ("email", Kind::Text),
            ("peer", Kind::Text),
            ("token", Kind::Bytes),
            ("at", Kind::Int),
            ("until", Kind::Int),
            ("decided_by", Kind::Text),
            ("reason", Kind::Text),
            ("team", Kind::Id),
            ("account", Kind::Id),
        ],
        select: STRANGER,
        insert: PUT_STRANGER,
    },
    Table {
        name: "trust_vouch",
        columns: &[
            ("person", Kind::Id),
            ("account", Kind::Id),
            ("team", Kind::Id),
            ("attestations", Kind::Text),
            ("comment", Kind::Text),
            ("given_at", Kind::Int),
        ],
        select: VOUCH,
        insert: PUT_VOUCH,
    },
    Table {
        name: "trust_objection",
        columns: &[
            ("id", Kind::Id),
            ("person", Kind::Id),
            ("sealed", Kind::Sealed(objection)),
            ("raised_at", Kind::Int),
            ("outcome", Kind::Text),
            ("decided_at", Kind::Int),
            ("decided_by", Kind::Text),
        ],
        select: OBJECTION,
        insert: PUT_OBJECTION,
    },
];

fn objection(rows: &Rows, row: &[Cell]) -> String {
    rows.id(row, "id").map(crate::people::purpose).unwrap_or_default()
}

/// The place of the last entry about a hand-over.
pub(crate) fn last_word(c: &Read<'_>) -> Result<Option<i64>> {
    c.query_opt(LAST_WORD, params![identity::NO_TEAM], |row| row.get(0))
}

/// Whether somebody has begun to work with this node.
pub(crate) fn is_used(c: &Read<'_>) -> Result<bool> {
    Ok(c.query_one(IS_USED, &[], |row| row.get::<i64>(0))? > 0)
}
