//! The next operator's part: everything verified, then taken in one transaction, and the record goes on.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::trust::record::{Audience, By, Capacity, Change, STREAM};
use identity::{Granted, ManageNode, NO_TEAM, Role};
use kit::tables::{Cell, Rows};
use kit::{Digest, Error, Id, Node, Result, Write, events};
use mail::pgp::PublicKey;
use pki::Pki;

use super::blob_file;
use super::folder::In;
use super::verify::{Verified, verify};
use super::word::write;
use crate::Trust;
use crate::store::hand_over;

/// What was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// What was found when it was verified.
    pub verified: Verified,
    /// Entries of the record now: those that the taking made are the last.
    pub entries: usize,
    /// Accounts that were in the old operator's office, and are not any more.
    pub out_of_office: usize,
}

impl Trust {
    /// Takes the operation: verifies `from` against the old operator's `keys`, then takes all of it into this node, which
    /// must be empty, and goes on with the record. All or nothing. The old operator's people lose that office; the owner
    /// appoints others.
    ///
    /// # Errors
    /// As [`verify`]; [`Error::Conflict`] when this node is used already, or its clock is behind the record.
    pub async fn take_operation(
        &self,
        _granted: &Granted<ManageNode>,
        pki: &Pki,
        from: In,
        keys: Vec<PublicKey>,
    ) -> Result<Taken> {
        let node = self.node().clone();
        if node.db.read(hand_over::is_used).await? {
            return Err(used());
        }
        let blobs = node.blobs.clone();
        let read = move || {
            let verified = verify(&from, Some(&keys))?;
            if node.now() < verified.last {
                return Err(Error::Conflict(
                    "the clock of this node is behind the last entry of the record: set it right. Nothing was taken."
                        .into(),
                ));
            }
            // Documents are named by what they are: one that is there and belongs to nothing does no harm.
            for name in &verified.blobs {
                let bytes = from.get(&blob_file(name))?;
                if Digest::of(&bytes).to_string() != *name || blobs.put(&bytes)?.to_string() != *name {
                    return Err(Error::invalid(blob_file(name), "it changed while it was read"));
                }
            }
            Ok(verified)
        };
        let verified = tokio::task::spawn_blocking(read).await;
        let verified = verified.map_err(|_| Error::Corrupt("reading the hand-over failed".into()))??;
        let (node, taking) = (self.node().clone(), Arc::new(verified.clone()));
        let out_of_office = self.node().db.write(move |tx| take(&node, tx, &taking)).await?;
        self.teams().reload().await?;
        pki.show_anew().await?;
        let (entries, wrong) = self.check().await?;
        match wrong.is_empty() {
            true => Ok(Taken { verified, entries, out_of_office }),
            false => Err(Error::Corrupt(wrong.join("\n"))),
        }
    }
}

fn used() -> Error {
    Error::Conflict(
        "This node is not empty: it has teams, accounts, entries or authorities. An operation is taken by a new node, before \
         anything else is entered. Nothing was taken."
            .into(),
    )
}

/// Everything in; returns how many left office.
fn take(node: &Node, tx: &Write<'_>, verified: &Verified) -> Result<usize> {
    if hand_over::is_used(tx)? {
        return Err(used());
    }
    let in_office = |rows: &Rows, row: &[Cell]| rows.text(row, "role") == Role::Introducer.name();
    let mut leaving = Vec::new();
    for rows in &verified.tables {
        if rows.table.name == "account_role" {
            let mut others = rows.clone();
            others.rows.retain(|row| !in_office(rows, row));
            leaving.extend(
                rows.rows.iter().filter(|row| in_office(rows, row)).filter_map(|row| rows.id(row, "account")),
            );
            others.insert(tx, node)?;
            continue;
        }
        rows.insert(tx, node)?;
    }
    let concerned = concerned(verified);
    for link in &verified.links {
        let team = concerned.get(&link.position).copied().flatten();
        events::restore(node, tx, STREAM, team, link)?;
    }
    for (stream, team, link) in &verified.told {
        events::restore(node, tx, stream, *team, link)?;
    }
    pki::touched(tx)?;
    teams::touched(tx)?;
    let by = By { capacity: Capacity::Operator, team: None, account: None };
    let (operator, key) = (verified.manifest.to.clone(), verified.manifest.key.clone());
    let signed_by = verified.signed_by.clone();
    write(node, tx, &by, Change::OperationTaken { operator, key, signed_by })?;
    let teams = organisations(verified);
    for account in &leaving {
        let member = teams.get(account).map(Id::to_string).unwrap_or_default();
        let (appointee, role) = (account.to_string(), Role::Introducer.name().to_owned());
        write(node, tx, &by, Change::RoleTaken { appointee, member, role })?;
    }
    Ok(leaving.len())
}

/// For which team's history each entry was written, as [`crate::record::append`] has it.
fn concerned(verified: &Verified) -> BTreeMap<i64, Option<Id>> {
    let Some(rows) = verified.rows("trust_entry") else { return BTreeMap::new() };
    let one = |row: &Vec<Cell>| {
        let sealed = rows.text(row, "audience") == Audience::Sealed.name();
        let team = rows.id(row, "team").filter(|team| !sealed && *team != NO_TEAM);
        (rows.int(row, "position"), team)
    };
    rows.rows.iter().map(one).collect()
}

/// The organisation of each account.
fn organisations(verified: &Verified) -> BTreeMap<Id, Id> {
    let Some(rows) = verified.rows("account") else { return BTreeMap::new() };
    rows.rows.iter().filter_map(|row| Some((rows.id(row, "id")?, rows.id(row, "organisation")?))).collect()
}
