#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

// Templates say `ui::icon(…)` here and in every other crate alike.
extern crate self as ui;

mod assets;
mod error_page;
pub mod format;
mod html;
mod page;
mod parts;
mod prefs;
mod toast;

pub use assets::{Asset, assets};
pub use error_page::ErrorPage;
pub use html::{Html, secure};
pub use page::{NavItem, Page, Who};
pub use parts::*;
pub use prefs::{Preferences, Theme, preferences, routes};
pub use toast::Toast;
