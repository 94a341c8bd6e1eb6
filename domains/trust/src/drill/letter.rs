//! The test message.

use kit::clock::SECOND;
use kit::{Digest, Result};
use mail::addresses;
use teams::Team;

use super::model::{Check, Drill};
use crate::Trust;
use crate::post::{Letter, Prepared};

/// A test message that is written and not yet sent.
pub(super) struct Message {
    pub(super) letter: Prepared,
    /// Of the secret in it.
    pub(super) token: Digest,
}

/// Writes the message of `check` to `team`. Blocks until its bytes are on disk.
///
/// # Errors
/// As [`Trust::write_letter`].
pub(super) fn write(trust: &Trust, drill: &Drill, check: &Check, team: &Team) -> Result<Message> {
    let node = trust.node();
    let token = node.token::<{ addresses::BYTES }>();
    let letter = Letter {
        to: check.address.clone(),
        to_name: team.name.clone(),
        subject: format!("Test: does somebody read here? ({})", team.name),
        text: text(trust, drill, team, &token),
        about: check.about(),
        key: team.encryption_key(node.now() / SECOND).ok().cloned(),
    };
    Ok(Message { letter: trust.write_letter(&letter)?, token: Digest::of(token.as_bytes()) })
}

fn text(trust: &Trust, drill: &Drill, team: &Team, token: &str) -> String {
    let base = &trust.settings().base_url;
    let until = ui::format::iso(drill.deadline_at).replace('T', " ").replace('Z', " UTC");
    let name = &team.name;
    let mut text = format!(
        "This is a test. Nothing has happened, and nothing else need be done but to answer.\n\n\
         {name} is asked at the address that its record gives for reports of incidents, to see\n\
         whether somebody reads there. The reason of this drill: {}\n\n",
        drill.reason
    );
    if base.is_empty() {
        text.push_str("Just answer this mail; nothing need be written.\n");
    } else {
        text.push_str(&format!(
            "Follow this link and press the button, or just answer this mail:\n\n  {base}/trust/drills/answer/{token}\n"
        ));
    }
    text.push_str(&format!(
        "\nPlease answer by {until}. How long it took stands in the team's record; members of the\n\
         community see it, nobody else does.\n"
    ));
    text
}
