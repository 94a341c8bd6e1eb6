//! A community with an authority, and openssl beside it.

#![allow(dead_code, clippy::unwrap_used)]

pub mod foreign;

use std::collections::HashSet;
use std::process::Command;
use std::sync::{Arc, Mutex};

use contracts::trust::{Entitlements, ProvenNames, Service};
use identity::{Actor, Granted, Identity, Role};
use kit::testing::TestNode;
use pki::ceremony::{IssuerTerms, Root};
use pki::{Pki, Section};

pub const PASSPHRASE: &str = "a passphrase for tests";

/// Who may, set by the test.
#[derive(Default)]
pub struct Standing {
    pub without: Mutex<HashSet<String>>,
    pub gone: Mutex<HashSet<String>>,
}

impl Entitlements for Standing {
    fn entitled(&self, organisation: &str, service: Service) -> Result<(), String> {
        let without = self.without.lock().unwrap().contains(organisation) || self.gone(organisation);
        if without { Err(format!("{} asks for the standing accredited", service.words())) } else { Ok(()) }
    }

    fn gone(&self, organisation: &str) -> bool {
        self.gone.lock().unwrap().contains(organisation)
    }
}

/// Every team has proven skerry.example.
pub struct Names;

impl ProvenNames for Names {
    fn proven(&self, _organisation: &str, name: &str) -> Result<(), String> {
        if name == "skerry.example" || name.ends_with(".skerry.example") {
            Ok(())
        } else {
            Err(format!("{name} is under no proven domain"))
        }
    }
}

pub struct Community {
    pub node: TestNode,
    pub identity: Identity,
    pub standing: Arc<Standing>,
    pub pki: Pki,
    pub folder: tempfile::TempDir,
    pub root: Mutex<String>,
}

impl Community {
    /// Without an authority.
    pub async fn new() -> Self {
        let node = kit::testing::node(&[identity::MIGRATIONS, mail::MIGRATIONS, pki::MIGRATIONS]);
        let identity = Identity::new(node.node.clone(), identity::Settings::default());
        let standing = Arc::new(Standing::default());
        let settings = Section {
            url: "http://pki.example".into(),
            from: Some("ca@pki.example".into()),
            ..Section::default()
        };
        let pki = Pki::new(node.node.clone(), identity.clone(), standing.clone(), Arc::new(Names), settings);
        pki.start().await.unwrap();
        identity.judge_certificates_by(Arc::new(pki.clone()));
        let folder = tempfile::tempdir().unwrap();
        Self { node, identity, standing, pki, folder, root: Mutex::default() }
    }

    /// With root and issuing authority. The clock shows today, because openssl's does.
    pub async fn begun() -> Self {
        let this = Self::new().await;
        this.to_today();
        this.begin().await;
        this
    }

    /// The same community on another node.
    pub async fn again(&self) -> Pki {
        let (node, settings) = (self.node.node.clone(), self.pki.settings().clone());
        let pki = Pki::new(node, self.identity.clone(), self.standing.clone(), Arc::new(Names), settings);
        pki.start().await.unwrap();
        pki
    }

    /// Makes root and issuing authority.
    pub async fn begin(&self) {
        let random = self.node.random();
        let root = Root::make("Skerry CERTs", 3650, self.node.now(), random).unwrap();
        let terms = IssuerTerms { days: 1825, url: "http://pki.example".into(), only_below: vec![] };
        self.pki.begin(&Granted::for_node(), &root, &terms, 365).await.unwrap();
        *self.root.lock().unwrap() = root.to_file(PASSPHRASE, random).unwrap();
    }

    fn to_today(&self) {
        let date = Command::new("date").arg("+%s").output().unwrap();
        let seconds: i64 = String::from_utf8(date.stdout).unwrap().trim().parse().unwrap();
        self.node.clock.advance(seconds * kit::clock::SECOND - self.node.now());
    }

    pub async fn person(&self, team: &str, login: &str, roles: &[Role]) -> Actor {
        identity::testing::sign_in(&self.identity, team, login, roles).await.1
    }

    /// Gives or takes what a team is entitled to.
    pub async fn entitle(&self, team: &str, may: bool) {
        let id = self.identity.organisation(team, team).await.unwrap().to_string();
        let mut without = self.standing.without.lock().unwrap();
        if may {
            without.remove(&id)
        } else {
            without.insert(id)
        };
    }

    /// The team leaves for good.
    pub async fn leave(&self, team: &str) {
        let id = self.identity.organisation(team, team).await.unwrap().to_string();
        self.standing.gone.lock().unwrap().insert(id);
    }

    pub fn root_pem(&self) -> String {
        let file = self.root.lock().unwrap();
        file[file.find("-----BEGIN CERTIFICATE").unwrap()..].to_owned()
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

/// What openssl says, on both its outputs.
pub fn openssl(at: &Community, arguments: &[&str]) -> String {
    let run = Command::new("openssl").current_dir(at.folder.path()).args(arguments).output().unwrap();
    String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr)
}

/// A request for a new key in `key.pem`.
pub fn csr(at: &Community, key: &str, subject: &str, names: Option<&str>) -> String {
    let names = names.map(|names| format!("subjectAltName={names}"));
    let mut arguments =
        vec!["req", "-new", "-nodes", "-keyout", "key.pem", "-out", "request.pem", "-subj", subject];
    match key {
        "ec" => arguments.extend(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        "ec-sha1" => arguments.extend(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-sha1"]),
        other => arguments.extend(["-newkey", other]),
    }
    if let Some(names) = &names {
        arguments.extend(["-addext", names]);
    }
    let said = openssl(at, &arguments);
    let file = at.folder.path().join("request.pem");
    std::fs::read_to_string(file).unwrap_or_else(|_| panic!("{said}"))
}
