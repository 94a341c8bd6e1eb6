//! `wardmote demo`: a desk to try, with a community, a registry, a sink that catches what leaves, and a bad afternoon's mail.

use std::path::PathBuf;
use std::sync::Arc;

use demo::Story;
use mail::relay::{Relay, RelayConfig, RelayTls};
use mail::sink::Sink;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::{Config, loopback};
use crate::domains::House;
use crate::serve;

/// Long enough to take back a wrong key, short enough to see the mail arrive in the sink.
const UNDO_SECONDS: u32 = 15;

#[derive(clap::Args)]
pub struct Args {
    /// The folder for its data, made anew each time
    #[arg(long, value_name = "DIR", default_value = "wardmote-demo")]
    dir: PathBuf,
    /// Where the pages are: http://localhost:N
    #[arg(long, value_name = "N", default_value_t = 8080)]
    port: u16,
    /// Where mail can be sent to
    #[arg(long, value_name = "N", default_value_t = 2525)]
    smtp_port: u16,
    /// Where queries are answered: whois -h localhost -p N
    #[arg(long, value_name = "N", default_value_t = 4343)]
    whois_port: u16,
    /// Your own mails instead of the samples
    #[arg(long, value_name = "FILE", num_args = 1..)]
    mail: Vec<PathBuf>,
    /// Do it all, print it, and end instead of serving
    #[arg(long)]
    once: bool,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let own_mails = args.mail.iter().map(|file| demo::own(file)).collect::<anyhow::Result<Vec<_>>>()?;
    demo::make_folder(&args.dir)?;
    let (stop_sink, sink_stopped) = watch::channel(false);
    let sink_listener = TcpListener::bind(loopback(0)).await?;
    let sink_port = sink_listener.local_addr()?.port();

    let mut config = Config::new("desk.aldermark.example", "data".into());
    demo::configure(&mut config.registry, &mut config.directory, &mut config.trust);
    config.web.listen = loopback(args.port);
    config.web.base_url = (args.port != 0).then(|| format!("http://localhost:{}", args.port));
    config.smtp.listen = loopback(args.smtp_port);
    config.whois.listen = loopback(args.whois_port);
    config.desk.undo_seconds = UNDO_SECONDS;
    config.relay = Some(mail::relay::Section {
        host: "127.0.0.1".into(),
        port: sink_port,
        tls: RelayTls::None,
        user: None,
        password_file: None,
    });
    std::fs::write(args.dir.join("wardmote.toml"), toml::to_string_pretty(&config)?)?;
    config.node.data = args.dir.join("data"); // in the file it is beside the file

    let clock = Arc::new(demo::Past::default());
    let house = House::found_by(&config, clock.clone()).await?;
    let sink = Arc::new(Sink::new(&args.dir.join("sink"))?);
    let node = house.node.clone();
    let sinking = tokio::spawn(sink.serve(sink_listener, Arc::new(move || node.now()), sink_stopped));

    let stage = house.stage();
    let mut community = demo::make(&stage, &clock, &args.dir).await?;
    println!("{}", community.told());
    let running = serve::start(&config, &house, relay("127.0.0.1", sink_port)?).await?;

    let to_us = relay("127.0.0.1", running.smtp.port())?;
    let story = Story {
        house: &stage,
        community: &community,
        to_us: &to_us,
        sink: args.dir.join("sink"),
        now: house.node.now(),
    };
    if own_mails.is_empty() {
        story.tell().await?
    } else {
        story.tell_own(own_mails).await?
    }

    demo::gather(&stage, &house.trust, &mut community, &args.dir).await?;

    println!("\nPages      http://localhost:{}", running.web.port());
    println!("Log in as  kes, password {}", community.password);
    println!("Others     {}, with the same password", demo::people());
    println!("SMTP       127.0.0.1:{} takes mail for cert@aldermark.example", running.smtp.port());
    if let Some(whois) = running.whois {
        println!("Whois      127.0.0.1:{} (whois -h localhost -p {0} -- '-c 198.51.100.132')", whois.port());
    }
    println!("Sent mail  {} (nothing leaves this machine)", args.dir.join("sink").display());
    println!("Team keys  {} (gpg --import)", args.dir.join("keys").display());
    if !args.once {
        let stopped = serve::until_stopped()?;
        println!("Ctrl-C ends it.");
        stopped.await;
    }
    running.stop().await;
    let _ = stop_sink.send(true); // the sink may have ended already
    sinking.await?;
    Ok(())
}

fn relay(host: &str, port: u16) -> anyhow::Result<Arc<Relay>> {
    Ok(Arc::new(Relay::new(&RelayConfig {
        host: host.into(),
        port,
        tls: RelayTls::None,
        credentials: None,
        root_certificates: Vec::new(),
        hello: "demo.localhost".into(),
        timeout: std::time::Duration::from_secs(20),
    })?))
}
