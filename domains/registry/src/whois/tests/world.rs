//! A registry with its listener.

use std::net::SocketAddr;
use std::path::PathBuf;

use identity::Identity;
use kit::testing::TestNode;
use kit::{Result, Write};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Registry;
use crate::live::Applied;
use crate::store::changes::{self, ChangeKind};
use crate::store::objects::{self, Name, Term};
use crate::testing::{open, settings};
use crate::whois::{Config, serve};

pub(super) const OBJECTS: &str = include_str!("../../../tests/whois/world.rpsl");

const TEAMS: &str = r#"[
 {"handle": "big", "official_name": "Big CERT", "short_name": "Big CERT", "classification": {"code": "accredited", "since": "2024-06-11"},
  "constituency": {"domains": ["*.big.example"], "asns": [64510]}, "emails": [{"address": "cert@big.example", "usage": "report"}], "irt": "IRT-BIG"},
 {"handle": "claimant", "official_name": "Claimant CERT", "short_name": "Claimant CERT", "classification": {"code": "listed", "since": "2024-06-11"},
  "constituency": {"ipranges": ["203.0.113.0/24"]}, "emails": [{"address": "cert@claimant.example", "usage": "report"}]}]"#;

pub(super) struct World {
    pub(super) address: SocketAddr,
    pub(super) registry: Registry,
    pub(super) identity: Identity,
    pub(super) stop: watch::Sender<bool>,
    pub(super) done: JoinHandle<()>,
    pub(super) _node: TestNode,
}

/// The world of the conversations on a free port.
pub(super) async fn world(config: Config) -> World {
    let mut settings = settings();
    settings.introducers = vec!["BIG-MNT".into()];
    let (node, registry) = tokio::task::spawn_blocking(move || open(settings, OBJECTS)).await.unwrap();
    let entries = teams::import::parse(TEAMS.as_bytes()).unwrap().entries;
    teams::testing::import(registry.teams(), entries).await;
    let own = registry.clone();
    tokio::task::spawn_blocking(move || found_by_terms(&own)).await.unwrap();
    let identity = Identity::new(node.node.clone(), identity::Settings::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let done = tokio::spawn(serve(listener, registry.clone(), identity.clone(), config, stopped));
    World { address, registry, identity, stop, done, _node: node }
}

/// The terms of all objects.
fn found_by_terms(registry: &Registry) {
    for object in rpsl::objects(OBJECTS.as_bytes()) {
        let object = object.unwrap();
        let (class, key) = (object.class().into_owned(), object.primary_key().unwrap());
        let source = object.get("source").unwrap().value().into_owned();
        let (raw, terms) = (object.raw().to_vec(), terms(&object));
        let (now, new) = (registry.now(), registry.node().id());
        let save = move |tx: &Write<'_>| -> Result<i64> {
            let origin = changes::origin(tx, &source, new, now)?;
            let name = Name { source: &source, class: &class, key: &key };
            objects::save(tx, name, &raw, &terms, origin, now)
        };
        registry.node().db.write_now(save).unwrap();
    }
}

/// The words by which an object is found, as an import and an update write them.
fn terms(object: &rpsl::Object<'_>) -> Vec<Term> {
    let short = |name: &str| rpsl::template::AttributeName::long(name).map(|attribute| attribute.short());
    let all = rpsl::template::terms(object).into_iter();
    all.filter_map(|term| Some(Term { attribute: short(term.attribute)?, value: term.value })).collect()
}

/// Changes an object as an update does; `None` removes it.
pub(super) fn change(registry: &Registry, class: &str, key: &str, raw: Option<&str>) {
    let (class, key) = (class.to_owned(), key.to_owned());
    let (now, new) = (registry.now(), registry.node().id());
    let raw = raw.map(|raw| raw.as_bytes().to_vec());
    let apply = move |tx: &Write<'_>| -> Result<Applied> {
        let name = Name { source: "WARD", class: &class, key: &key };
        let origin = changes::origin(tx, name.source, new, now)?;
        let old = objects::by_key(tx, name)?;
        let versions = changes::versions(tx, name, 1)?;
        if let (Some(old), true) = (&old, versions.is_empty()) {
            changes::record(tx, name, ChangeKind::Found, &old.raw, "import", old.since)?;
        }
        let row = match &raw {
            Some(raw) => {
                let object = rpsl::Object::parse(raw).unwrap();
                let kind = if old.is_some() { ChangeKind::Modify } else { ChangeKind::Create };
                changes::record(tx, name, kind, raw, "kes", now)?;
                objects::save(tx, name, raw, &terms(&object), origin, now)?
            }
            None => {
                let old = old.unwrap();
                changes::record(tx, name, ChangeKind::Delete, &old.raw, "kes", now)?;
                objects::remove(tx, name)?;
                old.row
            }
        };
        Ok(Applied { row, source: "WARD".into(), class: class.clone(), key: key.clone(), raw: raw.clone() })
    };
    let applied = registry.node().db.write_now(apply).unwrap();
    registry.apply(&[applied]).unwrap();
}

/// The folder of the conversations.
pub(super) fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/whois"))
}
