//! All SQL of the code of conduct.

use kit::{Digest, Id, Read, Result, Row, Time, Write, params, statements};

statements! {
    INSERT = "INSERT INTO trust_conduct (version, title, bytes, digest, published_at, published_by)
        VALUES ($1, $2, $3, $4, $5, $6)";
    ALL = "SELECT version, title, bytes, digest, published_at, published_by FROM trust_conduct ORDER BY version DESC";
    DECLARE = "INSERT INTO trust_declaration (team, version, declared_at, declared_by, signature, fingerprint, verdict)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (team, version) DO NOTHING";
    DECLARATIONS = "SELECT team, version, declared_at, declared_by, signature, fingerprint, verdict
        FROM trust_declaration ORDER BY version DESC, declared_at, team";
    OF_TEAM = "SELECT team, version, declared_at, declared_by, signature, fingerprint, verdict
        FROM trust_declaration WHERE team = $1 ORDER BY version DESC";
}

/// A version of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its number, from 1.
    pub version: i64,
    /// Its title.
    pub title: String,
    /// The document itself, UTF-8.
    pub bytes: Vec<u8>,
    /// Of its bytes.
    pub digest: Digest,
    /// When it was published.
    pub published_at: Time,
    /// By whom.
    pub published_by: String,
}

impl Document {
    /// Its text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// A team's declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declaration {
    pub(super) team: Id,
    pub(super) version: i64,
    pub(super) at: Time,
    pub(super) by: String,
    pub(super) signature: String,
    pub(super) fingerprint: String,
    pub(super) verdict: String,
}

pub(super) fn insert(tx: &Write<'_>, d: &Document) -> Result<()> {
    tx.execute(
        INSERT,
        params![d.version, d.title, d.bytes, d.digest.as_bytes(), d.published_at, d.published_by],
    )
    .map(drop)
}

/// All versions, the newest first.
pub(super) fn documents(c: &Read<'_>) -> Result<Vec<Document>> {
    c.query(ALL, &[], document)
}

/// Notes a declaration; `false` when the team had declared this version before.
pub(super) fn declare(tx: &Write<'_>, d: &Declaration) -> Result<bool> {
    let count =
        tx.execute(DECLARE, params![d.team, d.version, d.at, d.by, d.signature, d.fingerprint, d.verdict])?;
    Ok(count > 0)
}

/// All declarations, those of the newest version first.
pub(super) fn declarations(c: &Read<'_>) -> Result<Vec<Declaration>> {
    c.query(DECLARATIONS, &[], declaration)
}

/// The declarations of a team, the newest version first.
pub(super) fn of_team(c: &Read<'_>, team: Id) -> Result<Vec<Declaration>> {
    c.query(OF_TEAM, params![team], declaration)
}

fn document(row: &Row<'_>) -> Result<Document> {
    Ok(Document {
        version: row.get(0)?,
        title: row.get(1)?,
        bytes: row.get(2)?,
        digest: Digest::from_slice(&row.get::<Vec<u8>>(3)?)?,
        published_at: row.get(4)?,
        published_by: row.get(5)?,
    })
}

fn declaration(row: &Row<'_>) -> Result<Declaration> {
    Ok(Declaration {
        team: row.get(0)?,
        version: row.get(1)?,
        at: row.get(2)?,
        by: row.get(3)?,
        signature: row.get(4)?,
        fingerprint: row.get(5)?,
        verdict: row.get(6)?,
    })
}
