//! A running node: its listeners, its jobs, its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use mail::queue::Relay;
use mail::smtp::{self, Protocol};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::config::Config;
use crate::domains::House;

/// How long requests and jobs under way may take after the node was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How often a node looks for what other processes have changed, such as an import from the command line.
pub const LOOK_EVERY: Duration = Duration::from_secs(10);

/// A node that serves. Dropping it does not stop it; [`Running::stop`] does.
pub struct Running {
    pub web: SocketAddr,
    pub smtp: SocketAddr,
    /// Where queries are answered, when they are.
    pub whois: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    jobs: Arc<Notify>,
    tasks: JoinSet<()>,
}

/// Starts everything that `config` names. When this returns, the listeners take connections.
///
/// # Errors
/// The address that cannot be listened on, with the setting's name.
pub async fn start(config: &Config, house: &House, relay: Arc<dyn Relay>) -> anyhow::Result<Running> {
    let domains = house.domains(relay);
    let (stop, mut stopped) = watch::channel(false);
    let jobs = Arc::new(Notify::new());
    let mut tasks = JoinSet::new();

    let web = listen("[web] listen", config.web.listen).await?;
    let web_address = web.local_addr()?;
    let router = house.router(&domains);
    if let Some(members) = config.tls.read(config.hosts.members.as_deref(), &house.own_certificate())? {
        let listener = listen("[tls] listen", config.tls.listen).await?;
        tasks.spawn(tls::serve(listener, members, router.clone(), stopped.clone()));
    }
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let mut web_stop = stopped.clone();
    tasks.spawn(async move {
        let ended = async move {
            let _ = web_stop.wait_for(|stop| *stop).await; // an error says that nobody can stop it any more
        };
        if let Err(error) = axum::serve(web, service).with_graceful_shutdown(ended).await {
            tracing::error!(%error, "the web listener ended");
        }
    });

    if let Some(acme) = &house.acme {
        tasks.spawn(acme.clone().run(stopped.clone()));
    }
    let smtp_listener = listen("[smtp] listen", config.smtp.listen).await?;
    let smtp_address = smtp_listener.local_addr()?;
    tasks.spawn(smtp::serve(
        smtp_listener,
        Protocol::Smtp,
        door(config, house),
        Arc::new(house.desk.clone()),
        stopped.clone(),
    ));
    if config.lmtp.enabled {
        let lmtp = listen("[lmtp] listen", config.lmtp.listen).await?;
        tasks.spawn(smtp::serve(
            lmtp,
            Protocol::Lmtp,
            door(config, house),
            Arc::new(house.desk.clone()),
            stopped.clone(),
        ));
    }

    let (registry, identity) = (house.registry.clone(), house.identity.clone());
    let whois = registry::whois::listen(&config.whois, registry, identity, stopped.clone()).await?;
    let whois_address = whois.as_ref().map(|(address, _)| *address);
    whois.into_iter().for_each(|(_, serving)| drop(tasks.spawn(serving)));

    let (node, handlers, jobs_stop) = (house.node.clone(), house.jobs(&domains), jobs.clone());
    tasks.spawn(kit::jobs::run(node, handlers, jobs_stop));
    tasks.spawn(sweep(house.clone(), stopped.clone()));
    let watched = house.clone();
    tasks.spawn(async move {
        tokio::select! {
            () = watched.watch(LOOK_EVERY) => {}
            _ = stopped.wait_for(|stop| *stop) => {} // an error says that nobody can stop it any more
        }
    });
    Ok(Running { web: web_address, smtp: smtp_address, whois: whois_address, stop, jobs, tasks })
}

impl Running {
    /// Stops taking connections, lets what is under way end, and returns.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true); // all listeners may have ended already
        self.jobs.notify_one();
        let ended = tokio::time::timeout(GRACE, async { while self.tasks.join_next().await.is_some() {} });
        if ended.await.is_err() {
            tracing::warn!(
                "some work did not end within 10 s and is cut off; jobs are taken up again at the next start"
            );
        }
    }
}

/// Until the operator says so, by Ctrl-C or SIGTERM: from this call on neither ends the program by itself.
///
/// # Errors
/// The system does not tell of signals.
pub fn until_stopped() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Opens mails that were acknowledged and never placed: those of a node that died, then those that met an error.
async fn sweep(house: House, mut stopped: watch::Receiver<bool>) {
    loop {
        match house.desk.sweep().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "mails placed that had been waiting"),
            Err(error) => tracing::error!(%error, "waiting mails cannot be opened; trying again"),
        }
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
        }
    }
}

fn door(config: &Config, house: &House) -> smtp::Config {
    let node = house.node.clone();
    smtp::Config {
        max_size: config.smtp.max_size_mb * 1024 * 1024,
        max_per_peer: config.smtp.max_connections_per_peer,
        ..smtp::Config::new(&config.node.name, Arc::new(move || node.now()))
    }
}

async fn listen(setting: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{setting}: {address} cannot be listened on"))
}
