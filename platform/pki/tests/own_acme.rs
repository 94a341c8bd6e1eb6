//! The node's own certificate by ACME from an authority elsewhere: our own server, at another node, over https.

#![allow(clippy::unwrap_used)]

mod common;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use common::{Community, openssl};
use contracts::tls::OwnCertificates as _;
use identity::{Granted, ManageTeam, Role};
use kit::clock::DAY;
use pki::{Pki, Section};
use tls::{Acme, Config, Files};
use tokio::net::TcpListener;
use tokio::sync::watch;

const NAME: &str = "www.skerry.example";

/// An authority that is reached by https, and the plain listener of the node that asks.
struct At {
    community: Community,
    directory: String,
    root: PathBuf,
    plain: TcpListener,
    _stop: watch::Sender<bool>,
}

async fn begun() -> At {
    let community = Community::begun().await;
    let said = openssl(
        &community,
        &"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout site.key -out site.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE"
            .split(' ')
            .collect::<Vec<_>>(),
    );
    assert!(!said.contains("rror"), "{said}");
    let folder = community.folder.path();
    let files = Files { cert: folder.join("site.pem"), key: folder.join("site.key") };
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let acme = pki::acme::Section {
        base_url: Some(base.clone()),
        http_port: plain.local_addr().unwrap().port(),
        allow: vec!["127.0.0.1".into()],
        resolve: [(NAME.to_owned(), "127.0.0.1".parse().unwrap())].into(),
        ..Default::default()
    };
    let settings = Section { url: "http://pki.example".into(), acme, ..Section::default() };
    let names = Arc::new(common::Names);
    let (node, identity) = (community.node.node.clone(), community.identity.clone());
    let pki = Pki::new(node.clone(), identity, community.standing.clone(), names, settings);
    pki.start().await.unwrap();
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(tls::serve(listener, Config::load(&files).unwrap(), pki.acme_routes(), stopped));
    // Challenges are looked at by a job.
    let jobs = pki.domain().jobs;
    tokio::spawn(async move {
        loop {
            kit::jobs::run_due(&node, &jobs).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    At { root: files.cert, directory: format!("{base}/acme/directory"), community, plain, _stop: stop }
}

impl At {
    async fn settings(&self) -> tls::acme::Section {
        let kes = self.community.person("skerry", "kes", &[Role::TeamAdmin]).await;
        let granted = Granted::<ManageTeam>::check(&kes).unwrap();
        let credential = self.community.pki.make_acme_credential(&granted, "own", 30).await.unwrap();
        self.community.write("hmac", &credential.key);
        tls::acme::Section {
            directory: self.directory.clone(),
            agree: true,
            contact: "kes@skerry.example".into(),
            root: Some(self.root.clone()),
            kid: credential.kid,
            key_file: Some(self.community.folder.path().join("hmac")),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_gets_its_certificate_from_another_nodes_authority_keeps_it_sealed_and_renews_it() {
    let at = begun().await;
    let (node, data) = (at.community.node.node.clone(), at.community.folder.path().to_owned());
    let settings = at.settings().await;
    let names = vec![NAME.to_owned()];
    let stranger = tls::acme::Section { kid: "nobody".into(), ..settings.clone() };
    let unbound = Acme::open(node.clone(), stranger, names.clone(), &data).unwrap();
    let why = unbound.renew().await.unwrap_err().to_string();
    assert!(why.contains("the ACME server: "), "{why}");
    assert!(unbound.current().is_none());

    let acme = Acme::open(node.clone(), settings.clone(), names.clone(), &data).unwrap();
    let service = acme.routes().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(at.plain, service).await });
    assert!(acme.renew().await.unwrap());
    assert!(!acme.renew().await.unwrap(), "one is enough");
    let first = acme.current().unwrap();
    let pem: Vec<String> = first.chain.iter().map(|der| pki::x509::armour("CERTIFICATE", der)).collect();
    at.community.write("own.pem", &pem[0]);
    at.community.write("issuing.pem", &pem[1]);
    at.community.write("root.pem", at.community.root_pem());
    let verify = format!(
        "verify -x509_strict -verify_hostname {NAME} -CAfile root.pem -untrusted issuing.pem own.pem"
    );
    let said = openssl(&at.community, &verify.split(' ').collect::<Vec<_>>());
    assert!(said.contains("own.pem: OK"), "{said}");

    // Started again it shows the same; nothing of it lies there in clear.
    let again = Acme::open(node.clone(), settings, names, &data).unwrap();
    assert_eq!((&again.current().unwrap().chain, &again.current().unwrap().key), (&first.chain, &first.key));
    let kept = std::fs::read(data.join("tls-acme.sealed")).unwrap();
    assert!(!kept.windows(7).any(|window| window == b"PRIVATE" || window == b"-----BE"));

    at.community.node.clock.advance(59 * DAY);
    assert!(!acme.renew().await.unwrap(), "a third of 90 days is left");
    at.community.node.clock.advance(2 * DAY);
    assert!(acme.renew().await.unwrap());
    assert_ne!(acme.current().unwrap().chain[0], first.chain[0]);
}
