//! `-c`: the team that is responsible, and from which object that is known.
//!
//! The rule of the paper: the most specific network that names a team (`mnt-irt`). That network is shown with the team's
//! object, and a remark says so. A name of which neither object nor entry in the directory exists helps nobody: the
//! search goes on above it, and a remark tells.

use std::net::IpAddr;
use std::sync::Arc;

use rpsl::query::{Kind, SearchKey};
use teams::Reader;

use super::{Group, abuse, networks, related};
use crate::answer::{Answer, Basis, range_text};
use crate::whois::memory::{Card, Objects, Stop};
use crate::whois::request::{Form, Request};

/// The objects that say who is responsible; `None` when nothing is known beyond what a query without `-c` shows.
pub(super) fn groups(
    objects: &Objects<'_, '_>,
    request: &Request,
    key: &SearchKey,
) -> Result<Option<Vec<Group>>, Stop> {
    match (key.kind(), key.range()) {
        (Kind::AsNumber(asn), _) => for_as(objects, request, *asn),
        (Kind::Domain | Kind::ReverseDomain(_), _) => for_domain(objects, request, key.text()),
        (_, Some(range)) => {
            for_addresses(objects, request, range.first().to_canonical(), range.last().to_canonical())
        }
        _ => Ok(None),
    }
}

/// The network around the addresses that names a team; `None` when none up to the top does: then the networks answer
/// themselves.
fn for_addresses(
    objects: &Objects<'_, '_>,
    request: &Request,
    first: IpAddr,
    last: IpAddr,
) -> Result<Option<Vec<Group>>, Stop> {
    let index = &objects.view.index;
    let asked = range_text(first, last);
    let mut gaps = Vec::new();
    let mut looked_at = 0;
    for range in networks::chain(objects, first, last) {
        let network = index.network(range);
        if !request.wants_source(network.source()) {
            continue;
        }
        looked_at += 1;
        let mut remarks = Vec::new();
        let mut irts = Vec::new();
        let Some(card) = objects.row(network.place().row)? else { continue };
        for name in network.irt_names() {
            let object = related::irt(objects, name, network.source())?;
            let team = objects.view.by_irt(name);
            if object.is_none() && team.is_none() {
                gaps.push(format!("'{}' names '{name}', of which there is no object", card.key));
                continue;
            }
            let name = object.as_ref().map_or(name, |object| &object.key);
            remarks.push(format!("IRT for '{asked}' is '{name}', from {} '{}'", card.class, card.key));
            if let Some(team) = team {
                let standing = team.status_name();
                let team = Reader::PUBLIC.sees(&team);
                let report = team.report_address().unwrap_or("nobody: it gives no address");
                remarks.push(format!(
                    "Team of '{name}' in the directory: {}, {standing}, reports to {report}",
                    team.name
                ));
            }
            irts.extend(object);
        }
        if !remarks.is_empty() {
            remarks.append(&mut gaps);
            if request.form != Form::Plain {
                remarks.clear();
            }
            remarks.extend(abuse_remark(objects, request, &card));
            let mailbox = mailbox(objects, request, &card);
            return Ok(Some(vec![Group { primary: Some(card), remarks, related: irts, mailbox }]));
        }
    }
    let Some(mut groups) = plain(objects, request, first, last)? else { return Ok(None) };
    if let Some(group) = groups.first_mut()
        && request.form == Form::Plain
    {
        gaps.insert(
            0,
            format!("No IRT for '{asked}': of the networks around it, {looked_at} in all, none names one (mnt-irt)"),
        );
        let claims = objects.view.claims(first, last);
        for (team, (first, last)) in claims.take(3) {
            let team = &objects.view.member(team).view;
            let report = team.report_to.as_deref().unwrap_or("no address");
            gaps.push(format!(
                "Team '{}' counts {} among its constituency: {report}",
                team.name,
                range_text(first, last)
            ));
        }
        group.remarks.splice(0..0, gaps);
    }
    Ok(Some(groups))
}

/// What a query without `-c` would answer; `None` when that is nothing.
fn plain(
    objects: &Objects<'_, '_>,
    request: &Request,
    first: IpAddr,
    last: IpAddr,
) -> Result<Option<Vec<Group>>, Stop> {
    let found = networks::about(objects, request, (first, last))?;
    let groups: Vec<_> = found.cards.into_iter().map(|card| Group::of(objects, request, card)).collect();
    Ok((!groups.is_empty()).then_some(groups))
}

/// The object of an AS, its team, and how that is known.
fn for_as(objects: &Objects<'_, '_>, request: &Request, asn: u32) -> Result<Option<Vec<Group>>, Stop> {
    let answer = objects.view.answer_asn(asn);
    let own = objects.named("aut-num", &format!("AS{asn}"))?;
    answered(objects, request, &answer, own.into_iter().next())
}

/// The object of a domain, its team, and how that is known.
fn for_domain(objects: &Objects<'_, '_>, request: &Request, name: &str) -> Result<Option<Vec<Group>>, Stop> {
    let Ok(key) = rpsl::template::normal_key("domain", name) else { return Ok(None) };
    let answer = objects.view.answer_domain(&key.to_ascii_lowercase());
    let own = objects.named("domain", &key)?;
    answered(objects, request, &answer, own.into_iter().next())
}

fn answered(
    objects: &Objects<'_, '_>,
    request: &Request,
    answer: &Answer,
    own: Option<Arc<Card>>,
) -> Result<Option<Vec<Group>>, Stop> {
    let of_team = answer.record.as_ref().and_then(|team| team.irt.clone());
    let name = answer.irt.as_ref().map(|irt| irt.name.clone()).or(of_team);
    let source = own.as_ref().map_or("", |card| &card.source);
    let irt = match &name {
        Some(name) => related::irt(objects, name, source)?,
        None => None,
    };
    let from = match answer.basis {
        Basis::Irt | Basis::AbuseContact => own
            .as_ref()
            .map_or_else(|| "the registry".to_owned(), |card| format!("{} '{}'", card.class, card.key)),
        Basis::Claim => "the constituency of a team in the directory".to_owned(),
        Basis::Nobody => return Ok(None),
    };
    let asked = &answer.asked;
    let mut remarks = Vec::new();
    match &name {
        Some(name) => remarks.push(format!("IRT for '{asked}' is '{name}', from {from}")),
        None => remarks.push(format!("No IRT for '{asked}'; what is known comes from {from}")),
    }
    if let Some(team) = &answer.team {
        let report = team.report_to.as_deref().unwrap_or("nobody: it gives no address");
        remarks.push(format!("Team in the directory: {}, {}, reports to {report}", team.name, team.trust));
    } else if let Some(contact) = &answer.contact {
        remarks.push(format!("Contact: {} <{}>, from {}", contact.name, contact.address, contact.source));
    }
    if request.form != Form::Plain {
        remarks.clear();
    }
    let mut found = own.into_iter().chain(irt);
    let primary = found.next();
    let network = primary.as_ref().filter(|card| &*card.class != "irt");
    remarks.extend(network.and_then(|card| abuse_remark(objects, request, card)));
    let mailbox = network.and_then(|card| mailbox(objects, request, card));
    Ok(Some(vec![Group { primary, remarks, related: found.collect(), mailbox }]))
}

fn mailbox(objects: &Objects<'_, '_>, request: &Request, card: &Card) -> Option<String> {
    (request.form == Form::Abuse).then(|| abuse::mailbox(objects, card)).flatten().map(str::to_owned)
}

fn abuse_remark(objects: &Objects<'_, '_>, request: &Request, card: &Card) -> Option<String> {
    (request.form == Form::Plain).then(|| abuse::remark(objects, card)).flatten()
}
