//! The key ring of a visibility, and what was left out of it.

use std::fmt::Write as _;

use kit::Time;
use kit::clock::SECOND;
use mail::pgp::PublicKey;

use crate::{Team, TeamKey};

/// A ring: whose key is in it, whose is not and why.
pub(super) struct Ring<'a> {
    good: Vec<(&'a Team, &'a PublicKey)>,
    left_out: Vec<(&'a Team, &'a TeamKey, String)>,
    without: Vec<&'a Team>,
}

impl<'a> Ring<'a> {
    /// The keys of `teams` at `now`.
    pub(super) fn of(teams: impl Iterator<Item = &'a Team>, now: Time) -> Self {
        let mut ring = Self { good: Vec::new(), left_out: Vec::new(), without: Vec::new() };
        for team in teams {
            let before = ring.good.len();
            for known in &team.keys {
                let verdict = known.key.validity(now / SECOND);
                match known.withdrawn {
                    Some(at) => {
                        let why = format!("withdrawn by the team on {}", ui::format::date(at));
                        ring.left_out.push((team, known, why));
                    }
                    None if verdict.is_valid() => ring.good.push((team, &known.key)),
                    None => ring.left_out.push((team, known, verdict.to_string())),
                }
            }
            if ring.good.len() == before {
                ring.without.push(team);
            }
        }
        ring
    }

    /// In armour, one block for each key with a line before it that says whose it is; programs pass over those lines.
    pub(super) fn armored(&self) -> Vec<u8> {
        let mut out = String::new();
        for (team, key) in &self.good {
            let _ = write!(
                out,
                "{} ({})\n{}\n{}\n",
                plain(&team.name),
                team.handle,
                ui::format::fingerprint(&key.fingerprint()),
                key.to_armored()
            );
        }
        out.into_bytes()
    }

    /// One key after the other in binary form (RFC 9580, section 10.1).
    pub(super) fn binary(&self) -> Vec<u8> {
        self.good.iter().flat_map(|(_, key)| key.to_bytes()).collect()
    }

    /// In words for people: what is in the ring, what was left out and why, who has no key.
    pub(super) fn report(&self) -> Vec<u8> {
        let mut out = String::new();
        let _ = writeln!(out, "{} in the ring\n", ui::format::plural(self.good.len(), "key", "keys"));
        for (team, key) in &self.good {
            let until = key.expires().map_or_else(
                || "no end".to_owned(),
                |at| format!("until {}", ui::format::date(at.saturating_mul(SECOND))),
            );
            let _ = writeln!(out, "{}  {:<20}  {until}", key.fingerprint(), team.handle);
        }
        let _ = writeln!(out, "\n{} left out\n", ui::format::plural(self.left_out.len(), "key", "keys"));
        for (team, known, why) in &self.left_out {
            let _ = writeln!(out, "{}  {:<20}  {}", known.key.fingerprint(), team.handle, plain(why));
        }
        let _ = writeln!(
            out,
            "\n{} without a good key\n",
            ui::format::plural(self.without.len(), "team", "teams")
        );
        for team in &self.without {
            let _ = writeln!(out, "{:<20}  {}", team.handle, plain(&team.name));
        }
        out.into_bytes()
    }
}

/// A text that stays on its line and begins no armour.
fn plain(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.replace("-----", "-")
}
