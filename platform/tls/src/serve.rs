//! Handshakes and requests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, connect_info::Connected};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::server::TlsStream;

use crate::{ClientCertificate, Config};

/// A handshake that takes longer is given up.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes at a time: each costs a signature.
const HANDSHAKES: usize = 64;

/// Headers by which a proxy tells who sent a request: nobody stands before this listener, so they are the client's own
/// words.
const OF_PROXIES: [&str; 4] = ["x-forwarded-for", "x-forwarded-proto", "x-real-ip", "forwarded"];

/// Serves `router` on `listener` until `stop` says so; requests under way are finished. Each request has its client's
/// address, and its certificate ([`ClientCertificate`]) if it showed one.
pub async fn serve(listener: TcpListener, config: Config, router: Router, stop: watch::Receiver<bool>) {
    let Ok(address) = listener.local_addr() else { return };
    let (done, connections) = mpsc::channel(HANDSHAKES);
    let watching = tokio::spawn(config.clone().watch(stop.clone()));
    let shaking = tokio::spawn(shake(listener, config, done, stop.clone()));
    let service = router.layer(from_fn(introduce)).into_make_service_with_connect_info::<Peer>();
    let mut stopped = stop;
    let ended = async move {
        let _ = stopped.wait_for(|stop| *stop).await; // an error says that nobody can stop it any more
    };
    let serving = axum::serve(Connections { connections, address }, service).with_graceful_shutdown(ended);
    if let Err(error) = serving.await {
        tracing::error!(%error, "the TLS listener ended");
    }
    shaking.abort();
    watching.abort();
}

/// Takes connections and hands on those that came through their handshake.
async fn shake(
    listener: TcpListener,
    config: Config,
    done: mpsc::Sender<(TlsStream<TcpStream>, Peer)>,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(HANDSHAKES));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // No more files may be open: later there may.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (config, done) = (config.clone(), done.clone());
        tokio::spawn(async move {
            let shaken = tokio::time::timeout(HANDSHAKE, accept(stream, &config)).await;
            drop(place);
            if let Ok(Ok(stream)) = shaken {
                let session = stream.get_ref().1;
                let shown = session.peer_certificates().and_then(|chain| chain.first());
                let certificate = shown.map(|der| ClientCertificate::new(der));
                let name = session.server_name().map(|name| AskedFor(name.to_ascii_lowercase().into()));
                let _ = done.send((stream, Peer { address, certificate, name })).await; // the listener may have ended
            }
        });
    }
}

/// The handshake, in the way of the host that the client asks for.
async fn accept(stream: TcpStream, config: &Config) -> std::io::Result<TlsStream<TcpStream>> {
    let begun = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let serving = config.serving(begun.client_hello().server_name());
    begun.into_stream(serving).await
}

/// The name that the client asked for in its handshake (SNI), in small letters: which host's rules were applied. A
/// request that came by TLS has it as an extension, unless the client named none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedFor(
    /// It.
    pub Arc<str>,
);

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
struct Peer {
    address: SocketAddr,
    certificate: Option<ClientCertificate>,
    name: Option<AskedFor>,
}

/// Says that a request came by the TLS listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByTls;

/// Connections that came through their handshake.
struct Connections {
    connections: mpsc::Receiver<(TlsStream<TcpStream>, Peer)>,
    address: SocketAddr,
}

impl Listener for Connections {
    type Io = TlsStream<TcpStream>;
    type Addr = Peer;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.connections.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await, // no more come; the server is told apart to stop
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        Ok(Peer { address: self.address, certificate: None, name: None })
    }
}

impl Connected<IncomingStream<'_, Connections>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        stream.remote_addr().clone()
    }
}

/// Puts address and certificate where handlers look for them, and takes away what only a proxy may say.
async fn introduce(mut request: Request, next: Next) -> Response {
    for header in OF_PROXIES {
        request.headers_mut().remove(header);
    }
    if let Some(ConnectInfo(peer)) = request.extensions_mut().remove::<ConnectInfo<Peer>>() {
        request.extensions_mut().insert(ConnectInfo(peer.address));
        request.extensions_mut().insert(ByTls);
        if let Some(certificate) = peer.certificate {
            request.extensions_mut().insert(certificate);
        }
        if let Some(name) = peer.name {
            request.extensions_mut().insert(name);
        }
    }
    next.run(request).await
}
