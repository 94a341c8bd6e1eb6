//! Debian's certbot against the server, on a real socket: its account, its certificate, renewal, revocation.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use super::*;

/// Whether `certbot` is here; the step `conversations` of `./test` installs it.
fn has_certbot() -> bool {
    let found = Command::new("certbot").arg("--version").output().is_ok();
    if !found {
        eprintln!("left out: certbot is not installed");
    }
    found
}

/// Runs a program and gives its words, which must be those of success.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let (succeeded, said) = attempt(folder, program, arguments);
    assert!(succeeded, "{program} {arguments:?}: {said}");
    said
}

fn attempt(folder: &Path, program: &str, arguments: &[&str]) -> (bool, String) {
    let out = Command::new(program).current_dir(folder).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    (out.status.success(), said)
}

/// A certbot with folders of its own, answering at `port`.
fn certbot(folder: &Path, port: u16, command: &str, more: &[&str]) -> (bool, String) {
    let port = port.to_string();
    let own = ["--config-dir", "etc", "--work-dir", "work", "--logs-dir", "logs", "--non-interactive"];
    let standalone = ["--http-01-port", port.as_str()];
    let standalone = if command == "revoke" { &[][..] } else { &standalone };
    attempt(folder, "certbot", &[&[command], &own[..], standalone, more].concat())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_conversation_with_certbot_from_its_account_to_revocation() {
    if !has_certbot() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port(); // free again at once
    let world = World::with(|settings| super::super::Section {
        base_url: Some(base.clone()),
        http_port: port,
        ..settings
    })
    .await;
    let service = world.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    let (node, jobs_of) = (world.node.node.clone(), world.pki.acme_jobs());
    tokio::spawn(async move {
        loop {
            jobs::run_due(&node, &jobs_of).await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let made = world.pki.make_acme_credential(&world.admin, "certbot", 30).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_owned();
    let ask = async |command: &'static str, more: &[&str]| {
        let (at, more) = (at.clone(), more.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        let work = move || {
            let more: Vec<&str> = more.iter().map(String::as_str).collect();
            certbot(&at, port, command, &more)
        };
        tokio::task::spawn_blocking(work).await.unwrap()
    };

    let directory = format!("{base}/acme/directory");
    let common = [
        "--standalone",
        "--server",
        &directory,
        "--agree-tos",
        "-m",
        "kes@team.example",
        "-d",
        "www.team.example",
    ];
    let (done, said) = ask("certonly", &common).await;
    assert!(!done && said.to_lowercase().contains("external account"), "{said}");
    let bound = ["--eab-kid", &made.kid, "--eab-hmac-key", &made.key];
    let (done, said) = ask("certonly", &[&common[..], &bound].concat()).await;
    assert!(done, "{said}");

    // What came is what openssl takes.
    let live = at.join("etc/live/www.team.example");
    let chain = std::fs::read_to_string(live.join("fullchain.pem")).unwrap();
    assert_eq!(chain.matches("BEGIN CERTIFICATE").count(), 2);
    let root = world.root.as_str();
    std::fs::write(at.join("root.pem"), root).unwrap();
    let leaf = live.join("cert.pem").display().to_string();
    let above = live.join("chain.pem").display().to_string();
    let seconds = (world.node.now() / kit::clock::SECOND).to_string();
    let verify = [
        "verify",
        "-x509_strict",
        "-attime",
        &seconds,
        "-purpose",
        "sslserver",
        "-verify_hostname",
        "www.team.example",
        "-CAfile",
        "root.pem",
        "-untrusted",
        &above,
        &leaf,
    ];
    assert!(run(&at, "openssl", &verify).contains("OK"));
    let text = run(&at, "openssl", &["x509", "-in", &leaf, "-noout", "-ext", "subjectAltName"]);
    assert!(text.contains("DNS:www.team.example"), "{text}");

    let (done, said) = ask("renew", &["--force-renewal", "--no-random-sleep-on-renew"]).await;
    assert!(done, "{said}");
    let renewed = std::fs::read_to_string(live.join("fullchain.pem")).unwrap();
    assert_ne!(renewed, chain);
    let foreign = ["--standalone", "--server", &directory, "-d", "www.foreign.example"];
    let (done, said) = ask("certonly", &foreign).await;
    // certbot 2.1 on Python 3.11 stumbles over each refusal before it shows it: the words are in its log.
    let log = std::fs::read_to_string(at.join("logs/letsencrypt.log")).unwrap();
    assert!(!done && log.contains("under no domain that the team has proven"), "{said}");

    let (done, said) = ask(
        "revoke",
        &["--server", &directory, "--cert-path", &leaf, "--reason", "superseded", "--no-delete-after-revoke"],
    )
    .await;
    assert!(done, "{said}");
    let print = crate::x509::fingerprint(&crate::x509::blocks(&renewed)[0].1);
    let pki = world.pki.clone();
    let one = world.node.db.read(move |c| pki.certificate_in(c, &print)).await.unwrap().unwrap();
    assert_eq!(one.known.revoked.map(|(_, reason)| reason), Some(crate::x509::crl::Reason::Superseded));
}
