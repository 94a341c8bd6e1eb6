//! A desk to test with: three teams, a small registry, a relay that remembers.

#![allow(dead_code, clippy::unwrap_used)]

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use identity::{Granted, Identity, ReadCases};
use incidents::model::Outcome;
use incidents::{Desk, Settings};
use kit::clock::SECOND;
use kit::testing::TestNode;
use kit::{Id, testing};
use mail::Envelope;
use mail::pgp::{KeyParams, SecretKey, Seed};
use mail::queue::{Handed, Relay};
use registry::Registry;
use teams::Teams;

pub const MAILBOX: &str = "cert@aldermark.example";

const TEAMS: &str = r#"[
 {"handle":"aldermark","own":true,"official_name":"Aldermark CERT","short_name":"Aldermark CERT","country":{"code":"SI","name":"Slovenia"},
  "classification":{"code":"accredited","name":"Accredited","since":"2020-01-01"},
  "constituency":{"types":["national"],"asns":[64500],"domains":["*.aldermark.example"],"ipranges":["203.0.113.128/25"],"description":""},
  "languages":["en"],"channels":["mail-encrypted"],"emails":[{"address":"cert@aldermark.example","usage":"report"}],"phones":[],"irt":"IRT-ALDERMARK"},
 {"handle":"skerry","official_name":"CERT Skerry","short_name":"CERT Skerry","country":{"code":"DK","name":"Denmark"},
  "classification":{"code":"accredited","name":"Accredited","since":"2020-01-01"},
  "constituency":{"types":["isp"],"asns":[],"domains":["skerry.example"],"ipranges":[],"description":""},
  "languages":["en"],"channels":["mail-encrypted"],"emails":[{"address":"duty@skerry.example","usage":"report"}],"phones":[],"irt":"IRT-SKERRY"},
 {"handle":"ambrell","official_name":"Ambrell Net Abuse Desk","short_name":"Ambrell Net","country":{"code":"DE","name":"Germany"},
  "classification":{"code":"listed","name":"Listed","since":"2020-01-01"},
  "constituency":{"types":["isp"],"asns":[],"domains":[],"ipranges":[],"description":""},
  "languages":["de"],"channels":["mail"],"emails":[{"address":"noc@ambrell.example","usage":"report"}],"phones":[],"irt":"IRT-AMBRELL"}
]"#;

const REGISTRY: &str = "
inetnum:        192.0.2.0 - 192.0.2.255
netname:        NORTHREACH
country:        DK
admin-c:        NR1-WARD
tech-c:         NR1-WARD
status:         ALLOCATED PA
mnt-by:         WARD-MNT
source:         WARD

inetnum:        192.0.2.10 - 192.0.2.77
netname:        SKERRY-LABS
country:        DK
admin-c:        NR1-WARD
tech-c:         NR1-WARD
status:         ASSIGNED PA
mnt-by:         WARD-MNT
mnt-irt:        IRT-SKERRY
source:         WARD

inetnum:        198.51.100.0 - 198.51.100.255
netname:        AMBRELL
country:        DE
admin-c:        NR1-WARD
tech-c:         NR1-WARD
status:         ALLOCATED PA
mnt-by:         WARD-MNT
mnt-irt:        IRT-AMBRELL
source:         WARD

inetnum:        203.0.113.128 - 203.0.113.255
netname:        ALDERMARK
country:        SI
admin-c:        NR1-WARD
tech-c:         NR1-WARD
status:         ALLOCATED PA
mnt-by:         WARD-MNT
mnt-irt:        IRT-ALDERMARK
source:         WARD

irt:            IRT-SKERRY
address:        Pier 4
e-mail:         duty@skerry.example
auth:           PGPKEY-A0D177E4
admin-c:        NR1-WARD
tech-c:         NR1-WARD
mnt-by:         WARD-MNT
source:         WARD

irt:            IRT-AMBRELL
address:        Weg 1
e-mail:         noc@ambrell.example
auth:           PGPKEY-A0D177E5
admin-c:        NR1-WARD
tech-c:         NR1-WARD
mnt-by:         WARD-MNT
source:         WARD

irt:            IRT-ALDERMARK
address:        Trg 1
e-mail:         cert@aldermark.example
auth:           PGPKEY-A0D177E6
admin-c:        NR1-WARD
tech-c:         NR1-WARD
mnt-by:         WARD-MNT
source:         WARD
";

/// A desk with all that it stands on.
pub struct World {
    pub node: TestNode,
    pub identity: Identity,
    pub teams: Teams,
    pub registry: Registry,
    pub desk: Desk,
    pub own: Id,
    pub skerry: SecretKey,
    pub aldermark: SecretKey,
    pub relay: Arc<Remembering>,
}

/// A relay that takes everything and remembers it.
#[derive(Default)]
pub struct Remembering {
    pub taken: Mutex<Vec<Handedover>>,
}

/// A mail as it would have gone to the next server.
#[derive(Debug, Clone)]
pub struct Handedover {
    pub return_path: String,
    pub recipient: String,
    pub bytes: Vec<u8>,
}

impl Relay for Remembering {
    fn hand(
        &self,
        return_path: String,
        recipient: String,
        bytes: Vec<u8>,
    ) -> Pin<Box<dyn Future<Output = Handed> + Send>> {
        self.taken.lock().unwrap().push(Handedover { return_path, recipient, bytes });
        Box::pin(async { Handed::Taken("250 ok".into()) })
    }
}

fn key(user_id: &str, seed: u8) -> SecretKey {
    let created = testing::START / SECOND - 86_400 * 30;
    let expires = Some(testing::START / SECOND + 86_400 * 400);
    SecretKey::generate(&KeyParams { user_id: user_id.into(), created, expires }, Seed::from([seed; 32]))
        .unwrap()
}

/// A world whose desk works by `settings`.
pub async fn world_with(settings: Settings) -> World {
    let node = testing::node(&[
        identity::MIGRATIONS,
        mail::MIGRATIONS,
        teams::MIGRATIONS,
        registry::MIGRATIONS,
        incidents::MIGRATIONS,
    ]);
    let identity = Identity::new(node.node.clone(), identity::Settings::default());
    let teams = Teams::open(node.node.clone(), teams::Section::default()).await.unwrap();
    let entries = teams::import::parse(TEAMS.as_bytes()).unwrap().entries;
    let ids = teams::testing::import(&teams, entries).await;
    let own = ids[0];
    teams.set_desk(&Granted::for_node(), own, vec![MAILBOX.into()]).await.unwrap();
    let aldermark = key("Aldermark CERT <cert@aldermark.example>", 1);
    let skerry = key("CERT Skerry <duty@skerry.example>", 2);
    teams.set_secret_key(&Granted::for_node_in(own), own, &aldermark).await.unwrap();
    let public = skerry.public().to_armored().into_bytes();
    teams.add_key(&Granted::for_node_in(ids[1]), ids[1], public).await.unwrap();

    let file = node.folder.path().join("registry.rpsl");
    std::fs::write(&file, REGISTRY).unwrap();
    let (inner, with_teams) = (node.node.clone(), teams.clone());
    let registry = tokio::task::spawn_blocking(move || {
        let registry = Registry::new(inner, with_teams).unwrap();
        registry.import(&Granted::for_node(), &[file], Default::default(), &mut |_| {}).unwrap();
        registry
    })
    .await
    .unwrap();
    let desk = Desk::new(node.node.clone(), teams.clone(), registry.clone(), settings);
    World { node, identity, teams, registry, desk, own, skerry, aldermark, relay: Arc::default() }
}

/// A world with the usual settings.
pub async fn world() -> World {
    world_with(Settings { node_name: "desk.aldermark.example".into(), ..Settings::default() }).await
}

impl World {
    /// A grant of anything to the desk's own work.
    pub fn may<P: identity::Permission>(&self) -> Granted<P> {
        Granted::for_node_in(self.own)
    }

    /// Hands in a mail to the desk from `from`, and waits until it is placed. Returns what became of it, and the words.
    pub async fn mail(&self, from: &str, mail: &str) -> (Outcome, String) {
        self.mail_to(from, MAILBOX, mail.as_bytes()).await
    }

    /// [`World::mail`] to any address of the desk, with any bytes.
    pub async fn mail_to(&self, from: &str, to: &str, mail: &[u8]) -> (Outcome, String) {
        let envelope = Envelope {
            from: from.into(),
            rcpts: vec![to.into()],
            helo: "test.example".into(),
            peer: Some(std::net::IpAddr::from([127, 0, 0, 1])),
            received_at: self.node.now(),
        };
        let accepted = self.desk.accept(envelope, mail.to_vec()).await.unwrap();
        while !self.desk.is_placed(&accepted).await.unwrap() {
            tokio::task::yield_now().await;
        }
        let taken = self.desk.mail_taken(&self.may::<ReadCases>(), accepted.ids[0]).await.unwrap();
        (taken.outcome, taken.note)
    }

    /// Runs what is due now; returns how many jobs.
    pub async fn run_due(&self) -> usize {
        let domain = self.desk.domain(self.relay.clone());
        kit::jobs::run_due(&self.node, &domain.jobs).await.unwrap()
    }

    /// What has left so far, and forgets it.
    pub fn left(&self) -> Vec<Handedover> {
        std::mem::take(&mut *self.relay.taken.lock().unwrap())
    }
}

/// A person's mail.
pub fn letter(from: &str, subject: &str, message_id: &str, more: &str, body: &str) -> String {
    format!(
        "From: {from}\r\nTo: {MAILBOX}\r\nSubject: {subject}\r\nMessage-ID: <{message_id}>\r\nDate: Sat, 21 Nov 2026 19:00:00 +0000\r\n{more}\r\n{body}\r\n"
    )
}
