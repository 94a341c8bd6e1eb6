//! `wardmote cert request`: key and request are made here; the node gets the request alone.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kit::{Error, Result, SystemRandom};
use serde_json::{Value, json};
use ureq::tls::{PemItem, RootCerts, TlsConfig};

use super::files::{must_be_new, read, write_new};
use crate::x509::{CN, CaKey, Curve, armour, csr, subject};

/// Whom to ask, and where to put key and certificate.
#[derive(Debug, clap::Args)]
pub struct Request {
    /// The node, such as https://members.example
    #[arg(long, value_name = "URL")]
    from: String,
    /// A file with a token that may get certificates (scope certificates:request; team:manage for --server)
    #[arg(long, value_name = "FILE", env = "WARDMOTE_TOKEN_FILE")]
    token_file: PathBuf,
    /// Where to write: NAME.key and NAME.pem
    #[arg(long, value_name = "NAME")]
    out: PathBuf,
    /// A server of the team by its name, once for each; without it, the certificate is the token's owner's
    #[arg(long, value_name = "HOST")]
    server: Vec<String>,
    /// Who is told by mail before the certificate ends
    #[arg(long, value_name = "ADDRESS")]
    notify: Option<String>,
    /// The authority of the node's own certificate (PEM), where the web's usual ones do not know it
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// Runs it.
pub(super) fn run(request: Request) -> Result<()> {
    let file = |ending: &str| PathBuf::from(format!("{}.{ending}", request.out.display()));
    let (key_file, chain_file) = (file("key"), file("pem"));
    must_be_new(&key_file)?;
    must_be_new(&chain_file)?;
    let token = String::from_utf8_lossy(&read(&request.token_file)?).trim().to_owned();
    let key = CaKey::make(Curve::P256, &SystemRandom);
    let name = request.server.first().filter(|name| name.len() <= 64).map_or("", String::as_str);
    let asked = csr::make_for(&key, &subject(&[(CN, name)])?, &request.server)?;
    // The key is on the disk before anybody certifies it.
    write_new(&key_file, &armour("PRIVATE KEY", &key.to_pkcs8()?))?;
    let path = if request.server.is_empty() { "certificates" } else { "team/certificates" };
    let url = format!("{}/api/v1/{path}", request.from.trim_end_matches('/'));
    let body = json!({ "csr": armour("CERTIFICATE REQUEST", &asked), "notify": request.notify });
    let answer = ask(&url, &token, request.ca.as_deref(), &body)?;
    let chain = answer["chain"].as_str().ok_or_else(|| {
        Error::Conflict(format!("{url} answered without a certificate: is this a node of Wardmote?"))
    })?;
    write_new(&chain_file, chain)?;
    println!(
        "{} until {}",
        answer["subject"].as_str().unwrap_or_default(),
        answer["until"].as_str().unwrap_or_default()
    );
    println!("key {}, certificate {}", key_file.display(), chain_file.display());
    println!(
        "for a browser: openssl pkcs12 -export -inkey {} -in {} -out FILE.p12",
        key_file.display(),
        chain_file.display()
    );
    Ok(())
}

fn ask(url: &str, token: &str, ca: Option<&Path>, body: &Value) -> Result<Value> {
    let roots = match ca {
        None => RootCerts::WebPki,
        Some(file) => {
            let pem = read(file)?;
            let found: Vec<_> = ureq::tls::parse_pem(&pem)
                .filter_map(|item| match item {
                    Ok(PemItem::Certificate(certificate)) => Some(certificate),
                    _ => None,
                })
                .collect();
            RootCerts::new_with_certs(&found)
        }
    };
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(60)))
        .max_redirects(0)
        .http_status_as_error(false)
        .user_agent(concat!("wardmote/", env!("CARGO_PKG_VERSION")))
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .build()
        .new_agent();
    let failed = |error: &dyn std::fmt::Display| Error::Unavailable(format!("{url}: {error}"));
    let sent = agent
        .post(url)
        .header("authorization", &format!("Bearer {token}"))
        .header("content-type", "application/json")
        .send(body.to_string());
    let mut answer = sent.map_err(|error| failed(&error))?;
    let status = answer.status();
    let text = answer
        .body_mut()
        .with_config()
        .limit(1024 * 1024)
        .read_to_string()
        .map_err(|error| failed(&error))?;
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    if status.is_success() {
        return Ok(value);
    }
    let why = value["detail"].as_str().map_or_else(|| format!("status {status}"), str::to_owned);
    Err(Error::Forbidden(format!("{url} refused: {why}")))
}
