//! From a question to the text of its answer.

pub(super) mod about;
mod abuse;
pub(super) mod bulk;
mod contacts;
mod names;
mod networks;
mod print;
mod related;
mod responsible;
mod search;
pub(super) mod versions;

use std::collections::HashSet;
use std::sync::Arc;

use super::memory::{Card, Objects, Stop};
use super::request::{Form, Request};
use super::words::{failure, no_entries};

/// What is sent, and what the client has got with it.
#[derive(Debug, Default)]
pub(super) struct Reply {
    /// Lines, without those that every answer begins and ends with.
    pub(super) text: String,
    /// Objects about human beings in it.
    pub(super) personal: u32,
}

/// Objects that were found, each once.
#[derive(Debug, Default)]
struct Found {
    cards: Vec<Arc<Card>>,
    rows: HashSet<i64>,
    /// There were more than one answer shows.
    cut: bool,
}

impl Found {
    fn is_empty(&self) -> bool {
        self.cards.is_empty()
    }

    /// In the order of the classes.
    fn sort(&mut self) {
        self.cards.sort_by_key(|card| card.template.map_or(u8::MAX, rpsl::template::Template::order));
    }
}

/// An object that was asked for, and what stands with it.
#[derive(Default)]
struct Group {
    /// `None` when only remarks can be given.
    primary: Option<Arc<Card>>,
    /// Remarks of the server before it, without `% `.
    remarks: Vec<String>,
    related: Vec<Arc<Card>>,
    /// `-b`: where complaints go.
    mailbox: Option<String>,
}

impl Group {
    fn of(objects: &Objects<'_, '_>, request: &Request, primary: Arc<Card>) -> Self {
        let remarks = match request.form {
            Form::Plain | Form::Abuse => abuse::remark(objects, &primary).into_iter().collect(),
            Form::Brief | Form::Keys => Vec::new(),
        };
        let mailbox = (request.form == Form::Abuse).then(|| abuse::mailbox(objects, &primary)).flatten();
        Self { primary: Some(primary), remarks, related: Vec::new(), mailbox: mailbox.map(str::to_owned) }
    }

    fn cards(&self) -> impl Iterator<Item = &Arc<Card>> {
        self.primary.iter().chain(&self.related)
    }
}

/// Answers a question for objects, appended to `reply`. `withheld`: without personal data, since this client has had more than its share
/// today.
pub(super) fn objects(
    objects: &Objects<'_, '_>,
    request: &Request,
    withheld: bool,
    reply: &mut Reply,
) -> Result<(), Stop> {
    let mut groups = match search::run(objects, request)? {
        search::Outcome::Groups(groups) => groups,
        search::Outcome::Found(found) => {
            if found.cut {
                reply.text.push_str(
                    "% Note: there are more objects than one answer shows. Ask for smaller ranges, or follow the\n\
                     %       registry by NRTM to have a copy of your own.\n\n",
                );
            }
            found.cards.into_iter().map(|card| Group::of(objects, request, card)).collect()
        }
    };
    if groups.is_empty() {
        failure(&no_entries(&request.sources), &mut reply.text);
        return Ok(());
    }
    if request.referenced && request.form == Form::Plain {
        let mut shown: HashSet<i64> = groups.iter().flat_map(Group::cards).map(|card| card.row).collect();
        for group in &mut groups {
            related::add(objects, group, &mut shown)?;
        }
    }
    if request.form == Form::Plain {
        groups.iter_mut().for_each(|group| contacts::remark(objects, group));
    }
    print::Writer::new(request, withheld).groups(&groups, reply);
    Ok(())
}
