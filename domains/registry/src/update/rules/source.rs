//! Which registry an object is for.

use rpsl::Object;

use super::Found;
use crate::update::report::{Cause, Message};

/// The object must be for this registry, `own`, and must not be a copy out of an answer that leaves things out.
pub(crate) fn is_ours(object: &Object<'_>, own: &str) -> Found {
    let mut found = Found::new();
    if let Some(source) = object.get("source") {
        let named = source.value();
        if !named.eq_ignore_ascii_case(own) {
            let text = format!("this registry is {own}; objects of {named} are changed there");
            found.push((Cause::Rule, Message::error(text).at(&source)));
        }
    }
    let filtered = |note: &str| note.eq_ignore_ascii_case("filtered");
    for attribute in object.attributes().filter(|attribute| matches!(attribute.name(), "source" | "auth")) {
        if attribute.comment().is_some_and(|note| filtered(note.trim())) {
            let text = "this is a copy out of an answer that leaves things out (# Filtered): what it lacks would \
                        be lost. Take the object as its maintainer sees it";
            found.push((Cause::Rule, Message::error(text).at(&attribute)));
        }
    }
    found
}
