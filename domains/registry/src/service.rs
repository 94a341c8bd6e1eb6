//! What the rest of the house asks of the registry.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use identity::{Granted, ImportRegistry, LookUp};
use kit::{Error, Id, Node, Result, Time};
use observables::Kind;
use teams::{Directory, Reader, Teams};

use crate::answer::{Answer, Brief, View};
use crate::contacts::{self, ContactState};
use crate::import::{self, Options, Progress, Summary};
use crate::index::{Index, Report};
use crate::live::Live;
use crate::resource::Resource;
use crate::settings::Settings;
use crate::store::{self, Count, Import};
use crate::update::proof::Keys;

/// For how long the keys that were good remain shown without a look at the clock.
const KEYS_LAST: Time = 10 * kit::clock::MINUTE;

/// The registry of a node: what was imported, and who is responsible. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

struct Inner {
    node: Node,
    teams: Teams,
    settings: Settings,
    view: ArcSwap<View>,
    keys: Keys,
    contacts: contacts::Known,
    /// What port 43 keeps of the objects.
    memory: crate::whois::Memory,
    live: Live,
}

/// Registry and directory at one moment: answers that belong together come from one snapshot.
#[derive(Clone)]
pub struct Snapshot(Arc<View>, Arc<HashMap<String, ContactState>>);

impl Snapshot {
    /// Of an index alone, without a directory of teams.
    pub fn of(index: Index) -> Self {
        Self::joined(index, Arc::default(), 0)
    }

    /// Of an index and a directory; the keys are those that are good at `now`.
    pub fn joined(index: Index, directory: Arc<Directory>, now: Time) -> Self {
        Self(Arc::new(View::new(Arc::new(index), directory, now)), Arc::default())
    }

    /// Who is responsible for all addresses from `first` to `last`, with reasons. Some ten microseconds.
    pub fn answer(&self, first: IpAddr, last: IpAddr) -> Answer {
        self.verified(self.0.answer(first, last))
    }

    /// Who is responsible for a domain name: whose constituency it is, by the closest claim in the directory.
    pub fn answer_domain(&self, name: &str) -> Answer {
        self.verified(self.0.answer_domain(name))
    }

    /// Who is responsible for an AS number.
    pub fn answer_asn(&self, asn: u32) -> Answer {
        self.verified(self.0.answer_asn(asn))
    }

    /// Who is responsible for what people typed.
    pub fn answer_resource(&self, resource: &Resource) -> Answer {
        match resource {
            Resource::Addresses(first, last) => self.answer(*first, *last),
            Resource::Domain(name) => self.answer_domain(name),
            Resource::AsNumber(asn) => self.answer_asn(*asn),
        }
    }

    /// Who is responsible for something that `observables` took out of a text: an address, a range, a name, the
    /// host of a URL, the domain of a mail address, an AS number. `None` for hashes and vulnerabilities, for which
    /// nobody is.
    pub fn answer_observable(&self, kind: Kind, value: &str) -> Option<Answer> {
        match kind {
            Kind::Ip | Kind::IpRange => {
                let (first, last) = crate::resource::addresses(value)?;
                Some(self.answer(first, last))
            }
            Kind::Domain => Some(self.answer_domain(value)),
            Kind::Email => value.rsplit_once('@').map(|(_, domain)| self.answer_domain(domain)),
            Kind::Url => match crate::resource::url_host(value)? {
                (_, Some(address)) => Some(self.answer(address, address)),
                (host, None) => Some(self.answer_domain(host)),
            },
            Kind::Asn => rpsl::range::parse_as_number(value).map(|asn| self.answer_asn(asn)),
            Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Sha512 | Kind::Cve => None,
        }
    }

    /// Who is responsible for one address, without reasons. A fraction of a microsecond.
    pub fn brief(&self, address: IpAddr) -> Brief<'_> {
        self.0.brief(self.0.index.covering(address, address), address)
    }

    /// [`Snapshot::brief`] for many addresses, in their order; much faster for thousands.
    pub fn brief_many(&self, addresses: &[IpAddr], mut each: impl FnMut(IpAddr, Brief<'_>)) {
        for (address, network) in addresses.iter().zip(self.0.index.bulk(addresses)) {
            each(*address, self.0.brief(network, *address));
        }
    }

    /// What is known of a contact address; as [`Registry::contact_state`], for many questions.
    pub fn contact_state(&self, address: &str) -> Option<ContactState> {
        contacts::state_in(&self.1, address)
    }

    fn verified(&self, mut answer: Answer) -> Answer {
        if let Some(contact) = &mut answer.contact {
            contact.verified = contacts::state_in(&self.1, &contact.address);
        }
        answer
    }

    /// What the index holds, and what was odd in it.
    pub fn report(&self) -> &Report {
        self.0.index.report()
    }

    /// The registries in it.
    pub fn sources(&self) -> &[String] {
        self.0.index.sources()
    }

    /// The same as `reader` sees it: teams that they may not know of, and claims that are hidden from them, are not in
    /// the answers.
    #[must_use]
    pub fn seen_by(&self, reader: &Reader) -> Self {
        Self(Arc::new(self.0.seen_by(reader)), self.1.clone())
    }

    pub(crate) fn view(&self) -> &View {
        &self.0
    }
}

impl Registry {
    /// The registry in the database of `node`, beside the directory of `teams`. Reads all of it: call it where
    /// waiting is allowed.
    ///
    /// # Errors
    /// The database is gone.
    pub fn new(node: Node, teams: Teams) -> Result<Self> {
        Self::with(node, teams, Settings::default())
    }

    /// [`Registry::new`] with the operator's settings.
    ///
    /// # Errors
    /// As there.
    pub fn with(node: Node, teams: Teams, settings: Settings) -> Result<Self> {
        let view = View::new(Arc::default(), teams.directory(), node.now());
        let registry = Self {
            inner: Arc::new(Inner {
                node,
                teams,
                settings,
                view: ArcSwap::from_pointee(view),
                keys: Keys::default(),
                contacts: contacts::Known::default(),
                memory: crate::whois::Memory::default(),
                live: Live::default(),
            }),
        };
        registry.load()?;
        registry.refresh_contacts()?;
        Ok(registry)
    }

    /// [`Registry::new`] from async code.
    ///
    /// # Errors
    /// As there.
    pub async fn open(node: Node, teams: Teams) -> Result<Self> {
        Self::open_with(node, teams, Settings::default()).await
    }

    /// [`Registry::with`] from async code: reading all networks takes a while for a large registry.
    ///
    /// # Errors
    /// As there.
    pub async fn open_with(node: Node, teams: Teams, settings: Settings) -> Result<Self> {
        let read = tokio::task::spawn_blocking(move || Self::with(node, teams, settings));
        read.await.map_err(|_| Error::Corrupt("reading the registry failed".into()))?
    }

    /// Looks, `every` so often and for ever, for what another process has imported: run it beside the node.
    pub async fn watch(self, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            let own = self.clone();
            match tokio::task::spawn_blocking(move || own.refresh()).await {
                Ok(Ok(true)) => tracing::info!("the registry was read anew"),
                Ok(Ok(false)) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the registry could not be read anew"),
                Err(error) => tracing::error!(%error, "reading the registry anew failed"),
            }
        }
    }

    /// Registry and directory as they are now, as the node itself sees them; [`Snapshot::seen_by`] is for what leaves it.
    pub fn snapshot(&self) -> Snapshot {
        let view = self.inner.view.load_full();
        let (directory, now) = (self.inner.teams.directory(), self.inner.node.now());
        if Arc::ptr_eq(&view.directory, &directory) && (0..KEYS_LAST).contains(&(now - view.made)) {
            return Snapshot(view, self.contact_states());
        }
        let newer = Arc::new(View::new(view.index.clone(), directory, now));
        // Whoever was faster, or has loaded another index meanwhile, is not overwritten: the next look sees to it.
        drop(self.inner.view.compare_and_swap(&view, newer.clone()));
        Snapshot(newer, self.contact_states())
    }

    /// [`Snapshot::answer`] as things are now.
    pub fn answer(&self, first: IpAddr, last: IpAddr) -> Answer {
        self.snapshot().answer(first, last)
    }

    /// [`Snapshot::answer_domain`] as things are now.
    pub fn answer_domain(&self, name: &str) -> Answer {
        self.snapshot().answer_domain(name)
    }

    /// [`Snapshot::answer_observable`] as things are now and the desk of `team` sees them.
    pub fn answer_observable(&self, team: Id, kind: Kind, value: &str) -> Option<Answer> {
        let reader = self.teams().desk_reader(team);
        self.snapshot().seen_by(&reader).answer_observable(kind, value)
    }

    /// Loads dumps, plain or gzip, into the database and shows them; see the module `import` for what stays and
    /// what goes. Blocks: call it where waiting is allowed.
    ///
    /// # Errors
    /// A file cannot be opened, or the database refuses something. What was taken by then stays.
    pub fn import(
        &self,
        granted: &Granted<ImportRegistry>,
        files: &[PathBuf],
        options: Options,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Summary> {
        let stamp = granted.stamp(self.inner.node.now());
        let own = self.inner.settings.source.as_deref();
        let _announced = self.announce_import(); // until the new index is in its file
        let summary = import::run(&self.inner.node, files, options, own, &stamp, progress)?;
        self.load()?;
        Ok(summary)
    }

    /// Shows what another process has changed or imported meanwhile. Cheap when nothing has; reads all after an import.
    ///
    /// # Errors
    /// The database is gone; what was shown is shown still.
    pub fn refresh(&self) -> Result<bool> {
        let stale = self.follow_database()?;
        self.refresh_contacts()?;
        Ok(stale)
    }

    /// The last imports, newest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn imports(&self, _granted: &Granted<LookUp>) -> Result<Vec<Import>> {
        self.inner.node.db.read(|c| store::imports(c, 50)).await
    }

    /// How many objects of each source and class there are.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn counts(&self, _granted: &Granted<LookUp>) -> Result<Vec<Count>> {
        self.inner.node.db.read(store::counts).await
    }

    /// The bytes of the objects in these rows, in their order; those that are gone are left out.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn records(&self, _granted: &Granted<LookUp>, rows: Vec<i64>) -> Result<Vec<Vec<u8>>> {
        let read = self.inner.node.db.read(move |c| {
            rows.iter().filter(|row| **row != 0).map(|row| store::raw(c, *row)).collect::<Result<Vec<_>>>()
        });
        Ok(read.await?.into_iter().flatten().collect())
    }

    /// The first line of `descr` of the objects in these rows, in their order; empty where there is none.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) async fn descriptions(
        &self,
        _granted: &Granted<LookUp>,
        rows: Vec<i64>,
    ) -> Result<Vec<String>> {
        let describe = |raw: Vec<u8>| {
            let object = rpsl::Object::parse(&raw).ok()?;
            Some(object.get("descr")?.text_lines().next()?.into_owned())
        };
        let read = self.inner.node.db.read(move |c| {
            let raw = |row: &i64| if *row == 0 { Ok(None) } else { store::raw(c, *row) };
            rows.iter().map(raw).collect::<Result<Vec<_>>>()
        });
        Ok(read.await?.into_iter().map(|raw| raw.and_then(describe).unwrap_or_default()).collect())
    }

    pub(crate) fn now(&self) -> Time {
        self.inner.node.now()
    }

    pub(crate) fn node(&self) -> &Node {
        &self.inner.node
    }

    pub(crate) fn teams(&self) -> &Teams {
        &self.inner.teams
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    pub(crate) fn known(&self) -> &contacts::Known {
        &self.inner.contacts
    }

    pub(crate) fn memory(&self) -> &crate::whois::Memory {
        &self.inner.memory
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    pub(crate) fn live(&self) -> &Live {
        &self.inner.live
    }

    /// The index that is shown.
    pub(crate) fn index(&self) -> Arc<Index> {
        self.inner.view.load().index.clone()
    }

    /// Shows another index, with the directory that is shown.
    pub(crate) fn show_index(&self, index: Arc<Index>) {
        self.inner.view.rcu(|view| view.with_index(index.clone()));
    }
}
