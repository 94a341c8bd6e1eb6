//! A throw-away node: made by `wardmote init`, filled by the commands users have, run as a process of its own.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::world;

/// The desk's address.
pub const MAILBOX: &str = "cert@desk.example";
/// How long a node may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A node's folder.
#[derive(Debug, Clone)]
pub struct Place {
    program: PathBuf,
    folder: PathBuf,
    /// The secret of the administrator's one-time link: good for one log-in within ten minutes.
    pub once: String,
}

impl Place {
    /// Makes a node with one desk, a directory of teams and a registry of `objects` objects in `folder`.
    ///
    /// # Errors
    /// What the program said.
    pub fn make(program: &Path, folder: &Path, objects: usize, seed: u64) -> anyhow::Result<Self> {
        let mut place = Self { program: program.to_owned(), folder: folder.to_owned(), once: String::new() };
        let said = place.run(&[
            "init",
            &place.path("node"),
            "--name",
            "desk.example",
            "--team",
            "desk",
            "--team-name",
            "Desk CERT",
            "--mailbox",
            MAILBOX,
        ])?;
        place.once = secret(&said)?;
        let (teams, registry) = (place.path("teams.json"), place.path("registry.rpsl"));
        std::fs::write(&teams, world::teams())?;
        let config = place.path("node/wardmote.toml");
        place.run(&["team", "import", "--config", &config, &teams])?;
        place.run(&["trust", "take-over", "--config", &config, "--source", "the sample"])?;
        if objects > 0 {
            let mut out = std::io::BufWriter::new(File::create(&registry)?);
            world::write_registry(&mut out, objects, seed)?;
            out.flush()?;
            place.run(&["registry", "import", "--config", &config, &registry])?;
        }
        Ok(place)
    }

    /// The node that [`Place::make`] made in `folder` before, with a new one-time link.
    ///
    /// # Errors
    /// What the program said.
    pub fn again(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let mut place = Self { program: program.to_owned(), folder: folder.to_owned(), once: String::new() };
        let said = place.run(&[
            "user",
            "add",
            "--config",
            &place.path("node/wardmote.toml"),
            "admin",
            "--team",
            "desk",
        ])?;
        place.once = secret(&said)?;
        Ok(place)
    }

    /// The node's data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.join("node/data")
    }

    /// Starts the node on free ports.
    ///
    /// # Errors
    /// It does not start; its words stand in the error.
    pub fn serve(&self) -> anyhow::Result<Serving> {
        self.serve_under(&[])
    }

    /// As [`Place::serve`], under another program such as strace with its arguments.
    ///
    /// # Errors
    /// As there.
    pub fn serve_under(&self, above: &[&str]) -> anyhow::Result<Serving> {
        serve(&self.program, &self.folder.join("node/wardmote.toml"), &self.folder.join("serve.log"), above)
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_string_lossy().into_owned()
    }

    fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = Command::new(&self.program)
            .args(arguments)
            .output()
            .with_context(|| self.program.display().to_string())?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("wardmote {} failed: {}", arguments.join(" "), said.trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// The secret of the one-time link in what a command said.
fn secret(said: &str) -> anyhow::Result<String> {
    let (_, secret) =
        said.split_once("/login/once/").with_context(|| format!("no one-time link in {said:?}"))?;
    Ok(secret.split_whitespace().next().unwrap_or_default().to_owned())
}

/// Starts the node of `config` with `program` on free ports, its words going to the file `log`.
///
/// # Errors
/// It does not start; its words stand in the error.
pub fn serve(program: &Path, config: &Path, log: &Path, above: &[&str]) -> anyhow::Result<Serving> {
    let begun = Instant::now();
    let mut command = match above.split_first() {
        Some((first, rest)) => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
        None => Command::new(program),
    };
    command
        .args(["serve", "--config"])
        .arg(config)
        .env("WARDMOTE_WEB__LISTEN", "127.0.0.1:0")
        .env("WARDMOTE_SMTP__LISTEN", "127.0.0.1:0")
        .env("WARDMOTE_WHOIS__LISTEN", "127.0.0.1:0")
        // One address asks for everybody here.
        .env("WARDMOTE_WHOIS__PERSONAL_PER_ADDRESS", "4000000000")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| program.display().to_string())?;
    let Some(stderr) = child.stderr.take() else { bail!("the node has no standard error") };
    let (told, hears) = std::sync::mpsc::channel();
    let mut file = File::create(log)?;
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            // A full disk may be what is tried; the words are for people only.
            drop(writeln!(file, "{line}"));
            drop(told.send(line));
        }
    });
    let mut words = String::new();
    loop {
        match hears.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
            Ok(line) => match listening(&line) {
                Some([web, smtp, whois]) => return Ok(Serving { child, web, smtp, whois, started: begun }),
                None => words.push_str(&format!("{line}\n")),
            },
            Err(_) => {
                drop(child.kill());
                drop(child.wait());
                bail!("the node did not start:\n{words}");
            }
        }
    }
}

/// `wardmote: pages on http://127.0.0.1:8080, SMTP on 127.0.0.1:2525, whois on 127.0.0.1:4343`.
fn listening(line: &str) -> Option<[SocketAddr; 3]> {
    let (web, rest) = line.split_once("pages on http://")?.1.split_once(", SMTP on ")?;
    let (smtp, whois) = rest.split_once(", whois on ")?;
    Some([web.parse().ok()?, smtp.parse().ok()?, whois.trim().parse().ok()?])
}

/// A node that runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct Serving {
    child: Child,
    /// Where its pages are.
    pub web: SocketAddr,
    /// Where it takes mail.
    pub smtp: SocketAddr,
    /// Where it answers queries.
    pub whois: SocketAddr,
    /// When its process was started.
    pub started: Instant,
}

impl Serving {
    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as an operator would, and waits.
    ///
    /// # Errors
    /// It does not end within a minute.
    pub fn stop(mut self) -> anyhow::Result<()> {
        signal("-TERM", self.node())?;
        for _ in 0..600 {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("the node did not stop within a minute")
    }

    /// The node's own process: under strace it is strace's child.
    fn node(&self) -> u32 {
        let own = self.child.id();
        let below = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap_or_default();
        below.split_whitespace().next().and_then(|id| id.parse().ok()).unwrap_or(own)
    }

    /// Ends it as a power switch would, as far as a process can feel one.
    ///
    /// # Errors
    /// It was gone already.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill().context("the node ended before it was killed")?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            // Killing strace alone would leave the node running.
            drop(signal("-KILL", self.node()));
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

fn signal(name: &str, process: u32) -> anyhow::Result<()> {
    Command::new("kill").args([name, &process.to_string()]).status().context("kill")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_says_where_it_listens() {
        let line =
            "wardmote: pages on http://127.0.0.1:40001, SMTP on 127.0.0.1:40002, whois on 127.0.0.1:40003";
        let expected =
            ["127.0.0.1:40001", "127.0.0.1:40002", "127.0.0.1:40003"].map(|at| at.parse().unwrap());
        assert_eq!(listening(line), Some(expected));
        assert_eq!(listening("INFO serving web=127.0.0.1:1 smtp=127.0.0.1:2"), None);
    }
}
