//! A small registry that was imported, and the keys of those who keep it.

use std::sync::LazyLock;

use identity::Granted;
use kit::clock::SECOND;
use kit::testing::{START, TestNode, node};
use kit::{Digest, Id};
use mail::open::open;
use mail::pgp::{KeyParams, SecretKey, Seed, SignatureMode};
use mail::unlock::NoKeys;
use registry::update::{Keywords, Outcome, Proof, Proofs, Report, Severity, Submission};
use registry::{Options, Registry, Settings};
use teams::Teams;

/// Whose keys there are.
pub const OFFICE: usize = 0;
pub const SKERRY: usize = 1;
pub const TIDE: usize = 2;
pub const IRT_SKERRY: usize = 3;
pub const IRT_TIDE: usize = 4;
pub const INTRODUCER: usize = 5;

static KEYS: LazyLock<Vec<SecretKey>> = LazyLock::new(|| {
    (1..=6_u8)
        .map(|seed| {
            let user_id = format!("Key {seed} <key{seed}@team.example>");
            let params = KeyParams { user_id, created: START / SECOND - 1_000_000, expires: None };
            SecretKey::generate(&params, Seed::from([seed; 32])).unwrap()
        })
        .collect()
});

/// The whole fingerprint of a key.
pub fn print(who: usize) -> String {
    KEYS[who].public().fingerprint()
}

/// The lines of a key's block.
pub fn certif(who: usize) -> String {
    KEYS[who].public().to_armored().lines().map(|line| format!("certif: {line}\n")).collect()
}

/// What a good signature by a key proves.
pub fn signed(who: &[usize]) -> Proofs {
    let proof = |who: &usize| Proof::OpenPgp {
        fingerprint: print(*who),
        made_at: START,
        digest: Digest::of(b"signed"),
    };
    Proofs::new(who.iter().map(proof).collect())
}

/// The text signed in clear by a key, now.
pub fn clear_signed(who: usize, text: &str, world: &World) -> String {
    let text = text.trim_end().replace('\n', "\r\n");
    let now = world.node.now() / SECOND;
    let signature = KEYS[who].sign_detached(text.as_bytes(), SignatureMode::Text, now).unwrap().armored;
    format!("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}\n{signature}", text.replace('\r', ""))
}

/// What being logged in proves.
pub fn account(login: &str) -> Proofs {
    Proofs::new(vec![Proof::Account { id: Id::from_bytes([7; 16]), login: login.into() }])
}

/// The node's administrator at the command line.
pub fn keeper() -> Proofs {
    Proofs::overriding(&Granted::for_node())
}

pub struct World {
    pub node: TestNode,
    pub registry: Registry,
}

/// The registry `WARD` after its import.
pub fn world() -> World {
    let node = node(&[identity::MIGRATIONS, teams::MIGRATIONS, mail::MIGRATIONS, registry::MIGRATIONS]);
    let on = node.node.clone();
    let wait = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let teams = std::thread::spawn(move || wait.block_on(Teams::open(on, teams::Section::default())))
        .join()
        .unwrap()
        .unwrap();
    let settings = Settings {
        source: Some("WARD".into()),
        introducers: vec!["INTRO-MNT".into()],
        base_url: "https://registry.example".into(),
        node_name: "registry.example".into(),
        update_address: "auto-dbm@registry.example".into(),
        ..Settings::default()
    };
    let registry = Registry::with(node.node.clone(), teams, settings).unwrap();
    let world = World { node, registry };
    world.import(&dump()).unwrap();
    world
}

/// The objects of the world as a dump.
pub fn dump() -> String {
    let mut text = String::new();
    let mut add = |object: &str| {
        text.push_str(object.trim_end());
        text.push_str("\n\n");
    };
    for (who, maintainer) in
        [(OFFICE, "OFFICE-MNT"), (SKERRY, "SKERRY-MNT"), (TIDE, "TIDE-MNT"), (INTRODUCER, "INTRO-MNT")]
    {
        let name = maintainer.to_lowercase();
        add(&format!(
            "mntner: {maintainer}\nadmin-c: WR1-WARD\nupd-to: upd@{name}.example\nmnt-nfy: nfy@{name}.example\n\
             auth: PGPKEY-{}\nmnt-by: {maintainer}\nsource: WARD",
            print(who)
        ));
    }
    for (who, team) in [(IRT_SKERRY, "SKERRY"), (IRT_TIDE, "TIDE")] {
        let name = team.to_lowercase();
        add(&format!(
            "irt: IRT-{team}\naddress: Pier 4\ne-mail: cert@{name}.example\nadmin-c: WR1-WARD\ntech-c: WR1-WARD\n\
             auth: PGPKEY-{}\nauth: PGPKEY-{}\nirt-nfy: irt-nfy@{name}.example\nmnt-by: {team}-MNT\nsource: WARD",
            print(who),
            print(INTRODUCER)
        ));
    }
    for who in 0..6 {
        add(&format!("key-cert: PGPKEY-{}\n{}mnt-by: OFFICE-MNT\nsource: WARD", print(who), certif(who)));
    }
    add("role: Ward Registry\naddress: Moot Hall\ne-mail: office@registry.example\nnic-hdl: WR1-WARD\n\
         mnt-by: OFFICE-MNT\nsource: WARD");
    add("person: Mira Aldane\naddress: Pier 4\ne-mail: mira@skerry.example\nnic-hdl: MA1-WARD\n\
         mnt-by: SKERRY-MNT\nsource: WARD");
    add("organisation: ORG-SK1-WARD\norg-name: Skerry Network\norg-type: OTHER\naddress: Pier 4\n\
         e-mail: info@skerry.example\nref-nfy: ref-nfy@skerry.example\nmnt-ref: SKERRY-MNT\nmnt-by: SKERRY-MNT\nsource: WARD");
    add(&network("192.0.2.0 - 192.0.2.255", "ALLOCATED PA", "mnt-by: OFFICE-MNT\nmnt-lower: SKERRY-MNT\n"));
    add(&network(
        "192.0.2.0 - 192.0.2.127",
        "ASSIGNED PA",
        "notify: notify@campus.example\nmnt-by: SKERRY-MNT\n",
    ));
    add(&network("198.51.100.0 - 198.51.100.255", "ASSIGNED PA", "mnt-by: TIDE-MNT\n"));
    text
}

/// A network with what its class demands.
pub fn network(range: &str, status: &str, more: &str) -> String {
    format!(
        "inetnum: {range}\nnetname: NET\ncountry: DK\nadmin-c: WR1-WARD\ntech-c: WR1-WARD\nstatus: {status}\n{more}source: WARD\n"
    )
}

impl World {
    pub fn import(&self, text: &str) -> kit::Result<registry::Summary> {
        let name = format!("{}.rpsl", Digest::of(text.as_bytes()));
        let file = self.node.folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        self.registry.import(&Granted::for_node(), &[file], Options::default(), &mut |_| {})
    }

    pub fn send(&self, proofs: &Proofs, text: &str) -> Report {
        let submission = Submission::from_text(text.as_bytes(), Keywords::default()).unwrap();
        self.registry.update_now(proofs, submission).unwrap()
    }

    /// Sends what must succeed.
    pub fn done(&self, proofs: &Proofs, text: &str) -> Report {
        let report = self.send(proofs, text);
        assert!(report.is_success(), "{report:#?}");
        report
    }

    /// Sends one object that must be refused; returns its errors.
    pub fn refused(&self, proofs: &Proofs, text: &str) -> String {
        let before = self.texts();
        let report = self.send(proofs, text);
        assert_eq!(self.texts(), before, "something was changed");
        assert!(report.objects.iter().all(|object| object.outcome == Outcome::Failed), "{report:#?}");
        let errors = report.objects.iter().flat_map(|object| &object.messages);
        let errors = errors.filter(|message| message.severity == Severity::Error);
        errors.map(|message| message.text.clone()).collect::<Vec<_>>().join("\n")
    }

    /// Every object of the registry.
    pub fn texts(&self) -> Vec<String> {
        let rows = self.node.db.read_now(|c| {
            const ALL: kit::Sql = kit::Sql::new("SELECT raw FROM registry_object ORDER BY class, key");
            c.query(ALL, &[], |row| row.get::<Vec<u8>>(0))
        });
        rows.unwrap().into_iter().map(|raw| String::from_utf8(raw).unwrap()).collect()
    }

    /// The object of this name.
    pub fn text(&self, class: &str, key: &str) -> Option<String> {
        let (class, key) = (class.to_owned(), key.to_owned());
        let row = self.node.db.read_now(move |c| {
            const ONE: kit::Sql =
                kit::Sql::new("SELECT raw FROM registry_object WHERE class = $1 AND key = $2");
            c.query_opt(ONE, kit::params![class, key], |row| row.get::<Vec<u8>>(0))
        });
        row.unwrap().map(|raw| String::from_utf8(raw).unwrap())
    }

    /// The mails in the queue: recipient, subject, text.
    pub fn mails(&self) -> Vec<(String, String, String)> {
        let queued = self.node.db.read_now(|c| mail::queue::about(c, "registry:notice")).unwrap();
        let mut mails: Vec<_> = queued
            .into_iter()
            .map(|mail| {
                let bytes = self.node.blobs.get(mail.blob).unwrap();
                let opened = open(&bytes, &mail::Limits::default(), &NoKeys);
                (mail.recipient, opened.subject().to_owned(), opened.body_text().replace("\r\n", "\n"))
            })
            .collect();
        mails.sort();
        mails
    }

    /// To whom mails are in the queue.
    pub fn told(&self) -> Vec<String> {
        self.mails().into_iter().map(|(to, ..)| to).collect()
    }
}
