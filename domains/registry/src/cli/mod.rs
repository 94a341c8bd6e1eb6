//! What the command line asks of the registry; the binary only mounts it.

mod command;
mod import;
mod lines;
mod lookup;
mod mirror;
mod objects;
mod output;
mod row;
mod stream;

pub use command::{Command, run};
pub use import::{Import, import, import_to};
pub use lookup::{Lookup, Verdict, look_up, lookup};
pub use mirror::{Mirror, mirror};
pub use objects::{Changes, Outdated, Which};
pub use output::Format;
pub(crate) use output::Output;
pub(crate) use stream::read as read_text;
