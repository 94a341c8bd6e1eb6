//! One network, AS number, domain or entity (RFC 9082 section 3.1).

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kit::{Read, Result};
use rdap::Body;

use super::door::{No, Question, answer};
use super::make::Maker;
use super::read::{ENTITIES, Lot, anywhere};
use super::{asked, help};
use crate::answer::{Answer, Basis, StepKind};
use crate::service::Snapshot;
use crate::store::objects::{self, Stored};

pub(super) async fn ip(question: Question, Path(text): Path<String>) -> Result<Response, No> {
    let Some((first, last)) = asked::addresses(&text) else {
        return Err(No::Malformed(format!(
            "{} is no address and no prefix: ask for 192.0.2.77, 192.0.2.0/24 or 2001:db8::/32.",
            shown(&text)
        )));
    };
    let snapshot = question.snapshot();
    let found = snapshot.answer(first, last);
    let Some(network) = found.networks.last() else {
        return Err(No::NotFound(format!("No network around {} is registered here.", shown(&text))));
    };
    let lot = lot(&question, &snapshot, &found, vec![network.row]).await?;
    let Some(lot) = lot else { return Err(gone(&text)) };
    let maker = Maker::new(&question, &snapshot, &found);
    let parent = found.networks.len().checked_sub(2).and_then(|place| found.networks.get(place));
    Ok(told(&question, maker.network(&lot, network, parent)))
}

pub(super) async fn autnum(question: Question, Path(text): Path<String>) -> Result<Response, No> {
    let Some(number) = asked::autnum(&text) else {
        return Err(No::Malformed(format!("{} is no AS number: ask for 64496.", shown(&text))));
    };
    let snapshot = question.snapshot();
    let found = snapshot.answer_asn(number);
    let sources = sources(&question, &snapshot);
    let key = format!("AS{number}");
    let read = question.registry.node().db.read(move |c| anywhere(c, &sources, &["aut-num"], &key));
    let maker = Maker::new(&question, &snapshot, &found);
    match read.await? {
        Some(stored) => {
            let lot = lot(&question, &snapshot, &found, vec![stored.row]).await?;
            let Some(lot) = lot else { return Err(gone(&text)) };
            Ok(told(&question, maker.autnum(number, Some(&lot))))
        }
        None if found.basis == Basis::Nobody => {
            Err(No::NotFound(format!("AS{number} is not registered here, and no team claims it.")))
        }
        None => Ok(told(&question, maker.autnum(number, None))),
    }
}

pub(super) async fn domain(question: Question, Path(text): Path<String>) -> Result<Response, No> {
    let Some(name) = asked::domain(&text) else {
        return Err(No::Malformed(format!(
            "{} is no domain name; names in other scripts are asked for in their form xn--….",
            shown(&text)
        )));
    };
    let snapshot = question.snapshot();
    let network = asked::reversed(&name);
    let found = match network {
        Some((first, last)) => snapshot.answer(first, last),
        None => snapshot.answer_domain(&name),
    };
    let (sources, key) = (sources(&question, &snapshot), name.to_uppercase());
    let read = question.registry.node().db.read(move |c| anywhere(c, &sources, &["domain"], &key));
    let stored = read.await?;
    if stored.is_none() && found.basis == Basis::Nobody {
        return Err(No::NotFound(format!("{name} is not registered here, and no team claims it.")));
    }
    let lot = match stored {
        Some(stored) => lot(&question, &snapshot, &found, vec![stored.row]).await?,
        None => None,
    };
    let teams = match &lot {
        Some(_) => Vec::new(),
        None => abuse_of(&question, &snapshot, &found).await?,
    };
    let maker = Maker::new(&question, &snapshot, &found);
    Ok(told(&question, maker.domain(&name, lot.as_ref(), &teams)))
}

pub(super) async fn entity(question: Question, Path(text): Path<String>) -> Result<Response, No> {
    let Some(handle) = rpsl::Handle::new(text.trim()) else {
        return Err(No::Malformed(format!(
            "{} is no handle: ask for IRT-EXAMPLE or EX1-TEST.",
            shown(&text)
        )));
    };
    let snapshot = question.snapshot();
    let (sources, key) = (sources(&question, &snapshot), handle.to_key());
    let read = question.registry.node().db.read(move |c| {
        let Some(main) = anywhere(c, &sources, &ENTITIES, &key)? else { return Ok(None) };
        Lot::read(c, main, Vec::new()).map(Some)
    });
    let Some(lot) = read.await? else {
        return Err(No::NotFound(format!(
            "No team, organisation, role, person or maintainer is called {} here.",
            shown(&text)
        )));
    };
    let nobody = Answer::nobody();
    Maker::new(&question, &snapshot, &nobody)
        .whole_entity(&lot)
        .map(|entity| told(&question, entity))
        .ok_or_else(|| gone(&text))
}

/// The object in the first of `rows` with all that it names, and with those who answer for it.
async fn lot(
    question: &Question,
    snapshot: &Snapshot,
    found: &Answer,
    rows: Vec<i64>,
) -> Result<Option<Lot>, No> {
    let abuse = Abuse::of(found, sources(question, snapshot));
    let read = question.registry.node().db.read(move |c| {
        let Some(row) = rows.first() else { return Ok(None) };
        let Some(main) = objects::by_row(c, *row)? else { return Ok(None) };
        Lot::read(c, main, abuse.read(c)?).map(Some)
    });
    Ok(read.await?)
}

/// The objects of those who answer for it.
async fn abuse_of(question: &Question, snapshot: &Snapshot, found: &Answer) -> Result<Vec<Stored>, No> {
    let abuse = Abuse::of(found, sources(question, snapshot));
    Ok(question.registry.node().db.read(move |c| abuse.read(c)).await?)
}

/// Who answers for something: names of teams, the best first, or a role.
struct Abuse {
    names: Vec<(&'static str, String)>,
    sources: Vec<String>,
}

impl Abuse {
    fn of(found: &Answer, mut sources: Vec<String>) -> Self {
        let mut names = Vec::new();
        if let Some(irt) = &found.irt {
            names.push(("irt", irt.name.to_uppercase()));
            names.extend(found.other_irts.iter().map(|name| ("irt", name.to_uppercase())));
        } else if let Some(name) = found.record.as_ref().and_then(|team| team.irt.clone()) {
            names.push(("irt", name.to_uppercase()));
        }
        if found.basis == Basis::AbuseContact {
            let role = found.chain.iter().find(|step| step.kind == StepKind::AbuseC);
            names.extend(role.map(|step| ("role", step.key.to_uppercase())));
        }
        // The object of the same registry is meant first.
        let own = found.irt.as_ref().map(|irt| irt.source.as_str()).filter(|source| !source.is_empty());
        let own = own.or(found
            .networks
            .iter()
            .find(|network| network.found)
            .map(|network| network.source.as_str()));
        if let Some(place) = sources.iter().position(|source| Some(source.as_str()) == own) {
            sources.swap(0, place);
        }
        Self { names, sources }
    }

    fn read(&self, c: &Read<'_>) -> Result<Vec<Stored>> {
        let mut found = Vec::new();
        for (class, key) in self.names.iter().take(10) {
            found.extend(anywhere(c, &self.sources, &[class], key)?);
        }
        Ok(found)
    }
}

/// The registries to look through: the one that is kept here before those that are followed.
pub(super) fn sources(question: &Question, snapshot: &Snapshot) -> Vec<String> {
    let own = question.registry.settings().source.clone();
    let others = snapshot.sources().iter().filter(|source| Some(*source) != own.as_ref()).cloned();
    own.iter().cloned().chain(others).collect()
}

fn told<T: Body>(question: &Question, body: T) -> Response {
    answer(StatusCode::OK, body, help::notices(question))
}

fn gone(text: &str) -> No {
    No::NotFound(format!("{} was taken out of the registry a moment ago.", shown(text)))
}

/// What was asked, bounded: it is told back.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(100).collect()
}
