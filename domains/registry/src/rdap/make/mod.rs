//! Objects of the registry as objects of RDAP.

mod common;
mod entity;
mod irt;
mod resource;

use crate::answer::Answer;
use crate::service::Snapshot;
use crate::settings::Settings;
use crate::store::objects::Stored;

use super::door::Question;

/// What the objects of one answer have in common.
pub(super) struct Maker<'a> {
    question: &'a Question,
    snapshot: &'a Snapshot,
    /// Who is responsible for what was asked.
    found: &'a Answer,
    port43: Option<String>,
}

impl<'a> Maker<'a> {
    pub(super) fn new(question: &'a Question, snapshot: &'a Snapshot, found: &'a Answer) -> Self {
        Self { question, snapshot, found, port43: question.port43() }
    }

    fn settings(&self) -> &Settings {
        self.question.registry.settings()
    }

    /// The object as anybody is shown it.
    fn shown<'s>(&self, stored: &'s Stored) -> std::borrow::Cow<'s, [u8]> {
        crate::trust::shown(&stored.raw, &self.snapshot.view().directory, self.settings())
    }

    fn rdap_link(&self, rel: &'static str, path: &str) -> rdap::Link {
        rdap::Link::rdap(rel, self.question.value.clone(), format!("{}/rdap/{path}", self.question.base))
    }
}
