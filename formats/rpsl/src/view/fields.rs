//! How single attributes fill the fields of a view.

use crate::error::{Error, Notes, Quoted, Why};
use crate::handle::Handle;
use crate::object::{Attribute, Object};

/// Values that one list of a view holds at most, against objects made to fill the memory.
const MOST: usize = 4096;

/// The object's first attribute, when the object is of one of the view's classes.
pub(super) fn head<'a>(
    object: &Object<'a>,
    classes: &[&str],
    expected: &'static str,
) -> Result<Attribute<'a>, Error> {
    let class = object.class();
    let head = object.attributes().next().filter(|_| classes.contains(&&*class));
    head.ok_or_else(|| Error::at(object.line(), Why::WrongClass(Quoted::new(&class), expected)))
}

/// The attribute; of a line that is none, a note.
pub(super) fn attribute<'a>(line: Result<Attribute<'a>, Error>, notes: &mut Notes) -> Option<Attribute<'a>> {
    line.map_err(|error| notes.push(error)).ok()
}

/// The handle that the attribute must hold: one word.
pub(super) fn name(attribute: &Attribute<'_>) -> Result<Handle, Error> {
    let value = attribute.value();
    let why = if value.is_empty() { Why::Missing } else { not("a handle", &value) };
    let word = !value.contains(char::is_whitespace);
    Handle::new(&value).filter(|_| word).ok_or_else(|| Error::of(attribute.name(), attribute.line(), why))
}

pub(super) fn not(expected: &'static str, found: &str) -> Why {
    Why::Syntax { expected, found: Quoted::new(found) }
}

/// Adds to a list; beyond the most it holds, notes it and says no.
pub(super) fn push<T>(list: &mut Vec<T>, item: T, attribute: &Attribute<'_>, notes: &mut Notes) -> bool {
    if list.len() >= MOST {
        notes.add(attribute.name(), attribute.line(), Why::LongList(MOST));
        return false;
    }
    list.push(item);
    true
}

/// A list of handles: names of maintainers or teams, separated by commas or blanks.
pub(super) fn handles(list: &mut Vec<Handle>, attribute: &Attribute<'_>, notes: &mut Notes) {
    for item in attribute.items() {
        let fits = match Handle::new(&item) {
            Some(handle) => push(list, handle, attribute, notes),
            None => {
                notes.add(attribute.name(), attribute.line(), not("a handle", &item));
                true
            }
        };
        if !fits {
            return;
        }
    }
}

/// People (`admin-c`, `tech-c`): separated by commas only, since old objects name them in full.
pub(super) fn people(list: &mut Vec<Handle>, attribute: &Attribute<'_>, notes: &mut Notes) {
    for item in attribute.value().split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let fits = match Handle::new(item) {
            Some(handle) => push(list, handle, attribute, notes),
            None => {
                notes.add(attribute.name(), attribute.line(), not("a handle", item));
                true
            }
        };
        if !fits {
            return;
        }
    }
}

/// One handle; the first counts.
pub(super) fn handle(field: &mut Option<Handle>, attribute: &Attribute<'_>, notes: &mut Notes) {
    let value = attribute.value();
    match Handle::new(&value) {
        Some(handle) => once(field, handle, attribute, notes),
        None if value.is_empty() => {}
        None => notes.add(attribute.name(), attribute.line(), not("a handle", &value)),
    }
}

/// One text; the first counts.
pub(super) fn text(field: &mut Option<String>, attribute: &Attribute<'_>, notes: &mut Notes) {
    let value = attribute.value();
    if !value.is_empty() {
        once(field, value.into_owned(), attribute, notes);
    }
}

/// A list of texts, each value one entry.
pub(super) fn texts(list: &mut Vec<String>, attribute: &Attribute<'_>, notes: &mut Notes) {
    let value = attribute.value();
    if !value.is_empty() {
        push(list, value.into_owned(), attribute, notes);
    }
}

/// Free text: each line one entry, with what looks like a comment.
pub(super) fn lines(list: &mut Vec<String>, attribute: &Attribute<'_>, notes: &mut Notes) {
    for line in attribute.text_lines() {
        if !push(list, line.into_owned(), attribute, notes) {
            return;
        }
    }
}

fn once<T>(field: &mut Option<T>, value: T, attribute: &Attribute<'_>, notes: &mut Notes) {
    match field {
        Some(_) => notes.add(attribute.name(), attribute.line(), Why::Repeated),
        None => *field = Some(value),
    }
}
