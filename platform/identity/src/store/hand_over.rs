//! What of this crate goes along when the operation of a community is handed over: who people are, and not how they prove
//! it here. Nobody's password, second factor, passkey, token or session leaves; a certificate and an OpenPGP key are
//! public, and log in or sign at the other end as here.

use kit::statements;
use kit::tables::{Kind, Table};

statements! {
    ORGANISATION = "SELECT id, handle, name FROM organisation ORDER BY id";
    PUT_ORGANISATION = "INSERT INTO organisation (id, handle, name) VALUES ($1, $2, $3)";
    ACCOUNT = "SELECT id, organisation, login, name, disabled, created FROM account ORDER BY id";
    PUT_ACCOUNT = "INSERT INTO account (id, organisation, login, name, totp_last_step, disabled, created)
        VALUES ($1, $2, $3, $4, 0, $5, $6)";
    // Who keeps the node is the other node's own business.
    ACCOUNT_ROLE = "SELECT account, role FROM account_role WHERE role <> 'node-admin' ORDER BY account, role";
    PUT_ACCOUNT_ROLE = "INSERT INTO account_role (account, role) VALUES ($1, $2)";
    CERTIFICATE = "SELECT fingerprint, account, subject, issuer, serial, not_before, not_after, added, withdrawn, last_used
        FROM account_certificate ORDER BY fingerprint";
    PUT_CERTIFICATE = "INSERT INTO account_certificate (fingerprint, account, subject, issuer, serial, not_before, not_after,
        added, withdrawn, last_used) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    OPENPGP = "SELECT account, fingerprint, names, added FROM account_openpgp ORDER BY account, fingerprint";
    PUT_OPENPGP = "INSERT INTO account_openpgp (account, fingerprint, names, added) VALUES ($1, $2, $3, $4)";
}

/// The tables, each after those that it refers to.
pub const TABLES: &[Table] = &[
    Table {
        name: "organisation",
        columns: &[("id", Kind::Id), ("handle", Kind::Text), ("name", Kind::Text)],
        select: ORGANISATION,
        insert: PUT_ORGANISATION,
    },
    Table {
        name: "account",
        columns: &[
            ("id", Kind::Id),
            ("organisation", Kind::Id),
            ("login", Kind::Text),
            ("name", Kind::Text),
            ("disabled", Kind::Bool),
            ("created", Kind::Int),
        ],
        select: ACCOUNT,
        insert: PUT_ACCOUNT,
    },
    Table {
        name: "account_role",
        columns: &[("account", Kind::Id), ("role", Kind::Text)],
        select: ACCOUNT_ROLE,
        insert: PUT_ACCOUNT_ROLE,
    },
    Table {
        name: "account_certificate",
        columns: &[
            ("fingerprint", Kind::Bytes),
            ("account", Kind::Id),
            ("subject", Kind::Text),
            ("issuer", Kind::Text),
            ("serial", Kind::Text),
            ("not_before", Kind::Int),
            ("not_after", Kind::Int),
            ("added", Kind::Int),
            ("withdrawn", Kind::Int),
            ("last_used", Kind::Int),
        ],
        select: CERTIFICATE,
        insert: PUT_CERTIFICATE,
    },
    Table {
        name: "account_openpgp",
        columns: &[
            ("account", Kind::Id),
            ("fingerprint", Kind::Text),
            ("names", Kind::Text),
            ("added", Kind::Int),
        ],
        select: OPENPGP,
        insert: PUT_OPENPGP,
    },
];
