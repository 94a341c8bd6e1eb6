//! The 21 templates of the RIPE database, as of August 2026. What stands in them are facts, found in its server's
//! documentation (`-t`); the words are ours.

mod addresses;
mod routing;
mod teams;

use super::Template;

/// In the order in which answers show the classes.
pub(super) static ALL: [&Template; 21] = [
    &addresses::INETNUM,
    &addresses::INET6NUM,
    &routing::AS_BLOCK,
    &routing::AUT_NUM,
    &routing::AS_SET,
    &routing::ROUTE,
    &routing::ROUTE6,
    &routing::ROUTE_SET,
    &routing::INET_RTR,
    &routing::FILTER_SET,
    &routing::PEERING_SET,
    &routing::RTR_SET,
    &addresses::DOMAIN,
    &teams::POETIC_FORM,
    &teams::POEM,
    &teams::MNTNER,
    &teams::IRT,
    &teams::KEY_CERT,
    &teams::ORGANISATION,
    &teams::ROLE,
    &teams::PERSON,
];
