//! The desk's pages, one file for each use case. Every handler takes a [`Granted`](identity::Granted): without one it
//! cannot reach the desk.

mod answer;
mod close;
mod desk;
mod drafts;
mod exclusions;
mod export;
mod find;
mod help;
mod inbox;
mod incident;
mod incidents;
mod investigate;
mod investigation;
mod link;
mod live;
mod mail_log;
mod messages;
mod report;
mod triage;

use axum::Router;
use kit::NavEntry;

use crate::Desk;

/// The desk's places in the main menu.
pub fn nav() -> Vec<NavEntry> {
    vec![
        NavEntry { href: "/", label: "Desk", key: 'd' },
        NavEntry { href: "/reports", label: "Reports", key: 'r' },
        NavEntry { href: "/incidents", label: "Incidents", key: 'i' },
        NavEntry { href: "/mail", label: "Mail", key: 'm' },
    ]
}

/// The desk's pages.
pub fn routes(desk: Desk) -> Router {
    Router::new()
        .merge(desk::routes())
        .merge(inbox::routes())
        .merge(triage::routes())
        .merge(link::routes())
        .merge(report::routes())
        .merge(messages::routes())
        .merge(incidents::routes())
        .merge(incident::routes())
        .merge(investigate::routes())
        .merge(close::routes())
        .merge(investigation::routes())
        .merge(find::routes())
        .merge(mail_log::routes())
        .merge(exclusions::routes())
        .merge(drafts::routes())
        .merge(live::routes())
        .merge(help::routes())
        .with_state(desk)
}
