//! What the benchmarks have in common: an invented registry, mails, a client for each side, and how figures are told.
//!
//! Each benchmark is a program of its own that starts the real `wardmote`, as users have it, and sees it only from
//! outside: by SMTP, by HTTP, by its command line.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod common;
pub mod figures;
pub mod http;
pub mod large;
pub mod load;
pub mod mails;
pub mod node;
pub mod process;
pub mod ranges;
pub mod smtp;
pub mod syscalls;
pub mod world;
