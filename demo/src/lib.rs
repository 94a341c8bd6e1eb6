#![doc = include_str!("../README.md")]

mod community;
mod letters;
mod past;
mod place;
mod ring;
mod story;

use identity::Identity;
use incidents::Desk;
use kit::Node;
use registry::Registry;
use teams::Teams;
use trust::Trust;

pub use community::{Community, make};
pub use letters::{Letter, own};
pub use past::Past;
pub use place::{configure, make_folder};
pub use ring::{gather, people};
pub use story::Story;

/// The mailbox of the desk.
pub const MAILBOX: &str = "cert@aldermark.example";

/// The services of the node on which it is played.
#[derive(Clone)]
pub struct Stage {
    /// The node.
    pub node: Node,
    /// Its accounts.
    pub identity: Identity,
    /// Its directory.
    pub teams: Teams,
    /// Its process of trust.
    pub trust: Trust,
    /// Its registry.
    pub registry: Registry,
    /// Its desk.
    pub desk: Desk,
}
