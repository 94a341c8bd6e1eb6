//! What all connections share, and the answer to one query.

use std::net::IpAddr;
use std::sync::Arc;

use kit::{Error, Read};
use rpsl::query::{Ask, Query, QueryError};

use super::Config;
use super::answer::{self, Reply, about, versions};
use super::limits::{Client, Counters, Verdict};
use super::memory::{Objects, Stop};
use super::request::Request;
use super::words::{failure, slowed};
use crate::{Registry, Snapshot};

/// The registry as port 43 shows it.
pub(super) struct Service {
    pub(super) registry: Registry,
    pub(super) counters: Counters,
    pub(super) config: Config,
}

/// A query on its way: what it may have, and of which moment.
struct Moment {
    snapshot: Snapshot,
    /// What the memory knew when this began; before any transaction does.
    generation: u64,
}

impl Service {
    pub(super) fn new(registry: Registry, config: Config) -> Self {
        Self { registry, counters: Counters::new(config.limits.clone()), config }
    }

    /// Answers a query, appended to `out`: out of memory on the spot, else with the database.
    pub(super) async fn answer(
        self: &Arc<Self>,
        query: Query,
        client: Client,
        trusted: bool,
        out: &mut String,
    ) {
        let now = self.registry.now();
        let verdict = self.counters.verdict(client, trusted, now);
        let withheld = verdict == Verdict::Withheld;
        if let Verdict::Slow(pause) = verdict {
            tokio::time::sleep(pause).await;
            slowed(self.counters.number(client, trusted), out);
        }
        let moment = self.moment();
        let reply = match self.reply(&query, withheld, &moment, None) {
            Err(Stop::NotInMemory) => {
                let own = self.clone();
                let ask = move |c: &Read<'_>| {
                    own.reply(&query, withheld, &moment, Some(c)).map_err(|stop| match stop {
                        Stop::Failed(error) => error,
                        Stop::NotInMemory => {
                            Error::Corrupt("an answer did not use the database it has".into())
                        }
                    })
                };
                self.registry.node().db.read(ask).await.map_err(Stop::Failed)
            }
            answered => answered,
        };
        match reply {
            Ok(reply) => {
                self.counters.count(client, reply.personal, now);
                out.push_str(&reply.text);
            }
            Err(stop) => {
                tracing::error!(?stop, "a query could not be answered");
                failure(&QueryError::internal(), out);
            }
        }
    }

    fn moment(&self) -> Moment {
        let snapshot = self.registry.snapshot().seen_by(&teams::Reader::PUBLIC);
        let memory = self.registry.memory();
        memory.follow(&snapshot.view().directory);
        Moment { generation: memory.generation(), snapshot }
    }

    fn reply(
        &self,
        query: &Query,
        withheld: bool,
        moment: &Moment,
        database: Option<&Read<'_>>,
    ) -> Result<Reply, Stop> {
        let view = moment.snapshot.view();
        let objects = Objects::new(&self.registry, moment.generation, view, database);
        let mut reply = Reply::default();
        let out = &mut reply.text;
        if let Some(unknown) =
            query.sources.iter().find(|source| !objects.sources().any(|known| known == *source))
        {
            failure(&QueryError::unknown_source(unknown), out);
            return Ok(reply);
        }
        query.warnings().into_iter().for_each(|warning| failure(&warning, out));
        let version = |number: u32| i64::from(number);
        match query.ask() {
            Ask::Nothing => {}
            Ask::Help => about::help(out),
            Ask::Sources => about::sources(&objects, out),
            Ask::Version => about::version(out),
            Ask::Types => about::types(out),
            Ask::Template(class) => about::template(class, false, out),
            Ask::Verbose(class) => about::template(class, true, out),
            Ask::ListVersions => {
                versions::tell(&objects, &Request::of(query), versions::Which::List, out)?;
            }
            Ask::ShowVersion(number) => {
                let which = versions::Which::Show(version(number));
                versions::tell(&objects, &Request::of(query), which, out)?;
            }
            Ask::DiffVersions(from, to) => {
                let which = versions::Which::Diff(version(from), version(to));
                versions::tell(&objects, &Request::of(query), which, out)?;
            }
            Ask::Search => answer::objects(&objects, &Request::of(query), withheld, &mut reply)?,
        }
        Ok(reply)
    }

    /// The line of a resource in bulk mode, appended to `out`.
    pub(super) fn bulk_line(&self, text: &str, out: &mut String) {
        answer::bulk::line(&self.registry, text, out);
    }

    /// Whether a team that the directory lists counts the address among its constituency: a CERT at work.
    pub(super) fn is_trusted(&self, address: IpAddr) -> bool {
        let (snapshot, address) = (self.registry.snapshot(), address.to_canonical());
        let view = snapshot.view();
        let is_listed = |team: u32| {
            matches!(&*view.member(team).view.trust, "listed" | "candidate" | "accredited" | "certified")
        };
        view.claims(address, address).any(|(team, _)| is_listed(team))
    }
}
