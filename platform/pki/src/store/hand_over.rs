//! What of this crate goes along when the operation of a community is handed over: the authorities' certificates and lists,
//! and all that was issued. An authority that issued here issues nothing at the other end: it is followed by one that the
//! root signs there.

use kit::statements;
use kit::tables::{Cell, Kind, Rows, Table};

statements! {
    // One that waits for its certificate is asked for anew at the other end.
    AUTHORITY = "SELECT id, name, kind,
        CASE WHEN kind = 'issuing' AND state = 'active' THEN 'retired' ELSE state END, certificate, key_sealed,
        crl, crl_number, crl_until, added FROM pki_authority WHERE certificate IS NOT NULL ORDER BY added, name";
    PUT_AUTHORITY = "INSERT INTO pki_authority (id, name, kind, state, certificate, key_sealed, crl,
        crl_number, crl_until, added)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    CERTIFICATE = "SELECT fingerprint, authority, serial, purpose, organisation, account, subject, names,
        key_digest, not_before, not_after, certificate, issued, notify, revoked, reason, held, reminded
        FROM pki_certificate ORDER BY fingerprint";
    PUT_CERTIFICATE = "INSERT INTO pki_certificate (fingerprint, authority, serial, purpose, organisation,
        account, subject, names, key_digest, not_before, not_after, certificate, issued, notify, revoked,
        reason, held, reminded)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
    TRUSTED = "SELECT fingerprint, name, certificate, crl, crl_from, crl_until, crl_url, without_crl, added,
        serves FROM pki_trusted ORDER BY fingerprint";
    PUT_TRUSTED = "INSERT INTO pki_trusted (fingerprint, name, certificate, crl, crl_from, crl_until, crl_url,
        without_crl, added, serves)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    ACME_CREDENTIAL = "SELECT kid, organisation, label, sealed, made, made_by, expires, withdrawn
        FROM acme_credential ORDER BY kid";
    PUT_ACME_CREDENTIAL = "INSERT INTO acme_credential (kid, organisation, label, sealed, made, made_by,
        expires, withdrawn)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    ACME_ACCOUNT = "SELECT id, organisation, credential, thumbprint, jwk, contact, status, created
        FROM acme_account ORDER BY id";
    PUT_ACME_ACCOUNT = "INSERT INTO acme_account (id, organisation, credential, thumbprint, jwk, contact,
        status, created)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
}

/// The tables, each after those that it refers to.
pub const TABLES: &[Table] = &[
    Table {
        name: "pki_authority",
        columns: &[
            ("id", Kind::Id),
            ("name", Kind::Text),
            ("kind", Kind::Text),
            ("state", Kind::Text),
            ("certificate", Kind::Bytes),
            ("key_sealed", Kind::Sealed(authority_key)),
            ("crl", Kind::Bytes),
            ("crl_number", Kind::Int),
            ("crl_until", Kind::Int),
            ("added", Kind::Int),
        ],
        select: AUTHORITY,
        insert: PUT_AUTHORITY,
    },
    Table {
        name: "pki_certificate",
        columns: &[
            ("fingerprint", Kind::Bytes),
            ("authority", Kind::Id),
            ("serial", Kind::Text),
            ("purpose", Kind::Text),
            ("organisation", Kind::Id),
            ("account", Kind::Id),
            ("subject", Kind::Text),
            ("names", Kind::Text),
            ("key_digest", Kind::Bytes),
            ("not_before", Kind::Int),
            ("not_after", Kind::Int),
            ("certificate", Kind::Bytes),
            ("issued", Kind::Int),
            ("notify", Kind::Text),
            ("revoked", Kind::Int),
            ("reason", Kind::Int),
            ("held", Kind::Int),
            ("reminded", Kind::Int),
        ],
        select: CERTIFICATE,
        insert: PUT_CERTIFICATE,
    },
    Table {
        name: "pki_trusted",
        columns: &[
            ("fingerprint", Kind::Bytes),
            ("name", Kind::Text),
            ("certificate", Kind::Bytes),
            ("crl", Kind::Bytes),
            ("crl_from", Kind::Int),
            ("crl_until", Kind::Int),
            ("crl_url", Kind::Text),
            ("without_crl", Kind::Text),
            ("added", Kind::Int),
            ("serves", Kind::Text),
        ],
        select: TRUSTED,
        insert: PUT_TRUSTED,
    },
    Table {
        name: "acme_credential",
        columns: &[
            ("kid", Kind::Text),
            ("organisation", Kind::Id),
            ("label", Kind::Text),
            ("sealed", Kind::Sealed(acme_key)),
            ("made", Kind::Int),
            ("made_by", Kind::Text),
            ("expires", Kind::Int),
            ("withdrawn", Kind::Int),
        ],
        select: ACME_CREDENTIAL,
        insert: PUT_ACME_CREDENTIAL,
    },
    Table {
        name: "acme_account",
        columns: &[
            ("id", Kind::Id),
            ("organisation", Kind::Id),
            ("credential", Kind::Text),
            ("thumbprint", Kind::Text),
            ("jwk", Kind::Text),
            ("contact", Kind::Text),
            ("status", Kind::Text),
            ("created", Kind::Int),
        ],
        select: ACME_ACCOUNT,
        insert: PUT_ACME_ACCOUNT,
    },
];

fn authority_key(rows: &Rows, row: &[Cell]) -> String {
    rows.id(row, "id").map(crate::state::purpose).unwrap_or_default()
}

fn acme_key(rows: &Rows, row: &[Cell]) -> String {
    crate::acme::purpose(rows.text(row, "kid"))
}
