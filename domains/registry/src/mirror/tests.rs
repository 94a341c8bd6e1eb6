//! Two nodes, one of which follows the other.

use std::fs;
use std::path::PathBuf;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use identity::Granted;
use kit::clock::{DAY, HOUR, MINUTE};
use kit::testing::{TestNode, node};
use nrtm::{Change, NOTIFICATION_FILE, Notification, PublicKey, Source};
use teams::{Standing, Teams};
use tower::ServiceExt as _;

use super::{Follow, Mirror, follow, load, publish};
use crate::store::{changes, following, publication};
use crate::{Options, Registry, RolledOver, Settings};

const DUMP: &str = "\
inetnum:        192.0.2.0 - 192.0.2.255
netname:        CAMPUS
mnt-irt:        IRT-LAB
mnt-by:         LAB-MNT
source:         WARD

irt:            IRT-LAB
address:        Road 1
e-mail:         cert@lab.example
auth:           PGPKEY-0123456789ABCDEF0123456789ABCDEF01234567
mnt-by:         WARD-INTRODUCER-MNT
source:         WARD

person:         Jo Voe
e-mail:         jo@lab.example
nic-hdl:        JV1-WARD
source:         WARD
";

const TEAM: &str = r#"[{"official_name": "Lab CERT", "short_name": "lab", "country": {"code": "DK", "name": "Denmark"},
    "irt": "IRT-LAB", "emails": [{"address": "cert@lab.example", "usage": "team"}],
    "classification": {"code": "listed", "since": "2020-01-01"}}]"#;

/// A node with its registry.
struct House {
    node: TestNode,
    registry: Registry,
}

fn open(settings: impl FnOnce(&TestNode) -> Settings) -> House {
    let node = node(&[identity::MIGRATIONS, teams::MIGRATIONS, crate::MIGRATIONS]);
    let settings = settings(&node);
    House { registry: again(&node, settings), node }
}

/// The registry of the same node after a restart, or with other settings.
fn again(node: &TestNode, settings: Settings) -> Registry {
    let on = node.node.clone();
    Registry::with(node.node.clone(), wait(Teams::open(on, teams::Section::default())).unwrap(), settings)
        .unwrap()
}

fn wait<T: Send>(what: impl Future<Output = T> + Send) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::scope(|scope| scope.spawn(|| runtime.block_on(what)).join().unwrap())
}

/// The registry WARD, published.
fn server() -> House {
    let house = open(|node| Settings {
        source: Some("WARD".into()),
        introducers: vec!["WARD-INTRODUCER-MNT".into()],
        base_url: "https://ward.example".into(),
        mirror: Mirror { publish: true, folder: node.folder.path().join("nrtmv4"), ..Mirror::default() },
        ..Settings::default()
    });
    house.import(DUMP);
    house
}

/// A node that follows `server`.
fn client(server: &House) -> House {
    let follow = Follow {
        source: "WARD".into(),
        url: format!("file://{}/{NOTIFICATION_FILE}", server.folder().display()),
        key: server.registry.mirror_key(&Granted::for_node()).unwrap().key,
        certificates: None,
    };
    open(|node| Settings {
        mirror: Mirror {
            folder: node.folder.path().join("nrtmv4"),
            follow: vec![follow],
            ..Mirror::default()
        },
        ..Settings::default()
    })
}

impl House {
    fn import(&self, text: &str) {
        let file = self.node.folder.path().join("dump.rpsl");
        fs::write(&file, text).unwrap();
        self.registry.import(&Granted::for_node(), &[file], Options::default(), &mut |_| {}).unwrap();
    }

    /// Changes as updates make them.
    fn change(&self, changes: &[Change]) {
        let source: Source = "WARD".parse().unwrap();
        for change in changes {
            let step = load::step(change.clone(), &source).unwrap();
            let node = self.node.node.clone();
            let applied = self.node.db.write_now(move |tx| {
                let origin = changes::origin(tx, "WARD", node.id(), node.now())?;
                load::apply(tx, "WARD", &step, origin, "test", node.now())
            });
            self.registry.apply(&applied.unwrap().into_iter().collect::<Vec<_>>()).unwrap();
        }
    }

    /// The folder that it publishes.
    fn folder(&self) -> PathBuf {
        self.registry.settings().mirror.folder.join("WARD")
    }

    fn publish(&self) -> publish::Outcome {
        publish::publish(&self.registry, false).unwrap().unwrap()
    }

    fn notification(&self) -> Notification {
        let key = self.registry.mirror_key(&Granted::for_node()).unwrap().key;
        let keys = nrtm::Keys::of(PublicKey::parse(&key).unwrap());
        Notification::open(&fs::read(self.folder().join(NOTIFICATION_FILE)).unwrap(), &keys).unwrap().0
    }

    fn follow(&self) -> Result<follow::Outcome, String> {
        let one = &self.registry.settings().mirror.follow[0];
        follow::follow(&self.registry, one).map(Option::unwrap).map_err(|error| error.to_string())
    }

    /// All objects of WARD, each as `class key` and its text.
    fn objects(&self) -> Vec<(String, String)> {
        let found = self.node.db.read_now(|c| {
            let mut found = Vec::new();
            publication::each_object(c, "WARD", |class, key, raw| {
                found.push((format!("{class} {key}"), String::from_utf8(raw).unwrap()));
                Ok(())
            })?;
            Ok(found)
        });
        found.unwrap()
    }

    fn names(&self) -> Vec<String> {
        self.objects().into_iter().map(|(name, _)| name).collect()
    }

    fn state(&self) -> following::Following {
        self.node.db.read_now(|c| following::of(c, "WARD")).unwrap().unwrap()
    }

    fn contact(&self) -> Option<String> {
        let address = "192.0.2.7".parse().unwrap();
        self.registry.answer(address, address).contact.map(|contact| contact.address)
    }
}

fn irt(name: &str, mail: &str) -> Change {
    Change::Put(format!(
        "irt:            {name}\ne-mail:         {mail}\nmnt-by:         LAB-MNT\nsource:         WARD\n"
    ))
}

fn delete(class: &str, key: &str) -> Change {
    Change::Delete { class: class.into(), key: key.into() }
}

#[test]
fn what_changes_in_one_registry_is_seen_in_the_one_that_follows() {
    let server = server();
    assert_eq!((server.publish().version, server.publish().changes), (1, 0));
    let client = client(&server);
    let done = client.follow().unwrap();
    assert_eq!((done.version, done.snapshot, done.objects, done.left_out), (1, true, 3, 0));
    assert_eq!(client.names(), server.names());
    assert_eq!(client.contact().as_deref(), Some("cert@lab.example"));
    assert_eq!(client.objects()[0], server.objects()[0], "byte for byte");
    assert!(!client.objects()[2].1.contains("Jo"), "{}", client.objects()[2].1);

    server.change(&[
        irt("IRT-NEW", "a@new.example"),
        irt("IRT-NEW", "b@new.example"),
        delete("inetnum", "192.0.2.0 - 192.0.2.255"),
    ]);
    let told = server.publish();
    assert_eq!((told.version, told.changes, told.snapshot), (2, 3, false));
    let done = client.follow().unwrap();
    assert_eq!((done.version, done.snapshot, done.objects), (2, false, 3));
    assert_eq!(client.names(), ["irt IRT-LAB", "irt IRT-NEW", "person JV1-WARD"]);
    assert_eq!(client.contact(), None);
    let history = client.node.db.read_now(|c| changes::since(c, "WARD", 0, 99)).unwrap();
    let kinds: Vec<_> = history.iter().map(|change| (change.kind.name(), change.key.as_str())).collect();
    assert_eq!(
        kinds,
        [
            ("create", "IRT-NEW"),
            ("modify", "IRT-NEW"),
            ("found", "192.0.2.0 - 192.0.2.255"),
            ("delete", "192.0.2.0 - 192.0.2.255"),
        ]
    );
    assert_eq!(history[3].actor, "mirror of WARD, version 2");
    assert_eq!(client.follow().unwrap().objects, 0, "nothing new");
}

#[test]
fn a_status_that_changes_is_a_new_version_for_those_who_follow() {
    let server = server();
    let teams = server.registry.teams().clone();
    let parsed = teams::import::parse(TEAM.as_bytes()).unwrap();
    assert_eq!(parsed.left_out, [""; 0]);
    let entries = parsed.entries;
    let team = wait(teams::testing::import(&teams, entries))[0];
    server.publish();
    let client = client(&server);
    client.follow().unwrap();
    let shown = || client.objects().into_iter().find(|(name, _)| name == "irt IRT-LAB").unwrap().1;
    assert!(
        shown()
            .contains("remarks:        Trust status: listed since 2020-01-01 (says WARD-INTRODUCER-MNT)\n"),
        "{}",
        shown()
    );
    assert_eq!(server.publish().changes, 0);

    let standing = Standing { status: teams::TrustStatus::Accredited, since: server.node.now() };
    wait(teams::testing::stand(&teams, team, Some(standing)));
    assert_eq!((server.publish().changes, server.publish().changes), (1, 0));
    assert_eq!(client.follow().unwrap().version, 2);
    assert!(shown().contains("Trust status: accredited since 2026-11-21"), "{}", shown());

    // Whoever no longer wants the introducer to keep the object loses the remarks, once.
    server.change(&[irt("IRT-LAB", "cert@lab.example")]);
    assert_eq!((server.publish().changes, server.publish().changes), (1, 0));
    client.follow().unwrap();
    assert!(!shown().contains("Trust"), "{}", shown());
}

#[test]
fn whatever_is_wrong_with_the_files_what_was_taken_last_stays_and_the_operator_is_told() {
    let server = server();
    server.publish();
    let client = client(&server);
    client.follow().unwrap();
    let before = client.objects();
    let good = fs::read(server.folder().join(NOTIFICATION_FILE)).unwrap();
    server.change(&[irt("IRT-NEW", "a@new.example")]);
    server.publish();
    let newer = fs::read(server.folder().join(NOTIFICATION_FILE)).unwrap();
    let delta = server.folder().join(server.notification().deltas[0].url.as_str());
    let whole = fs::read(&delta).unwrap();

    let refused = |said: &str| {
        let error = client.follow().unwrap_err();
        assert!(error.contains(said), "{error}");
        assert_eq!(client.objects(), before);
        assert_eq!((client.state().problem, client.state().version), (Some(error), 1));
    };
    fs::write(&delta, &whole[1..]).unwrap();
    refused("was altered");
    fs::remove_file(&delta).unwrap();
    refused("No such file");
    fs::write(&delta, &whole).unwrap();

    let mut altered = newer.clone();
    altered[60] ^= 1;
    fs::write(server.folder().join(NOTIFICATION_FILE), &altered).unwrap();
    refused("fits none of the expected keys");
    fs::write(server.folder().join(NOTIFICATION_FILE), "").unwrap();
    refused("no signed notification file");
    fs::remove_file(server.folder().join(NOTIFICATION_FILE)).unwrap();
    refused("No such file");
    assert_eq!(client.state().failures, 5);

    fs::write(server.folder().join(NOTIFICATION_FILE), &newer).unwrap();
    assert_eq!(client.follow().unwrap().version, 2);
    assert_eq!((client.state().problem, client.state().failures), (None, 0));
    fs::write(server.folder().join(NOTIFICATION_FILE), &good).unwrap();
    assert!(
        client.follow().unwrap_err().contains("older by 1"),
        "an old file that comes again leads nobody back"
    );
    assert_eq!(client.state().version, 2);

    client.node.clock.advance(DAY + 2 * HOUR);
    fs::write(server.folder().join(NOTIFICATION_FILE), &newer).unwrap();
    assert!(client.follow().unwrap_err().contains("25 hours old"), "who is held back in time is told");
}

#[test]
fn files_signed_by_somebody_else_are_not_taken() {
    let (server, other) = (server(), server());
    server.publish();
    let client = client(&server);
    other.node.clock.advance(MINUTE);
    other.publish();
    fs::copy(other.folder().join(NOTIFICATION_FILE), server.folder().join(NOTIFICATION_FILE)).unwrap();
    // Both test nodes draw the same random numbers; the operator of the other one has another key.
    let granted = Granted::for_node();
    other.registry.roll_mirror_key_over(&granted, true).unwrap();
    other.registry.roll_mirror_key_over(&granted, true).unwrap();
    other.publish();
    fs::copy(other.folder().join(NOTIFICATION_FILE), server.folder().join(NOTIFICATION_FILE)).unwrap();
    assert!(client.follow().unwrap_err().contains("fits none of the expected keys"));
    assert!(client.objects().is_empty());
}

#[test]
fn an_import_is_told_as_what_it_has_changed() {
    let server = server();
    server.publish();
    // Only a registry in which nothing was changed one by one takes dumps.
    server.import("irt: IRT-NEW\ne-mail: a@new.example\nsource: WARD\n");
    server.publish();
    let client = client(&server);
    client.follow().unwrap();
    server.import(
        "irt: IRT-DUMP\ne-mail: a@dump.example\nsource: WARD\n\n\
         irt: IRT-NEW\ne-mail: b@new.example\nsource: WARD\n\nirt: IRT-X\ne-mail: x@x.example\nsource: OTHER\n",
    );
    let told = server.publish();
    assert_eq!((told.restarted, told.version, told.changes), (false, 3, 2));
    let done = client.follow().unwrap();
    assert_eq!((done.version, done.snapshot, done.objects), (3, false, 2));
    assert_eq!(client.names(), server.names());
    server.import("irt: IRT-Y\ne-mail: y@y.example\nsource: OTHER\n");
    assert_eq!(server.publish().version, 3, "another registry's import changes nothing");

    // A whole dump without most of what was there.
    let file = server.node.folder.path().join("whole.rpsl");
    fs::write(&file, "irt: IRT-DUMP\ne-mail: a@dump.example\nsource: WARD\n").unwrap();
    let whole = Options { whole: true };
    server.registry.import(&Granted::for_node(), &[file], whole, &mut |_| {}).unwrap();
    assert_eq!(server.publish().changes, 2);
    client.follow().unwrap();
    assert_eq!(client.names(), server.names());
}

#[test]
fn a_restored_database_begins_a_new_session_and_all_arrive_at_the_same() {
    let server = server();
    server.publish();
    let client = client(&server);
    client.follow().unwrap();
    server.change(&[irt("IRT-NEW", "a@new.example")]);
    server.publish();
    client.follow().unwrap();
    // A backup of the database from before that change.
    server.change(&[delete("irt", "IRT-NEW")]);
    server
        .node
        .db
        .write_now(|tx| {
            let state = publication::of(tx, "WARD")?.unwrap();
            publication::advance(
                tx,
                "WARD",
                state.version,
                &publication::Publication { version: 1, told: state.told - 10, ..state },
            )
        })
        .unwrap();
    assert!(server.publish().restarted);
    assert!(client.follow().unwrap().snapshot);
    assert_eq!(client.names(), server.names());
}

#[test]
fn who_was_away_too_long_begins_with_the_snapshot_and_old_files_go() {
    let server = server();
    server.publish();
    let client = client(&server);
    client.follow().unwrap();
    for hour in 0..50 {
        server.change(&[irt(&format!("IRT-N{hour}"), "a@new.example")]);
        server.node.clock.advance(HOUR);
        assert_eq!(server.publish().version, hour + 2);
    }
    let told = server.notification();
    assert_eq!((told.version, told.snapshot.version), (51, 47), "a snapshot each 23 hours");
    assert!(told.deltas.len() <= 25 && told.deltas[0].version <= 47, "{:?}", told.deltas[0].version);
    for _ in 0..2 {
        server.node.clock.advance(20 * MINUTE);
        server.publish();
    }
    let files = fs::read_dir(server.folder()).unwrap().count();
    assert_eq!(files, server.notification().deltas.len() + 1 + 2, "notification file and lock beside them");
    client.node.clock.advance(51 * HOUR);
    let done = client.follow().unwrap();
    assert_eq!((done.version, done.snapshot), (51, true));
    assert_eq!(client.names(), server.names());
}

#[test]
fn a_key_is_announced_for_a_week_and_then_signs() {
    let (server, granted) = (server(), Granted::for_node());
    server.publish();
    let client = client(&server);
    client.follow().unwrap();
    let old = server.registry.mirror_key(&granted).unwrap().key;
    assert_eq!(server.registry.roll_mirror_key_over(&granted, false).unwrap(), RolledOver::Announced);
    server.publish();
    client.follow().unwrap();
    assert!(
        server
            .registry
            .roll_mirror_key_over(&granted, false)
            .unwrap_err()
            .to_string()
            .contains("Wait 7 days")
    );
    server.node.clock.advance(7 * DAY);
    client.node.clock.advance(7 * DAY);
    assert_eq!(server.registry.roll_mirror_key_over(&granted, false).unwrap(), RolledOver::Done);
    assert_ne!(server.registry.mirror_key(&granted).unwrap().key, old);
    server.change(&[irt("IRT-NEW", "a@new.example")]);
    server.publish();
    assert_eq!(client.follow().unwrap().version, 2);
    assert_eq!(client.state().current_key, server.registry.mirror_key(&granted).unwrap().key);
    assert_eq!(client.state().next_key, None);
}

#[test]
fn what_a_crash_has_left_is_mended_by_the_next_run() {
    let server = server();
    server.publish();
    fs::write(server.folder().join("nrtm-delta.left"), "").unwrap();
    fs::write(server.folder().join(".nrtm-snapshot.unfinished"), "").unwrap();
    fs::remove_file(server.folder().join(NOTIFICATION_FILE)).unwrap();
    assert!(!server.publish().restarted);
    assert_eq!(server.notification().version, 1);
    assert!(!server.folder().join("nrtm-delta.left").exists());
    assert!(!server.folder().join(".nrtm-snapshot.unfinished").exists());
    fs::remove_file(server.folder().join(server.notification().snapshot.url.as_str())).unwrap();
    assert!(server.publish().restarted, "a file that others were told of is gone");

    // A client that died while it loaded the snapshot.
    let client = client(&server);
    client.follow().unwrap();
    let mut state = client.state();
    state.version = 0;
    client.node.db.write_now(move |tx| following::save(tx, &state)).unwrap();
    server.change(&[irt("IRT-NEW", "a@new.example")]);
    server.publish();
    assert!(client.follow().unwrap().snapshot);
    assert_eq!(client.names(), server.names());
}

#[test]
fn objects_of_another_registry_in_the_files_are_left_out() {
    let server = server();
    let foreign = "irt: IRT-EVIL\ne-mail: a@evil.example\nsource: RIPE\n";
    let node = server.node.node.clone();
    let save = server.node.db.write_now(move |tx| {
        let origin = changes::origin(tx, "WARD", node.id(), node.now())?;
        let name = crate::store::objects::Name { source: "WARD", class: "irt", key: "IRT-EVIL" };
        crate::store::objects::save(tx, name, foreign.as_bytes(), &[], origin, node.now())
    });
    save.unwrap();
    server.publish();
    let client = client(&server);
    let done = client.follow().unwrap();
    assert_eq!((done.objects, done.left_out), (3, 1));
    assert_eq!(client.names().len(), 3);
    assert_eq!(client.state().left_out, 1);
}

#[test]
fn what_the_introducer_keeps_elsewhere_is_not_its_word_here() {
    let server = server();
    let parsed = teams::import::parse(TEAM.as_bytes()).unwrap();
    wait(teams::testing::import(server.registry.teams(), parsed.entries));
    let shown = |source: &str| {
        let irt =
            format!("irt: IRT-LAB\ne-mail: a@b.example\nmnt-by: WARD-INTRODUCER-MNT\nsource: {source}\n");
        let directory = server.registry.teams().directory();
        String::from_utf8(
            crate::trust::shown(irt.as_bytes(), &directory, server.registry.settings()).into_owned(),
        )
        .unwrap()
    };
    assert!(shown("ward # Filtered").contains("Trust status: listed"));
    assert!(!shown("OTHER").contains("Trust status"), "there anybody may have taken the maintainer's name");
}

#[test]
fn once_a_minute_is_published_and_followed_and_a_failure_waits_longer() {
    let (server, minute) = (server(), MINUTE);
    let client = client(&server);
    let done = |house: &House| {
        let handlers = super::handlers(&house.registry);
        wait(kit::jobs::run_due(&house.node, &handlers)).unwrap()
    };
    wait(server.registry.start_mirroring()).unwrap();
    wait(server.registry.start_mirroring()).unwrap();
    wait(client.registry.start_mirroring()).unwrap();
    assert_eq!((done(&server), done(&client)), (1, 1), "planned once, however often the program starts");
    assert_eq!(client.names(), server.names());
    assert_eq!((done(&server), done(&client)), (0, 0), "not before the next minute");
    server.change(&[irt("IRT-NEW", "a@new.example")]);
    server.node.clock.advance(minute);
    client.node.clock.advance(minute);
    assert_eq!((done(&server), done(&client)), (1, 1));
    assert_eq!(client.names(), server.names());

    fs::remove_file(server.folder().join(NOTIFICATION_FILE)).unwrap();
    let tries: usize = (0..30)
        .map(|_| {
            client.node.clock.advance(minute);
            done(&client)
        })
        .sum();
    assert_eq!(tries, 4, "at 1, 3, 7 and 15 minutes");
}

#[test]
fn the_own_registry_is_not_followed() {
    let server = server();
    let mut settings = server.registry.settings().clone();
    let key = server.registry.mirror_key(&Granted::for_node()).unwrap().key;
    settings.mirror.follow =
        vec![Follow { source: "ward".into(), url: "file:///x/".into(), key, certificates: None }];
    let registry = again(&server.node, settings);
    let error = follow::follow(&registry, &registry.settings().mirror.follow[0]).unwrap_err();
    assert!(error.to_string().contains("own registry"), "{error}");
}

#[test]
fn anybody_gets_the_published_files_and_no_others() {
    let server = server();
    server.publish();
    fs::write(server.folder().join("secret"), "x").unwrap();
    let routes = super::routes().with_state(server.registry.clone());
    let get = |path: &str| {
        let (routes, path) = (routes.clone(), path.to_owned());
        let ask = async move {
            let answer = routes.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
            let (parts, body) = answer.into_parts();
            (parts, to_bytes(body, usize::MAX).await.unwrap())
        };
        wait(ask)
    };
    let (parts, body) = get(&format!("/nrtmv4/ward/{NOTIFICATION_FILE}"));
    assert_eq!(parts.headers["cache-control"], "public, max-age=60");
    assert_eq!(body, fs::read(server.folder().join(NOTIFICATION_FILE)).unwrap());
    let snapshot = server.notification().snapshot;
    let (parts, body) = get(&format!("/nrtmv4/WARD/{}", snapshot.url));
    assert!(parts.headers["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(nrtm::Hash::of(&body), snapshot.hash);
    for path in [
        "/nrtmv4/WARD/secret",
        "/nrtmv4/WARD/.lock",
        "/nrtmv4/WARD/nrtm-x",
        "/nrtmv4/OTHER/secret",
        "/nrtmv4/WARD/..%2F..%2Fsecret.key",
        "/nrtmv4/.%2e/secret.key",
    ] {
        assert_eq!(get(path).0.status, StatusCode::NOT_FOUND, "{path}");
    }
}
