//! Many objects at once: the way of an import. One statement takes a fixed number of rows, so that a database behind a
//! network is not asked row by row; what is left of a batch goes one by one.

use std::collections::HashMap;

use kit::db::Param;
use kit::{Id, Result, Time, Write, params, statements};

use super::imports::NewObject;

/// Objects of one statement, and terms of one.
const OBJECTS: usize = 50;
const TERMS: usize = 100;

statements! {
    PUT_MANY = text::<{ PUT_FIRST.len() + PUT_LAST.len() + rows_length(OBJECTS, 7) }>(
        &const { whole(PUT_FIRST, OBJECTS, 7, PUT_LAST) });
    PUT_ONE = "INSERT INTO registry_object (source, class, key, raw, import, line, imported_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (source, class, key) DO UPDATE SET raw = excluded.raw, import = excluded.import,
            line = excluded.line, imported_at = excluded.imported_at
        RETURNING seq, source, class, key";
    FORGET_MANY = text::<{ FORGET_FIRST.len() + FORGET_LAST.len() + rows_length(1, OBJECTS) }>(
        &const { whole(FORGET_FIRST, 1, OBJECTS, FORGET_LAST) });
    FORGET_ONE = "DELETE FROM registry_term WHERE object = $1";
    ADD_MANY = text::<{ ADD_FIRST.len() + ADD_LAST.len() + rows_length(TERMS, 3) }>(
        &const { whole(ADD_FIRST, TERMS, 3, ADD_LAST) });
    ADD_ONE = "INSERT INTO registry_term (attribute, value, object) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
}

const PUT_FIRST: &str =
    "INSERT INTO registry_object (source, class, key, raw, import, line, imported_at) VALUES ";
const PUT_LAST: &str =
    " ON CONFLICT (source, class, key) DO UPDATE SET raw = excluded.raw, import = excluded.import,
    line = excluded.line, imported_at = excluded.imported_at RETURNING seq, source, class, key";
const FORGET_FIRST: &str = "DELETE FROM registry_term WHERE object IN ";
const FORGET_LAST: &str = "";
const ADD_FIRST: &str = "INSERT INTO registry_term (attribute, value, object) VALUES ";
const ADD_LAST: &str = " ON CONFLICT DO NOTHING";

/// Stores objects in place of their last versions, with the terms by which they are found.
pub(super) fn put(tx: &Write<'_>, import: Id, objects: &[NewObject], now: Time) -> Result<()> {
    // A statement must not change a row twice: of one object that came twice, the later one counts.
    let mut last = HashMap::with_capacity(objects.len());
    for (place, object) in objects.iter().enumerate() {
        last.insert(object.name(), place);
    }
    let is_last = |(place, object): &(usize, &NewObject)| last.get(&object.name()) == Some(place);
    let objects: Vec<&NewObject> =
        objects.iter().enumerate().filter(is_last).map(|(_, object)| object).collect();
    let mut rows = HashMap::with_capacity(objects.len());
    for some in objects.chunks(OBJECTS) {
        let values: Vec<[&dyn Param; 7]> = some
            .iter()
            .map(|o| [&o.source as &dyn Param, &o.class, &o.key, &o.raw, &import, &o.line, &now])
            .collect();
        let row = |row: &kit::Row<'_>| Ok(((row.get(1)?, row.get(2)?, row.get(3)?), row.get(0)?));
        if some.len() == OBJECTS {
            rows.extend(tx.query(PUT_MANY, &values.concat(), row)?);
        } else {
            for values in &values {
                rows.extend(tx.query(PUT_ONE, values, row)?);
            }
        }
    }
    forget(tx, &rows.values().copied().collect::<Vec<i64>>())?;
    terms(tx, &objects, &rows)
}

/// A row's source, class and key.
type Names = (String, String, String);

fn forget(tx: &Write<'_>, rows: &[i64]) -> Result<()> {
    for some in rows.chunks(OBJECTS) {
        if some.len() == OBJECTS {
            tx.execute(FORGET_MANY, &some.iter().map(|row| row as &dyn Param).collect::<Vec<_>>())?;
        } else {
            for row in some {
                tx.execute(FORGET_ONE, params![*row])?;
            }
        }
    }
    Ok(())
}

fn terms(tx: &Write<'_>, objects: &[&NewObject], rows: &HashMap<Names, i64>) -> Result<()> {
    let mut terms = Vec::new();
    for object in objects {
        let name = (object.source.clone(), object.class.clone(), object.key.clone());
        if let Some(row) = rows.get(&name) {
            terms.extend(object.terms.iter().map(|term| (term.attribute, &term.value, *row)));
        }
    }
    // In the order of the table: neighbours go to the same page.
    terms.sort_unstable();
    for some in terms.chunks(TERMS) {
        let values: Vec<[&dyn Param; 3]> =
            some.iter().map(|(attribute, value, row)| [attribute as &dyn Param, *value, row]).collect();
        if some.len() == TERMS {
            tx.execute(ADD_MANY, &values.concat())?;
        } else {
            for values in &values {
                tx.execute(ADD_ONE, values)?;
            }
        }
    }
    Ok(())
}

/// Bytes of `rows` times `($1, …)`, with `columns` placeholders in each.
const fn rows_length(rows: usize, columns: usize) -> usize {
    let (mut length, mut number) = (0, 1);
    while number <= rows * columns {
        // The number with its sign, and what stands before or behind it.
        length += digits(number) + 1 + 1;
        number += 1;
    }
    // A parenthesis for each row, and commas between them.
    length + rows + (rows - 1)
}

const fn digits(number: usize) -> usize {
    let (mut digits, mut rest) = (1, number / 10);
    while rest > 0 {
        digits += 1;
        rest /= 10;
    }
    digits
}

/// `first`, then `rows` times `($1,$2,…)` with `columns` placeholders in each, then `last`.
const fn whole<const LENGTH: usize>(first: &str, rows: usize, columns: usize, last: &str) -> [u8; LENGTH] {
    let mut text = [0; LENGTH];
    let mut at = push(&mut text, 0, first.as_bytes());
    let mut number = 1;
    while number <= rows * columns {
        let starts_row = (number - 1) % columns == 0;
        let before: &[u8] = match (starts_row, number) {
            (true, 1) => b"($",
            (true, _) => b",($",
            (false, _) => b",$",
        };
        at = push(&mut text, at, before);
        let (mut place, mut rest) = (digits(number), number);
        at += place;
        while place > 0 {
            text[at - (digits(number) - place) - 1] = b'0' + (rest % 10) as u8;
            rest /= 10;
            place -= 1;
        }
        if number % columns == 0 {
            at = push(&mut text, at, b")");
        }
        number += 1;
    }
    at = push(&mut text, at, last.as_bytes());
    assert!(at == LENGTH);
    text
}

const fn push<const LENGTH: usize>(text: &mut [u8; LENGTH], at: usize, bytes: &[u8]) -> usize {
    let mut place = 0;
    while place < bytes.len() {
        text[at + place] = bytes[place];
        place += 1;
    }
    at + bytes.len()
}

const fn text<const LENGTH: usize>(bytes: &'static [u8; LENGTH]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("the parts of a statement are text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_a_placeholder_for_each_value() {
        const LENGTH: usize = "SAY ".len() + " NOW".len() + rows_length(4, 3);
        const TEXT: &str = text::<LENGTH>(&const { whole("SAY ", 4, 3, " NOW") });
        assert_eq!(TEXT, "SAY ($1,$2,$3),($4,$5,$6),($7,$8,$9),($10,$11,$12) NOW");
    }
}
