//! Lines for programs, for millions of addresses: what many of them have in common is written once and copied.
//!
//! Who answers depends on what a network names, and that is the same for all networks of a holder. So of each line
//! only the address, the networks and their names are written anew.

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
    irts: ByProfile,
    abuse: ByProfile,
    /// What is written where nobody answers.
    nobody: Option<u32>,
    ends: Ends,
}

/// Who answers for networks that name the same: the place of what is written of them.
#[derive(Default)]
struct ByProfile(Vec<Answers>);

#[derive(Debug, Clone, Copy, Default)]
enum Answers {
    /// Nobody has asked yet.
    #[default]
    Unknown,
    NoOne,
    These(u32),
}

impl ByProfile {
    /// What is known of networks with this profile; else what `find` finds.
    fn get(&mut self, profile: u32, find: impl FnOnce() -> Option<u32>) -> Option<u32> {
        let place = profile as usize;
        if place >= self.0.len() {
            self.0.resize(place + 1, Answers::Unknown);
        }
        match self.0[place] {
            Answers::These(ends) => Some(ends),
            Answers::NoOne => None,
            Answers::Unknown => {
                let ends = find();
                self.0[place] = ends.map_or(Answers::NoOne, Answers::These);
                ends
            }
        }
    }
}

/// What stands before the network in a line, and what stands behind its name.
#[derive(Default)]
struct Ends(Vec<(Vec<u8>, Vec<u8>)>);

impl Ends {
    /// Writes those of the lines of whom the network at `here` names, or of nobody.
    fn write(&mut self, snapshot: &Snapshot, format: Format, here: Option<RangeIdx>, address: IpAddr) -> u32 {
        let brief = snapshot.view().brief(here, address);
        let verified =
            row::verified(brief.contact.and_then(|contact| snapshot.contact_state(contact)).as_ref());
        let row = Row::brief(&brief, "", "", "", &verified);
        self.0.push(row.around_the_network(format));
        (self.0.len() - 1) as u32 // fits: fewer than there are objects
    }
}

/// Who answers for an address: the place of what is written of them, and the network that names them.
type Found = Option<(u32, RangeIdx)>;

impl Lines {
    /// Writes the line of an address behind the address itself, whose smallest network is `range`; whether somebody answers.
    /// `None` when nothing was written, since a team's claim decides, or the format is none for programs.
    pub(super) fn push(
        &mut self,
        line: &mut Vec<u8>,
        snapshot: &Snapshot,
        format: Format,
        range: RangeIdx,
        address: IpAddr,
    ) -> Option<bool> {
        let cell = match format {
            Format::Csv => row::push_csv,
            Format::Ndjson => row::push_json,
            Format::Table | Format::Json => return None,
        };
        let index = &snapshot.view().index;
        let found = self
            .irt(snapshot, format, range, address)
            .or_else(|| self.abuse(snapshot, format, range, address));
        let ends = match found {
            Some((ends, _)) => ends,
            None => self.nobody(snapshot, format, address)?,
        };
        let at = found.map(|(_, at)| at);
        let (before, behind) = &self.ends.0[ends as usize];
        line.extend_from_slice(before);
        let ends = index.ends(at.unwrap_or(range));
        push_range(line, ends.0, ends.1);
        row::between(line, format, "country");
        cell(line, index.country(range));
        row::between(line, format, "netname");
        cell(line, &index.netname(range));
        line.extend_from_slice(behind);
        row::between(line, format, "chain");
        push_chain(line, index, range, at);
        row::end(line, format);
        Some(at.is_some())
    }

    /// The nearest network that names a team of which something is known.
    fn irt(&mut self, snapshot: &Snapshot, format: Format, range: RangeIdx, address: IpAddr) -> Found {
        let view = snapshot.view();
        let mut at = view.index.naming_irt(range);
        while let Some(here) = at {
            let known = self.irts.get(view.index.profile_number(here), || {
                view.choose(view.index.network(here))?;
                Some(self.ends.write(snapshot, format, Some(here), address))
            });
            if let Some(ends) = known {
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
            let known = self.abuse.get(view.index.profile_number(here), || {
                view.index.network(here).abuse()?;
                Some(self.ends.write(snapshot, format, Some(here), address))
            });
            Some((known?, here))
        })
    }

    /// What is written where no network names anybody; `None` when a team claims the address.
    fn nobody(&mut self, snapshot: &Snapshot, format: Format, address: IpAddr) -> Option<u32> {
        if snapshot.view().claimant(address, address).is_some() {
            return None;
        }
        let ends = self.nobody.unwrap_or_else(|| self.ends.write(snapshot, format, None, address));
        self.nobody = Some(ends);
        Some(ends)
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
