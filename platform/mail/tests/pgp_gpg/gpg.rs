//! GnuPG in a home of its own, at a time of the test's choosing.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// Unix seconds of a day's beginning, UTC: `day("2024-03-01")`.
pub fn day(date: &str) -> i64 {
    format!("{date}T00:00:00Z").parse::<jiff::Timestamp>().unwrap().as_second()
}

pub const YEAR: i64 = 365 * 24 * 3600;

/// A GnuPG home that goes away with its agent.
pub struct Gpg {
    home: TempDir,
}

impl Gpg {
    pub fn new() -> Gpg {
        let version = Command::new("gpg").arg("--version").output();
        assert!(
            version.is_ok(),
            "gpg is missing: install GnuPG (apt-get install gnupg), or run ./test, which does"
        );
        let home = tempfile::Builder::new().prefix("gpg").tempdir().unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        Gpg { home }
    }

    /// Runs gpg on `date` with `input` on its standard input.
    pub fn run(&self, date: &str, args: &[&str], input: &[u8]) -> Output {
        let frozen = format!("{}T000000!", date.replace('-', ""));
        let mut child = Command::new("gpg")
            .arg("--homedir")
            .arg(self.home.path())
            .args([
                "--yes",
                "--no-tty",
                "--pinentry-mode",
                "loopback",
                "--passphrase",
                "",
                "--trust-model",
                "always",
            ])
            .args(["--faked-system-time", &frozen])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        // In a thread of its own: a full pipe on either side must not stop the other
        let writer = std::thread::spawn(move || {
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output
    }

    /// As [`Gpg::run`], and it must succeed; gives its standard output.
    pub fn ok(&self, date: &str, args: &[&str], input: &[u8]) -> Vec<u8> {
        let mut all = vec!["--batch"];
        all.extend(args);
        let output = self.run(date, &all, input);
        assert!(output.status.success(), "gpg {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// A key with a main key only; gives its fingerprint. `lifetime` as gpg writes it: "2y", "never".
    pub fn key(&self, date: &str, user_id: &str, algorithm: &str, usage: &str, lifetime: &str) -> String {
        self.key_with(date, user_id, algorithm, usage, lifetime, &[])
    }

    /// As [`Gpg::key`] with further options.
    pub fn key_with(
        &self,
        date: &str,
        user_id: &str,
        algorithm: &str,
        usage: &str,
        lifetime: &str,
        options: &[&str],
    ) -> String {
        let mut args = options.to_vec();
        args.extend(["--quick-generate-key", user_id, algorithm, usage, lifetime]);
        self.ok(date, &args, b"");
        self.fingerprint(user_id)
    }

    /// A key as teams have today: Ed25519 to sign, Curve25519 to encrypt.
    pub fn team_key(&self, date: &str, user_id: &str, lifetime: &str) -> String {
        let fingerprint = self.key(date, user_id, "ed25519", "cert,sign", lifetime);
        self.ok(date, &["--quick-add-key", &fingerprint, "cv25519", "encr", lifetime], b"");
        fingerprint
    }

    pub fn fingerprint(&self, user_id: &str) -> String {
        let list = self.ok("2030-01-01", &["--with-colons", "--list-keys", &format!("={user_id}")], b"");
        let list = String::from_utf8(list).unwrap();
        list.lines()
            .find_map(|line| line.strip_prefix("fpr:::::::::"))
            .unwrap()
            .trim_end_matches(':')
            .to_owned()
    }

    pub fn public(&self, fingerprint: &str) -> Vec<u8> {
        self.ok("2030-01-01", &["--export", fingerprint], b"")
    }

    pub fn secret(&self, fingerprint: &str) -> Vec<u8> {
        self.ok("2030-01-01", &["--armor", "--export-secret-keys", fingerprint], b"")
    }

    /// The key, as this crate reads it.
    pub fn read(&self, fingerprint: &str) -> mail::pgp::PublicKey {
        let mut keys = mail::pgp::PublicKey::parse_all(&self.public(fingerprint)).unwrap();
        assert_eq!(keys.len(), 1);
        keys.remove(0)
    }

    /// Revokes the key on `date`; `reason` as gpg's menu numbers them: 0 none, 1 compromised, 2 superseded, 3 retired.
    pub fn revoke(&self, date: &str, fingerprint: &str, reason: u8) {
        let answers = format!("y\n{reason}\nmoved\n\ny\n");
        let args = ["--command-fd", "0", "--armor", "--gen-revoke", fingerprint];
        let certificate = self.run(date, &args, answers.as_bytes());
        assert!(certificate.status.success(), "{}", String::from_utf8_lossy(&certificate.stderr));
        self.ok(date, &["--import"], &certificate.stdout);
    }

    /// A detached signature in armour.
    pub fn sign(&self, date: &str, fingerprint: &str, data: &[u8], options: &[&str]) -> Vec<u8> {
        let mut args = vec!["--armor", "--local-user", fingerprint];
        args.extend(options);
        args.push("--detach-sign");
        self.ok(date, &args, data)
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let _ =
            Command::new("gpgconf").arg("--homedir").arg(self.home.path()).args(["--kill", "all"]).output();
    }
}
