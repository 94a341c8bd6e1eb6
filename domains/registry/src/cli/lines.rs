//! Lines for programs, for millions of addresses: what many of them have in common is written once and copied.
//!
//! Who answers depends on what a network names, and that is the same for all networks of a holder. So of each line
//! only the address, the networks and their names are written anew.

use std::collections::HashMap;
use std::net::IpAddr;

use netmap::RangeIdx;

use super::output::Format;
use super::row::{self, Row};
use crate::answer::{Basis, Brief, push_range};
use crate::index::Index;
use crate::service::Snapshot;

/// What is known of those who answer.
#[derive(Default)]
pub(super) struct Lines {
    /// By what networks name: who answers for those that name it.
    irts: HashMap<u32, Option<usize>>,
    abuse: HashMap<u32, Option<usize>>,
    /// What stands before the network in a line, and what stands behind its name.
    ends: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Who answers for an address: the place of what is written of them, and the network that names them.
type Found = Option<(usize, RangeIdx)>;

impl Lines {
    /// Writes the line of an address behind the address itself, whose smallest network is `range`; false when nothing was
    /// written, since no network decides, or the format is none for programs.
    pub(super) fn push(
        &mut self,
        line: &mut Vec<u8>,
        snapshot: &Snapshot,
        format: Format,
        range: RangeIdx,
        address: IpAddr,
    ) -> bool {
        let cell = match format {
            Format::Csv => row::push_csv,
            Format::Ndjson => row::push_json,
            Format::Table | Format::Json => return false,
        };
        let index = &snapshot.view().index;
        let Some((ends, at)) = self
            .irt(snapshot, format, range, address)
            .or_else(|| self.abuse(snapshot, format, range, address))
        else {
            return false;
        };
        let (before, behind) = &self.ends[ends];
        line.extend_from_slice(before);
        let ends = index.ends(at);
        push_range(line, ends.0, ends.1);
        row::between(line, format, "country");
        cell(line, index.country(range));
        row::between(line, format, "netname");
        cell(line, &index.network(range).netname());
        line.extend_from_slice(behind);
        row::between(line, format, "chain");
        push_chain(line, index, range, Some(at));
        row::end(line, format);
        true
    }

    /// The nearest network that names a team of which something is known.
    fn irt(&mut self, snapshot: &Snapshot, format: Format, range: RangeIdx, address: IpAddr) -> Found {
        let view = snapshot.view();
        let mut at = view.index.naming_irt(range);
        while let Some(here) = at {
            let network = view.index.network(here);
            let known = self.irts.get(&network.profile_number()).copied();
            let ends = known.unwrap_or_else(|| {
                let ends = view.choose(network).map(|_| self.written(snapshot, format, here, address));
                self.irts.insert(network.profile_number(), ends);
                ends
            });
            if let Some(ends) = ends {
                return Some((ends, here));
            }
            at = view.index.parent(here).and_then(|parent| view.index.naming_irt(parent));
        }
        None
    }

    /// The nearest network with an abuse contact, where no network up to the top names a team.
    fn abuse(&mut self, snapshot: &Snapshot, format: Format, range: RangeIdx, address: IpAddr) -> Found {
        let view = snapshot.view();
        view.index.chain(range).find_map(|here| {
            let network = view.index.network(here);
            let known = self.abuse.get(&network.profile_number()).copied();
            let ends = known.unwrap_or_else(|| {
                let ends = network.abuse().map(|_| self.written(snapshot, format, here, address));
                self.abuse.insert(network.profile_number(), ends);
                ends
            });
            Some((ends?, here))
        })
    }

    /// Both ends of the lines of those for whom the network at `here` decides.
    fn written(&mut self, snapshot: &Snapshot, format: Format, here: RangeIdx, address: IpAddr) -> usize {
        let brief = snapshot.view().brief(Some(here), address);
        let verified =
            row::verified(brief.contact.and_then(|contact| snapshot.contact_state(contact)).as_ref());
        let row = Row::brief(&brief, "", "", "", &verified);
        self.ends.push(row.around_the_network(format));
        self.ends.len() - 1
    }
}

/// The networks from the smallest one around an address up to the one that decides, or to the largest when none does:
/// `192.0.2.0/28 < 192.0.2.0/24`.
pub(super) fn push_chain(line: &mut Vec<u8>, index: &Index, range: RangeIdx, until: Option<RangeIdx>) {
    for (place, here) in index.chain(range).take(DEEPEST).enumerate() {
        if place > 0 {
            line.extend_from_slice(b" < ");
        }
        let ends = index.ends(here);
        push_range(line, ends.0, ends.1);
        if until == Some(here) {
            break;
        }
    }
}

/// Networks of a chain that are told.
const DEEPEST: usize = 64;

/// The chain of an answer that is not written from what is known.
pub(super) fn chain_of(index: &Index, range: Option<RangeIdx>, brief: &Brief<'_>) -> String {
    let Some(range) = range else { return String::new() };
    let decides = matches!(brief.basis, Basis::Irt | Basis::AbuseContact);
    let until = brief
        .network
        .filter(|_| decides)
        .and_then(|ends| index.chain(range).find(|here| index.ends(*here) == ends));
    let mut text = Vec::new();
    push_chain(&mut text, index, range, until);
    String::from_utf8(text).unwrap_or_default()
}
