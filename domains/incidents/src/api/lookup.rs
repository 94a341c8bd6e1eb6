//! Who is responsible, as a case tells it.

use kit::Id;
use registry::{Answer, Contact, KeyView, Registry, Step, TeamView};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::Observable;
use crate::views::responsible::can_be_asked_about;

/// Who is responsible for an observable, and how we know; from registry and directory as they are now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CaseLookUp)]
pub(super) struct LookUp {
    /// By what it was found: `irt`, `abuse-c`, `claim` or `nobody`.
    #[schema(example = "irt")]
    basis: &'static str,
    /// The steps by which it was found, the first one first.
    chain: Vec<Step>,
    /// The name of the team's `irt` object.
    #[schema(example = "IRT-EXAMPLE")]
    irt: Option<String>,
    /// The team in the directory, with its trust status.
    team: Option<TeamView>,
    /// It is the asker's own team.
    ours: bool,
    /// Whom to write to.
    contact: Option<Contact>,
    /// The key to encrypt to.
    key: Option<KeyView>,
    /// Country of the most specific network, two letters.
    country: String,
    /// Name of the most specific network, or of the AS.
    netname: String,
}

impl LookUp {
    /// Who is responsible for `one`, as `reader` sees it; `None` for what nobody can be asked about, such as a hash.
    pub(super) fn of(registry: &Registry, reader: Id, one: &Observable) -> Option<Self> {
        if !can_be_asked_about(one.kind) {
            return None;
        }
        registry
            .answer_observable(reader, one.kind, &one.value)
            .map(|answer| Self::from_answer(answer, reader))
    }

    fn from_answer(answer: Answer, reader: Id) -> Self {
        Self {
            basis: answer.basis.name(),
            ours: answer.record.as_ref().is_some_and(|record| record.id == reader),
            irt: answer.irt.map(|irt| irt.name),
            chain: answer.chain,
            team: answer.team,
            contact: answer.contact,
            key: answer.key,
            country: answer.country,
            netname: answer.netname,
        }
    }
}
