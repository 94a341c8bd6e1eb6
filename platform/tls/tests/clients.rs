//! curl and openssl against the listener.

#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use axum::Router;
use axum::extract::{ConnectInfo, Extension};
use axum::http::HeaderMap;
use axum::routing::get;
use contracts::tls::{OwnCertificate, OwnCertificates};
use kit::clock::DAY;
use kit::health::Verdict;
use kit::{Clock as _, SystemClock};
use tls::{ClientCertificate, Config, Files, Section, Source};
use tokio::sync::watch;

/// A self-signed certificate and its key, made by openssl.
fn certificate(folder: &Path, name: &str, more: &[&str]) -> Files {
    let (cert, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj"])
        .arg(format!("/CN={name}"))
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(more)
        .arg("-out")
        .arg(&cert)
        .arg("-keyout")
        .arg(&key)
        .output()
        .expect("openssl is missing: apt-get install openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Files { cert, key }
}

fn der(files: &Files) -> Vec<u8> {
    let out =
        Command::new("openssl").args(["x509", "-outform", "der", "-in"]).arg(&files.cert).output().unwrap();
    assert!(out.status.success());
    out.stdout
}

/// Says who the client is.
async fn who(
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    certificate: Option<Extension<ClientCertificate>>,
    headers: HeaderMap,
) -> String {
    assert!(address.ip().is_loopback());
    let shown = certificate.map_or_else(
        || "nobody".to_owned(),
        |Extension(shown)| {
            let now = SystemClock.now();
            let valid = [now - DAY, now, now + 40 * DAY].map(|at| shown.is_valid(at));
            format!("{} valid={valid:?}", shown.der().len())
        },
    );
    format!("{shown} forwarded={}", headers.contains_key("x-forwarded-for"))
}

struct Running {
    address: SocketAddr,
    folder: tempfile::TempDir,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

async fn start() -> Running {
    let folder = tempfile::tempdir().unwrap();
    let own = certificate(folder.path(), "server", &["-days", "30"]);
    serving(folder, Config::load(&own).unwrap()).await
}

async fn serving(folder: tempfile::TempDir, config: Config) -> Running {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let router = Router::new().route("/who", get(who));
    let task = tokio::spawn(tls::serve(listener, config, router, stopped));
    Running { address, folder, stop, task }
}

async fn curl(node: &Running, args: Vec<String>) -> (bool, String) {
    let url = format!("https://{}/who", node.address);
    let ca = node.folder.path().join("server.pem");
    tokio::task::spawn_blocking(move || {
        let out = Command::new("curl")
            .args(["-sS", "--max-time", "10", "--cacert"])
            .arg(ca)
            .args(args)
            .arg(url)
            .output()
            .unwrap();
        (out.status.success(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
    })
    .await
    .unwrap()
}

fn with(files: &Files) -> Vec<String> {
    let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
    vec!["--cert".into(), text(&files.cert), "--key".into(), text(&files.key)]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for_reaches_the_handler_with_the_time_in_which_it_is_valid() {
    let node = start().await;
    let own = certificate(node.folder.path(), "member", &["-days", "30"]);
    let length = der(&own).len();
    for version in ["1.2", "1.3"] {
        let mut args = with(&own);
        args.extend(["--tls-max".to_owned(), version.to_owned()]);
        assert_eq!(
            curl(&node, args).await,
            (true, format!("{length} valid=[false, true, false] forwarded=false")),
            "TLS {version}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_certificate_one_is_nobody_whatever_one_says() {
    let node = start().await;
    let said = ["x-forwarded-for: 192.0.2.1", "x-client-cert: MIIB", "ssl-client-verify: SUCCESS"];
    let args = said.iter().flat_map(|header| ["-H".to_owned(), (*header).to_owned()]).collect();
    assert_eq!(curl(&node, args).await, (true, "nobody forwarded=false".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_certificate_without_its_key_is_refused() {
    let node = start().await;
    let (member, thief) =
        (certificate(node.folder.path(), "member", &[]), certificate(node.folder.path(), "thief", &[]));
    let mixed = Files { cert: member.cert, key: thief.key };
    let (good, said) = curl(&node, with(&mixed)).await;
    assert!(!good, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_and_talkative_clients_do_not_keep_others_out_and_it_stops_when_told() {
    let node = start().await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(tokio::net::TcpStream::connect(node.address).await.unwrap());
    }
    let mut plain = tokio::net::TcpStream::connect(node.address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut plain, b"GET /who HTTP/1.0\r\n\r\n").await.unwrap();
    assert!(curl(&node, Vec::new()).await.0);
    node.stop.send(true).unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(10), node.task).await.unwrap().unwrap();
}

#[test]
fn files_that_do_not_fit_are_named_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (certificate(folder.path(), "one", &[]), certificate(folder.path(), "other", &[]));
    let wrong = |cert: &Path, key: &Path| {
        let files = Files { cert: cert.into(), key: key.into() };
        Config::load(&files).err().unwrap().to_string()
    };
    assert!(wrong(&one.key, &one.key).contains("one.key: "), "{}", wrong(&one.key, &one.key));
    assert!(wrong(&one.cert, &one.cert).contains("no private key can be read from it"));
    assert!(wrong(&one.cert, &other.key).contains("it does not go together with the key"));
    assert!(wrong(&folder.path().join("none"), &one.key).contains("none: "));

    let mut section = Section { enabled: true, ..Section::default() };
    let none: Arc<dyn OwnCertificates> = Arc::new(Authority::default());
    assert!(section.read(None, &none).is_err() && section.check(&[]).is_err());
    (section.cert, section.key) = (Some(one.cert.clone()), Some(one.key.clone()));
    let told = |days: i64| {
        let told = section.finding(&none, SystemClock.now() + days * DAY).unwrap();
        (told.verdict, told.words.split_once("certificate ").unwrap().1.to_owned())
    };
    assert_eq!(told(0), (Verdict::Good, "good for 29 days".into()));
    assert_eq!(told(10), (Verdict::Mind, "good for 19 days: renew it".into()));
    assert_eq!(told(25), (Verdict::Bad, "good for 4 days: renew it".into()));
    assert_eq!(told(31), (Verdict::Bad, "has ended 1 days ago: renew it".into()));
    assert_eq!(Section::default().finding(&none, 0), None);

    // By the authority: without files, and for hosts that have names.
    section.source = Source::Authority;
    assert!(section.check(&["members.example".into()]).unwrap_err().to_string().contains("leave out cert"));
    (section.cert, section.key) = (None, None);
    assert!(section.check(&[]).unwrap_err().to_string().contains("[hosts]"));
    section.check(&["members.example".into()]).unwrap();
    let told = section.finding(&none, 0).unwrap();
    assert!(told.verdict == Verdict::Bad && told.words.contains("no certificate yet"), "{told}");

    // By ACME: from a directory whose terms are agreed to.
    section.source = Source::Acme;
    let hosts = ["members.example".to_owned()];
    let why = |section: &Section| section.check(&hosts).unwrap_err().to_string();
    assert!(why(&section).contains("directory"));
    section.acme.directory = "https://acme.example/directory".into();
    assert!(why(&section).contains("agree"));
    section.acme.agree = true;
    section.check(&hosts).unwrap();
    section.acme.kid = "bound".into();
    assert!(why(&section).contains("key_file"));
}

/// An authority with what a test gives it.
#[derive(Default)]
struct Authority(ArcSwapOption<OwnCertificate>);

impl Authority {
    fn makes(&self, folder: &Path, files: &Files) {
        let key = folder.join("key.der");
        let mut command = Command::new("openssl");
        command.args(["pkcs8", "-topk8", "-nocrypt", "-outform", "DER", "-in"]);
        let made = made_of(&mut command, &files.key, &key);
        self.0.store(Some(Arc::new(OwnCertificate { chain: vec![der(files)], key: made })));
    }
}

fn made_of(command: &mut Command, from: &Path, to: &Path) -> Vec<u8> {
    let out = command.arg(from).arg("-out").arg(to).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    std::fs::read(to).unwrap()
}

impl OwnCertificates for Authority {
    fn current(&self) -> Option<Arc<OwnCertificate>> {
        self.0.load_full()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_the_authority_makes_is_shown_as_soon_as_it_is_there_and_the_next_one_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Arc::new(Authority::default());
    let config = Config::with(&[], Some(authority.clone()), None).unwrap();
    let node = serving(folder, config.clone()).await;
    assert!(!curl(&node, vec![]).await.0, "a handshake without a certificate");
    assert!(!config.refresh().unwrap());
    for _ in 0..2 {
        let files = certificate(node.folder.path(), "server", &["-days", "30"]);
        authority.makes(node.folder.path(), &files);
        assert!(config.refresh().unwrap());
        let (fine, said) = curl(&node, vec![]).await;
        assert!(fine, "{said}");
        assert!(!config.refresh().unwrap());
    }
}

fn at(node: &Running, name: &str, files: &Files) -> Vec<String> {
    let port = node.address.port();
    let mut args = with(files);
    args.extend(["--connect-to".into(), format!("::127.0.0.1:{port}"), "--resolve".into()]);
    args.push(format!("{name}.example:{port}:127.0.0.1"));
    args.extend(["--cacert".into(), node.folder.path().join(format!("{name}.pem")).to_str().unwrap().into()]);
    args.push(format!("https://{name}.example:{port}/who"));
    args
}

#[tokio::test(flavor = "multi_thread")]
async fn each_name_has_its_own_certificate_and_only_the_members_host_asks_for_the_clients() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["members", "www"].map(|name| {
        let extension = format!("subjectAltName=DNS:{name}.example");
        let (cert, key) =
            (folder.path().join(format!("{name}.pem")), folder.path().join(format!("{name}.key")));
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "30",
            ])
            .args(["-subj", &format!("/CN={name}"), "-addext", &extension, "-out"])
            .arg(&cert)
            .arg("-keyout")
            .arg(&key)
            .output()
            .unwrap();
        assert!(made.status.success());
        Files { cert, key }
    });
    let config = Config::of(&files, Some("members.example")).unwrap();
    let node = serving(folder, config).await;
    let client = certificate(node.folder.path(), "client", &["-days", "30"]);
    let said = curl_at(at(&node, "members", &client)).await;
    assert!(said.contains("valid=[false, true, false]"), "{said}");
    assert!(curl_at(at(&node, "www", &client)).await.starts_with("nobody"), "the public host does not ask");
}

async fn curl_at(args: Vec<String>) -> String {
    let run = move || Command::new("curl").args(["-sS", "--max-time", "10"]).args(args).output().unwrap();
    let out = tokio::task::spawn_blocking(run).await.unwrap();
    String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned()
}

#[test]
fn a_renewed_certificate_is_taken_without_a_restart_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let own = certificate(folder.path(), "own", &["-days", "30"]);
    let config = Config::load(&own).unwrap();
    assert!(!config.refresh().unwrap(), "nothing has changed");
    let other = certificate(folder.path(), "other", &["-days", "60"]);
    std::fs::copy(&other.cert, &own.cert).unwrap();
    let why = config.refresh().unwrap_err().to_string();
    assert!(why.contains("does not go together with the key"), "half a renewal: {why}");
    std::fs::copy(&other.key, &own.key).unwrap();
    assert!(config.refresh().unwrap());
    assert!(!config.refresh().unwrap());
}
