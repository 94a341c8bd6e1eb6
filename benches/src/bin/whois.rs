//! Queries on port 43: one connection that waits for each answer beside an empty echo server, one that does not wait, and
//! 64 connections; and IRRd on the same objects, when one runs.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use benches::common::Common;
use benches::figures::{Bar, Figures, Times};
use benches::node::Place;
use benches::{process, world};
use clap::Parser;

/// Connections of the last figure.
const CONNECTIONS: usize = 64;
/// Threads of the generator for these.
const THREADS: usize = 2;
const RUNS: usize = 3;

/// Measures `[whois]`.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    common: Common,
    /// Objects in the registry
    #[arg(long)]
    objects: Option<usize>,
    /// Queries of a run over one connection
    #[arg(long)]
    queries: Option<usize>,
    /// How many addresses these ask for, again and again
    #[arg(long)]
    addresses: Option<usize>,
    /// An IRRd that holds the same registry: peers/irrd/README.md says how one is set up
    #[arg(long, value_name = "HOST:PORT")]
    irrd: Option<SocketAddr>,
    /// Writes the registry there, for IRRd, and ends
    #[arg(long, value_name = "FILE")]
    write: Option<std::path::PathBuf>,
    /// Is the echo server and nothing else
    #[arg(long, hide = true)]
    echo: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    if args.echo {
        return echo();
    }
    let common = &args.common;
    let objects = args.objects.unwrap_or(common.count(200_000, 2_000));
    if let Some(file) = &args.write {
        let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
        world::write_registry(&mut out, objects, common.seed)?;
        out.flush()?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut figures = Figures::begin("Queries on port 43", common.smoke);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    figures.say("load of the machine before", load.split(' ').next().unwrap_or_default());
    let count = args.queries.unwrap_or(common.count(200_000, 2_000));
    let folder = common.folder()?;
    let place = Place::make(&common.program()?, folder.path(), objects, common.seed)?;
    let node = place.serve()?;
    // IRRd is asked for `-T inetnum`; the same for both.
    let addresses: Vec<String> = world::addresses(objects, common.seed)
        .filter(std::net::IpAddr::is_ipv4)
        .take(args.addresses.unwrap_or(common.count(20_000, 500)))
        .map(|address| address.to_string())
        .collect();

    let echo = Echo::start()?;
    let kinds = [
        ("with contacts", "-k "),
        ("alone (-r -T inetnum)", "-k -r -T inetnum "),
        ("who is responsible (-c)", "-k -c "),
    ];
    // Everything once, so that it is in memory, and whatever the answers are, they are answers.
    for (_, flags) in kinds {
        let lines: Vec<String> = addresses.iter().map(|address| format!("{flags}{address}\n")).collect();
        let warm = pipelined(node.whois, &lines, lines.len())?;
        figures.tell(&format!("first time, {flags}"), warm.rate, "queries/s", Bar::None);
    }
    for (number, (name, flags)) in kinds.into_iter().enumerate() {
        let lines: Vec<String> = addresses.iter().map(|address| format!("{flags}{address}\n")).collect();
        let first = number == 0;
        let bar = |bar| if first { bar } else { Bar::None };
        figures.say("queries", name);
        let mut shares = Vec::new();
        let mut both = Vec::new();
        for _ in 0..RUNS {
            // One after the other, so that what else runs on the machine meets both.
            let echo = waiting(echo.at, &lines, count, b"\n")?;
            let ours = waiting(node.whois, &lines, count, b"\n\n\n")?;
            shares.push(100.0 * ours.rate / echo.rate);
            both.push((ours, echo));
        }
        both.sort_by(|a, b| a.0.rate.total_cmp(&b.0.rate));
        let (ours, echoed) = both.swap_remove(RUNS / 2);
        figures.tell("an empty echo server, one connection, waiting", echoed.rate, "queries/s", Bar::None);
        figures.tell("one connection, waiting", ours.rate, "queries/s", Bar::None);
        figures.tell("… of the echo server", middle(shares), "%", bar(Bar::AtLeast(60.0)));
        figures.tell("… p99", ours.times.percentile(99.0).as_secs_f64() * 1e3, "ms", bar(Bar::Below(1.0)));
        figures.say("… from query to answer", &ours.times.spread());
        figures.say("… the generator's processor time", &share(ours.cpu, ours.took));

        let run = best_of(|| pipelined(node.whois, &lines, 2 * count))?;
        figures.tell("one connection, not waiting", run.rate, "queries/s", bar(Bar::AtLeast(40_000.0)));
        figures.say("… the generator's processor time", &share(run.cpu, run.took));
        figures.tell("… bytes an answer", run.bytes as f64 / (2 * count) as f64, "bytes", Bar::None);

        let run = best_of(|| many(node.whois, &lines, 2 * count, b"\n\n\n"))?;
        let title = format!("{CONNECTIONS} connections, each waiting");
        figures.tell(&title, run.rate, "queries/s", bar(Bar::AtLeast(30_000.0)));
        figures.say("… the generator's processor time", &share(run.cpu, run.took));
    }
    let (now, most) = process::memory(node.id())?;
    figures.say("memory of the node", &format!("{now:.0} MB, {most:.0} MB at most"));
    node.stop()?;

    if let Some(irrd) = args.irrd {
        let lines = |flags: &str| -> Vec<String> {
            addresses.iter().map(|address| format!("{flags}{address}\n")).collect()
        };
        // Enough to tell, and to end: it answers tens of these a second.
        let few = common.count(500, 20);
        for (name, flags) in [("-T inetnum", "-T inetnum "), ("any class", "")] {
            let run = persistent_irrd(irrd, &lines(flags), few)?;
            figures.tell(&format!("IRRd, one connection, waiting, {name}"), run.rate, "queries/s", Bar::None);
            figures.say("… from query to answer", &run.times.spread());
        }
    }
    Ok(figures.end())
}

struct Run {
    rate: f64,
    took: Duration,
    /// The generator's own.
    cpu: Duration,
    times: Times,
    bytes: usize,
}

/// Sends a query and waits for its answer, which ends with `end`.
fn waiting(at: SocketAddr, lines: &[String], count: usize, end: &[u8]) -> anyhow::Result<Run> {
    let mut stream = connect(at)?;
    let mut buffer = vec![0; 64 << 10];
    let cpu = process::cpu(std::process::id())?;
    let begun = Instant::now();
    let mut run = Run { rate: 0.0, took: begun.elapsed(), cpu, times: Times::default(), bytes: 0 };
    for line in lines.iter().cycle().take(count) {
        let sent = Instant::now();
        stream.write_all(line.as_bytes())?;
        run.bytes += answer(&mut stream, &mut buffer, end)?;
        run.times.push(sent.elapsed());
    }
    finish(&mut run, begun, count)?;
    Ok(run)
}

/// Sends all queries without waiting, and reads the answers meanwhile.
fn pipelined(at: SocketAddr, lines: &[String], count: usize) -> anyhow::Result<Run> {
    let stream = connect(at)?;
    let mut writing = stream.try_clone()?;
    let asks: Vec<String> = lines.to_vec();
    let cpu = process::cpu(std::process::id())?;
    let begun = Instant::now();
    let writer = std::thread::spawn(move || -> std::io::Result<()> {
        let mut together = String::new();
        for line in asks.iter().cycle().take(count) {
            together.push_str(line);
            if together.len() > 16 << 10 {
                writing.write_all(together.as_bytes())?;
                together.clear();
            }
        }
        writing.write_all(together.as_bytes())
    });
    let mut run = Run { rate: 0.0, took: begun.elapsed(), cpu, times: Times::default(), bytes: 0 };
    let (mut reading, mut buffer, mut seen, mut empty) = (stream, vec![0; 256 << 10], 0, 0);
    while seen < count {
        let read = reading.read(&mut buffer)?;
        if read == 0 {
            bail!("the server closed after {seen} answers");
        }
        run.bytes += read;
        for byte in &buffer[..read] {
            empty = if *byte == b'\n' { empty + 1 } else { 0 };
            if empty == 3 {
                seen += 1;
                empty = 0;
            }
        }
    }
    finish(&mut run, begun, count)?;
    match writer.join() {
        Ok(wrote) => wrote?,
        Err(_) => bail!("the generator broke"),
    }
    Ok(run)
}

/// [`CONNECTIONS`] connections, each of which waits for its answer before it asks again.
fn many(at: SocketAddr, lines: &[String], count: usize, end: &'static [u8]) -> anyhow::Result<Run> {
    let cpu = process::cpu(std::process::id())?;
    let begun = Instant::now();
    let mut run = Run { rate: 0.0, took: begun.elapsed(), cpu, times: Times::default(), bytes: 0 };
    let each = count / THREADS;
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                scope.spawn(move || -> anyhow::Result<usize> {
                    let mut streams = (0..CONNECTIONS / THREADS)
                        .map(|_| connect(at))
                        .collect::<anyhow::Result<Vec<_>>>()?;
                    let mut lines = lines.iter().cycle().skip(number * 997);
                    let (mut buffer, mut bytes, mut done) = (vec![0; 64 << 10], 0, 0);
                    while done < each {
                        for stream in &mut streams {
                            let Some(line) = lines.next() else { bail!("no queries") };
                            stream.write_all(line.as_bytes())?;
                        }
                        for stream in &mut streams {
                            bytes += answer(stream, &mut buffer, end)?;
                        }
                        done += streams.len();
                    }
                    Ok(bytes)
                })
            })
            .collect();
        for thread in threads {
            run.bytes += thread.join().map_err(|_| anyhow::anyhow!("the generator broke"))??;
        }
        Ok(())
    })?;
    finish(&mut run, begun, count)?;
    Ok(run)
}

/// IRRd's way to stay connected is `!!`; its answers end with two empty lines, too.
fn persistent_irrd(at: SocketAddr, lines: &[String], count: usize) -> anyhow::Result<Run> {
    let mut stream = connect(at)?;
    stream.write_all(b"!!\n")?;
    let mut buffer = vec![0; 256 << 10];
    let cpu = process::cpu(std::process::id())?;
    let begun = Instant::now();
    let mut run = Run { rate: 0.0, took: begun.elapsed(), cpu, times: Times::default(), bytes: 0 };
    for line in lines.iter().cycle().take(count) {
        let sent = Instant::now();
        stream.write_all(line.as_bytes())?;
        run.bytes += answer(&mut stream, &mut buffer, b"\n\n\n")?;
        run.times.push(sent.elapsed());
    }
    finish(&mut run, begun, count)?;
    Ok(run)
}

fn finish(run: &mut Run, begun: Instant, count: usize) -> anyhow::Result<()> {
    run.took = begun.elapsed();
    run.cpu = process::cpu(std::process::id())?.saturating_sub(run.cpu);
    run.rate = count as f64 / run.took.as_secs_f64();
    Ok(())
}

/// Reads until `end`; gives the bytes of the answer.
fn answer(stream: &mut TcpStream, buffer: &mut [u8], end: &[u8]) -> anyhow::Result<usize> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..])?;
        if read == 0 {
            bail!(
                "closed, or an answer longer than {} bytes: {:?}",
                buffer.len(),
                String::from_utf8_lossy(&buffer[..filled.min(300)])
            );
        }
        filled += read;
        if buffer[..filled].ends_with(end) {
            return Ok(filled);
        }
    }
}

fn connect(at: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(at).with_context(|| at.to_string())?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    Ok(stream)
}

/// The middle one of three.
fn best_of(run: impl Fn() -> anyhow::Result<Run>) -> anyhow::Result<Run> {
    let mut runs = (0..RUNS).map(|_| run()).collect::<anyhow::Result<Vec<_>>>()?;
    runs.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    Ok(runs.swap_remove(RUNS / 2))
}

fn middle(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

fn share(cpu: Duration, took: Duration) -> String {
    format!("{:.0} % of a core", 100.0 * cpu.as_secs_f64() / took.as_secs_f64())
}

/// A server that sends back what it gets, in a process of its own as the node is, on the same runtime.
struct Echo {
    child: Child,
    at: SocketAddr,
}

impl Echo {
    fn start() -> anyhow::Result<Self> {
        let mut child =
            Command::new(std::env::current_exe()?).arg("--echo").stdout(Stdio::piped()).spawn()?;
        let mut said = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().context("the echo server is mute")?);
        std::io::BufRead::read_line(&mut out, &mut said)?;
        Ok(Self { child, at: said.trim().parse()? })
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn echo() -> anyhow::Result<ExitCode> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    listener.set_nonblocking(true)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (mut stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(async move {
                let mut buffer = vec![0; 4 << 10];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    if stream.write_all(&buffer[..read]).await.is_err() {
                        return;
                    }
                }
            });
        }
    })
}
