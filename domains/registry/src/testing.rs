//! A registry on a throw-away node, and what leaves it.

use identity::Granted;
use kit::jobs::{self, Handler};
use kit::testing::{TestNode, node};
use kit::{Id, Result};
use mail::message::Opened;
use mail::unlock::NoKeys;

use crate::store::testing::{queued, relayed};
use crate::{Options, Registry, Settings};

/// Keeps `WARD`, takes updates and asks its contacts.
pub(crate) fn settings() -> Settings {
    Settings {
        source: Some("WARD".into()),
        introducers: Vec::new(),
        base_url: "https://desk.example".into(),
        node_name: "desk.example".into(),
        update_address: "auto-dbm@desk.example".into(),
        contact_check: 180 * kit::clock::DAY,
        ..Settings::default()
    }
}

/// A registry with these objects.
pub(crate) fn open(settings: Settings, objects: &str) -> (TestNode, Registry) {
    let node = node(&[identity::MIGRATIONS, mail::MIGRATIONS, teams::MIGRATIONS, crate::MIGRATIONS]);
    let wait = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let on = node.node.clone();
    let teams = std::thread::spawn(move || wait.block_on(teams::Teams::open(on, teams::Section::default())))
        .join()
        .unwrap()
        .unwrap();
    let registry = Registry::with(node.node.clone(), teams, settings).unwrap();
    import(&node, &registry, objects);
    (node, registry)
}

/// The registry has these objects from now on, and no others.
pub(crate) fn import(node: &TestNode, registry: &Registry, objects: &str) {
    let file = node.folder.path().join("objects.rpsl");
    std::fs::write(&file, objects).unwrap();
    registry.import(&Granted::for_node(), &[file], Options { whole: true }, &mut |_| {}).unwrap();
}

/// The registry's own jobs that are due, done.
pub(crate) async fn jobs_done(registry: &Registry) {
    let handlers: Vec<Handler> = registry.domain().jobs;
    jobs::run_due(registry.node(), &handlers).await.unwrap();
}

/// A mail that was queued.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) id: Id,
    pub(crate) to: String,
    pub(crate) return_path: String,
    pub(crate) mail: Opened,
}

impl Sent {
    pub(crate) fn text(&self) -> String {
        self.mail.body_text().replace("\r\n", "\n")
    }

    /// The first word of the text that begins so.
    pub(crate) fn word(&self, start: &str) -> String {
        let text = self.text();
        text.split_whitespace().find(|word| word.starts_with(start)).unwrap_or_default().to_owned()
    }
}

/// All mails that were queued so far.
pub(crate) fn sent(registry: &Registry) -> Vec<Sent> {
    let rows = registry.node().db.read_now(queued).unwrap();
    let open = |(id, to, return_path, blob)| -> Result<Sent> {
        let bytes = registry.node().blobs.get(blob)?;
        Ok(Sent { id, to, return_path, mail: mail::open::open(&bytes, &mail::Limits::default(), &NoKeys) })
    };
    rows.into_iter().map(|row| open(row).unwrap()).collect()
}

/// The mails that were queued and are not among `before`.
pub(crate) fn sent_since(registry: &Registry, before: &[Sent]) -> Vec<Sent> {
    sent(registry).into_iter().filter(|mail| before.iter().all(|known| known.id != mail.id)).collect()
}

/// The relay refuses a mail for good.
pub(crate) fn refused(registry: &Registry, mail: &Sent, words: &'static str) {
    let id = mail.id;
    registry.node().db.write_now(move |tx| relayed(tx, id, "failed", words)).unwrap();
}

/// The relay takes a mail.
pub(crate) fn left(registry: &Registry, mail: &Sent) {
    let id = mail.id;
    registry.node().db.write_now(move |tx| relayed(tx, id, "sent", "")).unwrap();
}
