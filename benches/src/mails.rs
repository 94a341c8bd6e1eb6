//! Complaints as they come to a desk: log excerpts, ARF, tables, HTML; 6 kB on average; no two alike.

use std::fmt::Write as _;
use std::net::IpAddr;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::world;

const USERS: [&str; 8] = ["root", "admin", "oracle", "test", "git", "www-data", "postgres", "backup"];
const FAMILIES: [&str; 6] = ["mirai", "qakbot", "gamarue", "avalanche", "emotet", "socgholish"];
const PROSE: [&str; 6] = [
    "We operate the mail and log-in servers of a small firm and have seen the following in our logs.",
    "Please look into the matter, tell the owner of the machine, and let us know what you have found.",
    "Our clocks are kept by NTP; all times are in UTC unless a line says something else.",
    "The attempts go on while we write this, although the addresses are blocked at our border by now.",
    "You may pass this on to whoever is responsible for the machines that are listed below.",
    "If you need more lines than these, or a capture of the traffic, answer this mail and we shall send them.",
];

/// One mail and what its sender knows of it.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its Message-ID without brackets; it also stands in its subject, so that it can be found in any list.
    pub message_id: String,
    /// Envelope sender.
    pub from: String,
    /// The whole mail, lines ended by CR LF.
    pub text: Vec<u8>,
}

/// Mails to `to` about addresses of a registry of `objects` objects; the same ones for the same `seed`.
pub fn mails(to: &str, objects: usize, seed: u64) -> impl Iterator<Item = Mail> {
    let to = to.to_owned();
    let mut addresses = world::addresses(objects, seed);
    let mut rng = StdRng::seed_from_u64(seed);
    (0_u64..).map(move |n| {
        let mut writer =
            Writer { rng: &mut rng, addresses: &mut addresses, to: &to, id: format!("{seed:x}-{n:07}") };
        let (from, text) = match n % 10 {
            0..4 => writer.plain(),
            4 | 5 => writer.arf(),
            6 | 7 => writer.table(),
            _ => writer.html(),
        };
        Mail { message_id: writer.message_id(), from, text: text.replace('\n', "\r\n").into_bytes() }
    })
}

struct Writer<'a, I> {
    rng: &'a mut StdRng,
    addresses: &'a mut I,
    to: &'a str,
    id: String,
}

impl<I: Iterator<Item = IpAddr>> Writer<'_, I> {
    fn message_id(&self) -> String {
        format!("{}@mx.reporter.example", self.id)
    }

    fn address(&mut self) -> IpAddr {
        self.addresses.next().unwrap_or(IpAddr::from([192, 0, 2, 1]))
    }

    /// The fields before the content's own.
    fn head(&self, from: &str, subject: &str) -> String {
        format!(
            "Received: from web{}.reporter.example (web.reporter.example [192.0.2.25])\n\tby mx.reporter.example with ESMTPS; Sat, 21 Nov 2026 19:44:58 +0000\n\
             From: {from}\nTo: {}\nSubject: {subject} ({})\nDate: Sat, 21 Nov 2026 19:45:00 +0000\nMessage-ID: <{}>\nMIME-Version: 1.0\n",
            self.rng_free_number(),
            self.to,
            self.id,
            self.message_id()
        )
    }

    fn rng_free_number(&self) -> usize {
        self.id.bytes().map(usize::from).sum::<usize>() % 9
    }

    fn prose(&mut self, sentences: usize) -> String {
        let mut text = String::new();
        for _ in 0..sentences {
            text.push_str(PROSE[self.rng.gen_range(0..PROSE.len())]);
            text.push('\n');
        }
        text
    }

    /// `lines` lines of a log about `hosts` machines.
    fn log(&mut self, hosts: usize, lines: usize) -> String {
        let hosts: Vec<IpAddr> = (0..hosts).map(|_| self.address()).collect();
        let mut log = String::new();
        for n in 0..lines {
            let (host, user) = (hosts[n % hosts.len()], USERS[self.rng.gen_range(0..USERS.len())]);
            let (pid, port) = (self.rng.gen_range(900..32_000), self.rng.gen_range(1_024..65_535));
            // Writing to a String cannot fail.
            let _ = writeln!(
                log,
                "Nov 21 19:{:02}:{:02} gate sshd[{pid}]: Failed password for invalid user {user} from {host} port {port} ssh2",
                n / 60 % 60,
                n % 60
            );
        }
        log
    }

    /// A person's words and a log excerpt.
    fn plain(&mut self) -> (String, String) {
        let (from, hosts) =
            (format!("ops{}@reporter.example", self.rng.gen_range(0..500)), self.rng.gen_range(4..16));
        let (words, lines) = (self.prose(4), self.rng.gen_range(20..75));
        let log = self.log(hosts, lines);
        let head = self.head(&format!("Operations <{from}>"), "Password guessing against our servers");
        let text = format!(
            "{head}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nDear colleagues,\n\n{words}\n{log}\nKind regards\n--\nOperations, Reporter Ltd\nhttps://reporter.example/\n"
        );
        (from, text)
    }

    /// An abuse report (RFC 5965) with the spam inside.
    fn arf(&mut self) -> (String, String) {
        let (from, source) = ("fbl@feedback.example".to_owned(), self.address());
        let head = self.head("Feedback Loop <fbl@feedback.example>", "Abuse report");
        let boundary = format!("arf-{}", self.id);
        let offer = self.prose(40);
        let (shop, id) = (self.rng.gen_range(0..100_000), self.id.clone());
        let text = format!(
            "{head}Auto-Submitted: auto-generated\nContent-Type: multipart/report; report-type=feedback-report;\n\tboundary=\"{boundary}\"\n\n\
             --{boundary}\nContent-Type: text/plain; charset=us-ascii\n\nThis is an abuse report for a mail received from {source}.\n\n\
             --{boundary}\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Feedback/2.1\nVersion: 1\n\
             Original-Mail-From: <offers@shop{shop}.example>\nArrival-Date: Sat, 21 Nov 2026 19:40:00 +0000\nSource-IP: {source}\nReported-Domain: shop{shop}.example\n\n\
             --{boundary}\nContent-Type: message/rfc822\n\nReceived: from shop{shop}.example ([{source}])\n\tby mx.feedback.example; Sat, 21 Nov 2026 19:40:00 +0000\n\
             From: Offers <offers@shop{shop}.example>\nTo: someone@feedback.example\nSubject: Only today {id}\nDate: Sat, 21 Nov 2026 19:39:58 +0000\n\
             Message-ID: <spam.{id}@shop{shop}.example>\nContent-Type: text/plain\n\n{offer}\nhttp://shop{shop}.example/offer?id={id}\n\n--{boundary}--\n"
        );
        (from, text)
    }

    /// A machine's table of infected hosts, as an attachment in base64.
    fn table(&mut self) -> (String, String) {
        let from = "feed@sinkhole.example".to_owned();
        let head = self.head("Sinkhole Feed <feed@sinkhole.example>", "Infected hosts in your networks");
        let boundary = format!("csv-{}", self.id);
        let mut table = String::from("timestamp,ip,port,family,destination\n");
        for n in 0..self.rng.gen_range(30..90) {
            let (host, port, family) = (
                self.address(),
                self.rng.gen_range(1_024..65_535),
                FAMILIES[self.rng.gen_range(0..FAMILIES.len())],
            );
            // Writing to a String cannot fail.
            let _ = writeln!(
                table,
                "2026-11-21T18:{:02}:{:02}Z,{host},{port},{family},sinkhole.example",
                n / 60,
                n % 60
            );
        }
        let encoded = data_encoding::BASE64.encode(table.replace('\n', "\r\n").as_bytes());
        let lines: Vec<&str> =
            (0..encoded.len()).step_by(76).map(|at| &encoded[at..encoded.len().min(at + 76)]).collect();
        let text = format!(
            "{head}Auto-Submitted: auto-generated\nPrecedence: bulk\nContent-Type: multipart/mixed; boundary=\"{boundary}\"\n\n\
             --{boundary}\nContent-Type: text/plain; charset=utf-8\n\nThe attached table names hosts of your networks that have called at our sinkhole.\n\n\
             --{boundary}\nContent-Type: text/csv; name=\"hosts.csv\"\nContent-Disposition: attachment; filename=\"hosts.csv\"\nContent-Transfer-Encoding: base64\n\n{}\n\n--{boundary}--\n",
            lines.join("\n")
        );
        (from, text)
    }

    /// A person's mail as mail programs write them: text and HTML beside each other.
    fn html(&mut self) -> (String, String) {
        let from = format!("helpdesk{}@shop.example", self.rng.gen_range(0..200));
        let head = self.head(&format!("Help desk <{from}>"), "Phishing site in your network");
        let boundary = format!("alt-{}", self.id);
        let (host, site) = (self.address(), self.rng.gen_range(0..1_000_000));
        let words = self.prose(14);
        let rows: String = (0..24)
            .map(|n| {
                let hit = self.address();
                format!("<tr style=\"border:1px solid #cccccc\"><td>2026-11-21 19:{n:02}</td><td>{hit}</td><td>GET /login.php?id={n}</td></tr>\n")
            })
            .collect();
        let paragraphs: String =
            words.lines().map(|line| format!("<p style=\"margin:0 0 12px 0\">{line}</p>\n")).collect();
        let text = format!(
            "{head}Content-Type: multipart/alternative; boundary=\"{boundary}\"\n\n\
             --{boundary}\nContent-Type: text/plain; charset=utf-8\n\nA copy of our log-in page stands at hxxps://bank{site}[.]example/login on {host}.\n\n{words}\n\
             --{boundary}\nContent-Type: text/html; charset=utf-8\n\n<html><head><style>p {{ font-family: sans-serif }}</style></head><body>\n\
             <p>A copy of our log-in page stands at <a href=\"https://bank{site}.example/login\">our bank</a> on {host}.</p>\n{paragraphs}<table>\n{rows}</table></body></html>\n\n--{boundary}--\n"
        );
        (from, text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_mix_is_6_kb_on_average_and_no_two_are_alike() {
        let sample: Vec<Mail> = mails("cert@desk.example", 5_000, 1).take(2_000).collect();
        let average = sample.iter().map(|mail| mail.text.len()).sum::<usize>() / sample.len();
        assert!((5_800..=6_200).contains(&average), "{average} bytes on average");
        let ids: HashSet<&String> = sample.iter().map(|mail| &mail.message_id).collect();
        let texts: HashSet<&Vec<u8>> = sample.iter().map(|mail| &mail.text).collect();
        assert_eq!((ids.len(), texts.len()), (2_000, 2_000));
        let again: Vec<Mail> = mails("cert@desk.example", 5_000, 1).take(2_000).collect();
        assert!(sample.iter().zip(&again).all(|(one, two)| one.text == two.text));
    }

    #[test]
    fn lines_are_as_smtp_wants_them() {
        for mail in mails("cert@desk.example", 5_000, 2).take(200) {
            let text = String::from_utf8(mail.text).unwrap();
            assert!(text.split("\r\n").all(|line| line.len() < 998 && !line.contains(['\n', '\r'])));
        }
    }
}
