//! The desk as programs see it, through the whole router; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod client;
mod description;
mod incidents;
mod job;
mod refusals;
mod reports;

#[tokio::test]
async fn every_statement_is_understood_by_the_database() {
    let w = common::world().await;
    assert_eq!(w.node.db.check_statements(&::incidents::statements()).unwrap(), Vec::<String>::new());
}
