//! Files of another registry: by https, or from a folder of this machine.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use kit::{Error, Result};
use nrtm::{FileRef, Hash, MAX_SIGNED, NOTIFICATION_FILE};
use sha2::{Digest as _, Sha256};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::Follow;

/// The largest file that is taken, as it lies there.
const LARGEST: u64 = 4 << 30;
/// For connecting, and for each answer to begin.
const PATIENCE: Duration = Duration::from_secs(20);
/// For all of a notification file, and for all of another file.
const SOON: Duration = Duration::from_secs(60);
const LATER: Duration = Duration::from_secs(1800);

/// Where another registry's files are.
pub(super) enum Place {
    Folder(PathBuf),
    /// The URL of the folder, with a slash at its end.
    Https(String, Box<ureq::Agent>),
}

impl Place {
    /// Where `follow` says.
    ///
    /// # Errors
    /// Its URL is neither `https:` nor `file:`, or does not end with the name that the file has on every server; or its
    /// certificates cannot be read.
    pub(super) fn of(follow: &Follow) -> Result<Self> {
        let wrong = |message: &str| Error::invalid(format!("registry.mirror.url {}", follow.url), message);
        let folder = follow.url.strip_suffix(NOTIFICATION_FILE).filter(|folder| folder.ends_with('/'));
        let folder = folder.ok_or_else(|| wrong(&format!("it does not end with /{NOTIFICATION_FILE}")))?;
        if let Some(path) = folder.strip_prefix("file://") {
            return match path.starts_with('/') {
                true => Ok(Self::Folder(path.into())),
                false => Err(wrong("write three slashes, file:///…, and the whole path")),
            };
        }
        if !folder.starts_with("https://") || folder.contains(['?', '#']) {
            return Err(wrong("only https:// and file:// are followed"));
        }
        Ok(Self::Https(folder.to_owned(), Box::new(agent(follow)?)))
    }

    /// The notification file.
    ///
    /// # Errors
    /// It is not there, or too large.
    pub(super) fn notification(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let largest = MAX_SIGNED as u64;
        self.open(NOTIFICATION_FILE, SOON, |read| {
            read.take(largest + 1).read_to_end(&mut bytes)?;
            Ok(())
        })?;
        if bytes.len() as u64 > largest {
            return Err(Error::Conflict(format!("the notification file is larger than {largest} bytes")));
        }
        Ok(bytes)
    }

    /// Puts the file into `to`, where nothing else may be, once it is the one that was announced.
    ///
    /// # Errors
    /// It is not there, too large, or another one.
    pub(super) fn download(&self, file: &FileRef, to: &Path) -> Result<()> {
        let place = |error| Error::io(format!("writing {}", to.display()), error);
        let mut out = File::create(to).map_err(place)?;
        let mut hash = Sha256::new();
        let mut length = 0;
        self.open(file.url.as_str(), LATER, |read| {
            let mut piece = vec![0; 1 << 16];
            loop {
                let count = match read.read(&mut piece) {
                    Ok(0) => return Ok(()),
                    Ok(count) => count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(error),
                };
                length += count as u64;
                if length > LARGEST {
                    return Err(io::Error::other(format!("it is larger than {LARGEST} bytes")));
                }
                hash.update(&piece[..count]);
                out.write_all(&piece[..count])?;
            }
        })?;
        out.sync_all().map_err(place)?;
        let found = Hash(hash.finalize().into());
        if found != file.hash {
            let (url, expected) = (&file.url, &file.hash);
            return Err(Error::Conflict(format!(
                "{url} has the hash {found}; {expected} was announced: it was altered"
            )));
        }
        Ok(())
    }

    fn open(
        &self,
        url: &str,
        within: Duration,
        take: impl FnOnce(&mut dyn Read) -> io::Result<()>,
    ) -> Result<()> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(url);
                let read = || take(&mut BufReader::new(File::open(&path)?));
                read().map_err(|error| Error::io(format!("reading {}", path.display()), error))
            }
            Self::Https(folder, agent) => {
                let url = format!("{folder}{url}");
                let failed = |error: &dyn std::fmt::Display| Error::Unavailable(format!("{url}: {error}"));
                let asked = agent.get(&url).config().timeout_global(Some(within)).build().call();
                let mut answer = asked.map_err(|error| failed(&error))?;
                if answer.status() != 200 {
                    return Err(failed(&format!("answered with status {}", answer.status())));
                }
                take(&mut answer.body_mut().as_reader()).map_err(|error| failed(&error))
            }
        }
    }
}

fn agent(follow: &Follow) -> Result<ureq::Agent> {
    let roots = match &follow.certificates {
        None => RootCerts::WebPki,
        Some(path) => {
            let pem =
                fs::read(path).map_err(|error| Error::io(format!("reading {}", path.display()), error))?;
            let found: Vec<_> = ureq::tls::parse_pem(&pem)
                .filter_map(|item| match item {
                    Ok(ureq::tls::PemItem::Certificate(certificate)) => Some(certificate),
                    _ => None,
                })
                .collect::<Vec<Certificate<'static>>>();
            if found.is_empty() {
                return Err(Error::invalid(
                    "registry.mirror.certificates",
                    format!("none in {}", path.display()),
                ));
            }
            RootCerts::new_with_certs(&found)
        }
    };
    let config = ureq::Agent::config_builder()
        .https_only(true)
        // Another address than the one that the operator wrote is not asked.
        .max_redirects(0)
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .user_agent(concat!("wardmote/", env!("CARGO_PKG_VERSION")))
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .build();
    Ok(config.new_agent())
}
