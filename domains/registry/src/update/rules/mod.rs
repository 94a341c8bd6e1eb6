//! What a change must keep to, whoever makes it. Each rule stands alone and says what it found.

mod deletion;
mod generated;
mod hierarchy;
mod references;
mod remarks;
mod source;
mod syntax;

pub(crate) use deletion::is_referenced;
pub(crate) use generated::{complete, same, whole_names};
pub(crate) use hierarchy::nests;
pub(crate) use references::exist;
pub(crate) use remarks::are_its_own;
pub(crate) use source::is_ours;
pub(crate) use syntax::follows_its_template;

use super::report::{Cause, Message};

/// What a rule found, and of which kind its errors are.
pub(crate) type Found = Vec<(Cause, Message)>;
