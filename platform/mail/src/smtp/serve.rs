//! Accepting connections, counting them, and ending in order.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::room::Room;
use super::session::Session;
use super::{Config, Intake, Protocol};

/// How long sessions may take to finish their mail when the node stops.
const GRACE: Duration = Duration::from_secs(20);
/// Pause after a failed accept: the usual reason is that no file descriptors are left.
const BREATH: Duration = Duration::from_millis(100);

/// Serves `listener` until `shutdown` becomes true (or its sender is dropped). Then no connection is accepted any more,
/// idle ones get 421, and a mail that is being stored is finished and acknowledged first.
pub async fn serve(
    listener: TcpListener,
    protocol: Protocol,
    config: Config,
    intake: Arc<dyn Intake>,
    mut shutdown: watch::Receiver<bool>,
) {
    let config = Arc::new(config);
    let room = Room::new(config.max_in_flight.max(config.max_size));
    let peers = Peers::default();
    let mut sessions = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = shutdown.wait_for(|stop| *stop) => break,
        };
        while sessions.try_join_next().is_some() {}
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a mail connection was not accepted");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        let peer = address.ip().to_canonical();
        let Some(guard) = peers.enter(peer, &config) else {
            tracing::debug!(%peer, "too many mail connections"); // whoever likes could fill the log
            sessions.spawn(refuse(stream, config.hostname.clone()));
            continue;
        };
        // Replies are small and waited for.
        let _ = stream.set_nodelay(true);
        let session = Session::new(
            stream,
            peer,
            protocol,
            config.clone(),
            intake.clone(),
            shutdown.clone(),
            room.clone(),
        );
        sessions.spawn(async move {
            if let Err(error) = session.run().await {
                tracing::debug!(%peer, %error, "mail connection ended early");
            }
            drop(guard);
        });
    }
    drop(listener);
    let finish = async { while sessions.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        tracing::warn!(
            "mail connections were cut off at shutdown; nothing unacknowledged is lost to its sender"
        );
    }
}

async fn refuse(mut stream: TcpStream, hostname: String) {
    use tokio::io::AsyncWriteExt;
    let line = format!("421 4.3.2 {hostname} too many connections, try again later\r\n");
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.write_all(line.as_bytes())).await;
}

/// Open connections per address.
#[derive(Clone, Default)]
struct Peers(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Peers {
    fn enter(&self, peer: IpAddr, config: &Config) -> Option<PeerGuard> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = open.values().sum();
        let here = open.get(&peer).copied().unwrap_or_default();
        if all >= config.max_connections || here >= config.max_per_peer {
            return None;
        }
        open.insert(peer, here + 1);
        Some(PeerGuard { peers: self.clone(), peer })
    }
}

/// Counts a connection until it ends, however it ends.
struct PeerGuard {
    peers: Peers,
    peer: IpAddr,
}

impl Drop for PeerGuard {
    fn drop(&mut self) {
        let mut open = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.peer);
            }
        }
    }
}
