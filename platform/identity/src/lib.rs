#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod accounts;
mod actor;
mod appoint;
mod certificates;
pub mod cli;
mod config;
pub mod handling;
mod institutes;
mod kept;
mod login;
mod login_passkey;
mod openpgp;
mod passkeys;
mod password;
mod permission;
mod person;
mod recovery;
mod rights;
mod second_factor;
mod service;
mod sessions;
mod step_up;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(test)]
mod tests;
mod throttle;
mod tokens;
mod totp;
pub mod web;

pub use accounts::{AccountCard, AccountView, NewAccount, add_account, is_login, normal_login};
pub use actor::{Actor, NO_TEAM, Role};
pub use appoint::{Appointed, appoint};
pub use certificates::{Certificate, CertificateView, Shown, bind_certificate};
pub use config::{Hosts, Section, Web};
pub use institutes::{Institute, InstituteLink};
pub use login::{Entered, From, LINK_LASTS, Refused, add_link};
pub use openpgp::OpenPgpView;
pub use passkeys::{PasskeyAnswer, PasskeyView, Question};
pub use permission::{
    Govern, Granted, ImportRegistry, Introduce, JudgeCases, KeepContacts, LookUp, ManageNode, ManageTeam,
    OwnAccount, Permission, ReadCases, RequestCertificates, SCOPES, SendMail, TriageReports, UpdateRegistry,
    WorkIncidents,
};
pub use person::{Person, certificate_holder, organisation_name, person, shut_accounts};
pub use recovery::{RECOVERY_LASTS, RecoveryBegun};
pub use rights::MayDo;
pub use service::{Identity, Settings, ensure_organisation, knows_organisation};
pub use step_up::{Proofs, StepUp};
pub use store::hand_over::TABLES as HANDED_OVER;
pub use store::recovery::RecoveryView;
pub use store::{SessionView, TokenView};
pub use tokens::TokenRequest;
pub use totp::Enrolment;
pub use web::{ApiError, Fields, Frame, PageError, Problem, Site, Upload, Visitor, protect, routes, step_up};

/// The schema of this crate.
pub const MIGRATIONS: &[kit::db::Migration] = &[
    kit::db::Migration::new("identity", 1, include_str!("../migrations/0001_identity.sql")),
    kit::db::Migration::new("identity", 2, include_str!("../migrations/0002_community.sql")),
    kit::db::Migration::new("identity", 3, include_str!("../migrations/0003_passkeys.sql")),
    kit::db::Migration::new("identity", 4, include_str!("../migrations/0004_kept_form.sql")),
    kit::db::Migration::new("identity", 5, include_str!("../migrations/0005_session_host.sql")),
    kit::db::Migration::new("identity", 6, include_str!("../migrations/0006_recovery.sql")),
    kit::db::Migration::new("identity", 7, include_str!("../migrations/0007_institute.sql")),
    kit::db::Migration::new("identity", 8, include_str!("../migrations/0008_openpgp.sql")),
];

/// Every statement of this crate, for the test that prepares them all on both engines.
pub fn statements() -> Vec<(&'static str, kit::Sql)> {
    [
        store::accounts::STATEMENTS,
        store::certificates::STATEMENTS,
        store::factors::STATEMENTS,
        store::hand_over::STATEMENTS,
        store::institutes::STATEMENTS,
        store::kept::STATEMENTS,
        store::links::STATEMENTS,
        store::openpgp::STATEMENTS,
        store::passkeys::STATEMENTS,
        store::recovery::STATEMENTS,
        store::sessions::STATEMENTS,
        store::throttle::STATEMENTS,
        store::tokens::STATEMENTS,
    ]
    .concat()
}
