//! Reads what strace saw of a node and says whether each mail was on disk before it was acknowledged.
//!
//! A killed process does not lose the page cache, so a crash test alone proves little: here the order of system calls is
//! the proof. For each `250` to a mail's text, between the `354` of the same connection and the `250`:
//!
//! 1. a new file below `blobs/` was fsynced, then renamed to its name, then its folder was fsynced;
//! 2. the database's write-ahead log was written to, then fsynced;
//!
//! and all of these had returned, with success, before the `250` was handed to the system. When mails come one by one
//! with pauses between them, no other mail's calls can stand in for a missing one.

use std::collections::HashMap;

/// What to trace: `strace -f -y -s 256 -e <this>`.
pub const TRACED: &str =
    "trace=fsync,fdatasync,rename,renameat,renameat2,write,writev,pwrite64,sendto,sendmsg";

/// A `250` to a mail's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Line of the trace, from 1.
    pub line: usize,
    /// What was not on disk; empty: everything was.
    pub missing: Vec<&'static str>,
}

/// One system call, with the lines on which it began and returned.
#[derive(Debug, Clone)]
struct Call {
    name: String,
    arguments: String,
    succeeded: bool,
    began: usize,
    ended: usize,
}

/// All acknowledgements in `trace`, in their order.
pub fn acknowledgements(trace: &str) -> Vec<Acknowledgement> {
    let calls = calls(trace);
    let mut promised: HashMap<String, usize> = HashMap::new();
    let mut found = Vec::new();
    let mut replies: Vec<&Call> = calls.iter().filter(|call| is_send(&call.name)).collect();
    replies.sort_by_key(|call| call.began);
    for reply in replies {
        let connection = descriptor(&reply.arguments);
        if reply.arguments.contains("250 2.0.0 stored") {
            let since = promised.get(connection).copied().unwrap_or_default();
            let between: Vec<&Call> = calls
                .iter()
                .filter(|call| call.succeeded && call.began > since && call.ended < reply.began)
                .collect();
            found.push(Acknowledgement { line: reply.began, missing: missing(&between) });
        }
        if reply.arguments.contains("354 ") {
            promised.insert(connection.to_owned(), reply.ended);
        }
    }
    found
}

/// What of a mail is not on disk after these calls.
fn missing(calls: &[&Call]) -> Vec<&'static str> {
    let mut missing = Vec::new();
    let after = |wanted: fn(&Call) -> bool, since: usize| {
        calls.iter().find(|call| wanted(call) && call.began > since)
    };
    let synced: Vec<(&str, usize)> =
        calls.iter().filter(|call| is_sync(call)).map(|call| (path(&call.arguments), call.ended)).collect();
    // The renames into blobs/ whose source was synced before, with the folder that must be synced after.
    let renamed = calls.iter().filter(|call| call.name.starts_with("rename")).filter_map(|call| {
        let mut names = call.arguments.split('"').skip(1).step_by(2);
        let (from, to) = (names.next()?, names.next()?);
        let whole =
            to.contains("/blobs/") && synced.iter().any(|(path, ended)| *path == from && *ended < call.began);
        whole.then(|| (to.rsplit_once('/').map_or("", |(folder, _)| folder), call.ended))
    });
    let renamed: Vec<(&str, usize)> = renamed.collect();
    if renamed.is_empty() {
        missing.push("fsync of the mail's file");
    }
    let folder = renamed.iter().any(|(folder, since)| {
        calls.iter().any(|call| is_sync(call) && path(&call.arguments) == *folder && call.began > *since)
    });
    if !folder {
        missing.push("fsync of the file's folder");
    }
    let logged = after(|call| call.name == "pwrite64" && is_log(call), 0);
    let log_synced = logged.and_then(|write| after(|call| is_sync(call) && is_log(call), write.ended));
    if log_synced.is_none() {
        missing.push("fsync of the database's log");
    }
    missing
}

fn is_send(name: &str) -> bool {
    matches!(name, "write" | "writev" | "sendto" | "sendmsg")
}

fn is_sync(call: &Call) -> bool {
    matches!(call.name.as_str(), "fsync" | "fdatasync")
}

fn is_log(call: &Call) -> bool {
    path(&call.arguments).ends_with("-wal")
}

/// `12</data/x>, …` → `12</data/x>`.
fn descriptor(arguments: &str) -> &str {
    arguments.split(", ").next().unwrap_or_default()
}

/// `12</data/x>, …` → `/data/x`.
fn path(arguments: &str) -> &str {
    let descriptor = descriptor(arguments);
    descriptor.split_once('<').map_or("", |(_, rest)| rest.trim_end_matches('>'))
}

/// The calls that returned, in the order in which they did. Calls that strace shows in two halves are put together.
fn calls(trace: &str) -> Vec<Call> {
    let mut begun: HashMap<&str, (String, String, usize)> = HashMap::new();
    let mut calls = Vec::new();
    for (n, line) in trace.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let (rest, line) = (rest.trim_start(), n + 1);
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let Some((name, arguments, began)) = begun.remove(thread) else { continue };
            let end = resumed.split_once(" resumed>").map_or("", |(_, end)| end);
            calls.push(Call { name, arguments, succeeded: succeeded(end), began, ended: line });
        } else if let Some((name, arguments)) = rest.split_once('(') {
            match arguments.strip_suffix("<unfinished ...>") {
                Some(half) => {
                    let half = half.trim_end().trim_end_matches(',').to_owned();
                    begun.insert(thread, (name.to_owned(), half, line));
                }
                None => {
                    let (arguments, end) = arguments.rsplit_once(')').unwrap_or((arguments, ""));
                    let (name, arguments) = (name.to_owned(), arguments.to_owned());
                    calls.push(Call { name, arguments, succeeded: succeeded(end), began: line, ended: line });
                }
            }
        }
    }
    calls
}

/// Whether the end of a line, from the closing parenthesis, tells of success.
fn succeeded(end: &str) -> bool {
    end.rsplit_once("= ")
        .is_some_and(|(_, value)| value.trim_start().starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &[&str] = &[
        r#"7  sendto(15<socket:[1]>, "250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 end with CR LF . CR LF\r\n", 54, MSG_NOSIGNAL, NULL, 0) = 54"#,
        r#"8  write(20</d/blobs/ab/.abcd.1.0>, "x"..., 3000) = 3000"#,
        r#"8  fsync(20</d/blobs/ab/.abcd.1.0>) = 0"#,
        r#"8  rename("/d/blobs/ab/.abcd.1.0", "/d/blobs/ab/cd.lz4") = 0"#,
        r#"8  fsync(20</d/blobs/ab> <unfinished ...>"#,
        r#"9  pwrite64(5</d/wardmote.db-wal>, "y"..., 4096, 32) = 4096"#,
        r#"8  <... fsync resumed>) = 0"#,
        r#"9  pwrite64(5</d/wardmote.db-wal>, "y"..., 4096, 4152) = 4096"#,
        r#"9  fdatasync(5</d/wardmote.db-wal>) = 0"#,
        r#"7  sendto(15<socket:[1]>, "250 2.0.0 stored as 0193\r\n", 26, MSG_NOSIGNAL, NULL, 0) = 26"#,
    ];

    fn judged(lines: &[&str]) -> Vec<&'static str> {
        let found = acknowledgements(&lines.join("\n"));
        assert_eq!(found.len(), 1);
        found[0].missing.clone()
    }

    #[test]
    fn a_mail_on_disk_may_be_acknowledged() {
        assert_eq!(judged(GOOD), Vec::<&str>::new());
    }

    #[test]
    fn each_missing_sync_is_named() {
        let without = |n: usize| {
            judged(
                &GOOD
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| *at != n)
                    .map(|(_, line)| *line)
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(without(2), ["fsync of the mail's file", "fsync of the file's folder"]);
        assert_eq!(without(6), ["fsync of the file's folder"]);
        assert_eq!(without(8), ["fsync of the database's log"]);
    }

    #[test]
    fn a_sync_that_returns_after_the_reply_or_fails_does_not_count() {
        let mut late = GOOD.to_vec();
        late.swap(8, 9);
        assert_eq!(judged(&late), ["fsync of the database's log"]);
        let failed = GOOD.join("\n").replace(
            "fdatasync(5</d/wardmote.db-wal>) = 0",
            "fdatasync(5</d/wardmote.db-wal>) = -1 EIO (Input/output error)",
        );
        assert_eq!(acknowledgements(&failed)[0].missing, ["fsync of the database's log"]);
    }

    #[test]
    fn what_was_synced_for_the_mail_before_does_not_count() {
        let mut two = GOOD.to_vec();
        two.extend([GOOD[0], GOOD[9]]);
        let found = acknowledgements(&two.join("\n"));
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].missing.len(), found[1].missing.len()), (0, 3));
    }

    #[test]
    fn a_folder_that_was_synced_before_the_rename_does_not_hold_the_name() {
        let mut early = GOOD.to_vec();
        let rename = early.remove(3);
        early.insert(6, rename);
        assert_eq!(judged(&early), ["fsync of the file's folder"]);
    }
}
