//! Lists as programs read them: whole, page by page.

use kit::db::Read;
use kit::{Id, Result, params, statements};

use super::{observables, reports};
use crate::model::{Observable, Report, ReportStatus};

statements! {
    REPORTS_IN = "SELECT id, team, number, status, machine, kind, subject, from_address, from_name, received_at, due_at, answered_at,
            closed_at, tlp, signature, owner, owner_name, same, flagged, first_message, version
        FROM report WHERE team = $1 AND status = $2 AND number < $3 ORDER BY number DESC LIMIT $4";
    OBSERVABLES_BEHIND = "SELECT n, kind, value, low, high, port, part, hits, first_seen, last_seen, tlp, excluded FROM observable
        WHERE owner = $1 AND n > $2 ORDER BY n LIMIT $3";
}

/// Reports in `status` with a number below `below`, newest first.
pub(crate) fn reports_in(
    c: &Read<'_>,
    team: Id,
    status: ReportStatus,
    below: i64,
    limit: i64,
) -> Result<Vec<Report>> {
    c.query(REPORTS_IN, params![team, status.name(), below, limit], reports::report)
}

/// What `owner` names behind place `n`, in the order in which it was found.
pub(crate) fn observables_behind(c: &Read<'_>, owner: Id, n: i64, limit: i64) -> Result<Vec<Observable>> {
    c.query(OBSERVABLES_BEHIND, params![owner, n, limit], observables::observable)
}
