//! Accepting connections, counting them, and ending in order.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use identity::Identity;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use rpsl::query::QueryError;

use super::service::Service;
use super::session::{GRACE, Session, close};
use super::words::{GREETING, failure, full};
use super::{Config, Section};
use crate::Registry;

/// Pause after a failed accept: the usual reason is that no file descriptors are left.
const BREATH: Duration = Duration::from_millis(100);

/// Listens where `section` says, when it says so: the address, and what serves there until `stop` becomes true.
///
/// # Errors
/// The address cannot be listened on; the setting is named.
pub async fn listen(
    section: &Section,
    registry: Registry,
    identity: Identity,
    stop: watch::Receiver<bool>,
) -> kit::Result<Option<(SocketAddr, impl Future<Output = ()> + Send + 'static + use<>)>> {
    if !section.enabled {
        return Ok(None);
    }
    let bad = |error: std::io::Error| {
        kit::Error::Unavailable(format!("[whois] listen: {} cannot be listened on: {error}", section.listen))
    };
    let listener = TcpListener::bind(section.listen).await.map_err(bad)?;
    let address = listener.local_addr().map_err(bad)?;
    let mut config = section.settings();
    config.max_connections = config.max_connections.min(open_files());
    Ok(Some((address, serve(listener, registry, identity, config, stop))))
}

/// Connections that queries may take, so that pages, mail and the database have files left. The system's soft limit is
/// raised as far as it may be.
fn open_files() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    /// For everything else.
    const RESERVED: u64 = 512;
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let files = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    let left = files.map_or(u64::MAX, |files| files.saturating_sub(RESERVED).max(64));
    usize::try_from(left).unwrap_or(usize::MAX)
}

/// Serves `listener` until `stop` becomes true (or its sender is dropped). Then no connection is accepted any more, those
/// that wait are closed, and answers under way are finished.
pub async fn serve(
    listener: TcpListener,
    registry: Registry,
    identity: Identity,
    config: Config,
    mut stop: watch::Receiver<bool>,
) {
    let service = Arc::new(Service::new(registry, config));
    let open = Open::default();
    let mut sessions = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        while sessions.try_join_next().is_some() {}
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a whois connection was not accepted");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        let peer = address.ip().to_canonical();
        let guard = match open.enter(peer, &service.config) {
            Ok(guard) => guard,
            Err(error) => {
                tracing::debug!(%peer, "too many whois connections");
                refuse(stream, &error);
                continue;
            }
        };
        // Answers are small and waited for.
        let _ = stream.set_nodelay(true);
        let session = Session::new(stream, peer, service.clone(), identity.clone());
        let stop = stop.clone();
        sessions.spawn(async move {
            if let Err(error) = session.run(stop).await {
                tracing::debug!(%peer, %error, "whois connection ended early");
            }
            drop(guard);
        });
    }
    drop(listener);
    let finish = async { while sessions.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        tracing::warn!("whois connections were cut off at shutdown");
    }
}

/// Says why and closes. What does not go out at once is not waited for.
fn refuse(stream: TcpStream, error: &QueryError) {
    let mut text = GREETING.to_owned();
    failure(error, &mut text);
    text.push('\n');
    tokio::spawn(async move {
        let mut stream = stream;
        let said = async {
            stream.write_all(text.as_bytes()).await?;
            close(&mut stream).await
        };
        let _ = tokio::time::timeout(BREATH, said).await; // it is closed either way
    });
}

/// Open connections per address.
#[derive(Clone, Default)]
struct Open(Arc<Mutex<Counted>>);

#[derive(Default)]
struct Counted {
    all: usize,
    by_peer: HashMap<IpAddr, usize>,
}

impl Open {
    fn enter(&self, peer: IpAddr, config: &Config) -> Result<Guard, QueryError> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.all >= config.max_connections {
            return Err(full());
        }
        let here = counted.by_peer.get(&peer).copied().unwrap_or_default();
        // Programs of this machine, and proxies on it, stand for many.
        if here >= config.max_per_peer && !peer.is_loopback() {
            return Err(QueryError::connections(config.max_per_peer));
        }
        counted.all += 1;
        counted.by_peer.insert(peer, here + 1);
        Ok(Guard { open: self.clone(), peer })
    }
}

/// Counts a connection until it ends, however it ends.
struct Guard {
    open: Open,
    peer: IpAddr,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut counted = self.open.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.all -= 1;
        if let Some(here) = counted.by_peer.get_mut(&self.peer) {
            *here -= 1;
            if *here == 0 {
                counted.by_peer.remove(&self.peer);
            }
        }
    }
}
