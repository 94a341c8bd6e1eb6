//! Lists in pages, by key: what is new or gone meanwhile neither repeats a row nor skips one.

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use utoipa::ToSchema;

use super::failure::Failure;
use crate::views::inbox::Cursor;

/// Rows of a page when nobody says how many.
pub(super) const USUAL: usize = 50;
/// Rows of a page at most.
const MOST: usize = 200;

/// Some rows of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The rows, in the order of the list.
    pub(super) items: Vec<T>,
    /// Where the next page begins: goes into `after`. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// How many rows are asked for.
pub(super) fn rows(limit: Option<usize>) -> Result<usize, Failure> {
    match limit.unwrap_or(USUAL) {
        rows @ 1..=MOST => Ok(rows),
        _ => Err(Failure::parameter("limit", format!("A page has 1 to {MOST} rows."))),
    }
}

/// `cursor` as programs see it; `list` tells the places of one list from those of another.
pub(super) fn told(list: &str, cursor: Cursor) -> String {
    BASE64URL_NOPAD.encode(format!("{list} {cursor}").as_bytes())
}

/// The place in `list` that a program sends back.
pub(super) fn place(list: &str, after: Option<&str>) -> Result<Option<Cursor>, Failure> {
    let wrong = || {
        let detail = "This is no place in this list: send what \"next\" said, or leave it out to begin at the first page.";
        Failure::parameter("after", detail)
    };
    let Some(after) = after else { return Ok(None) };
    // Longer than any that we made.
    if after.len() > 200 {
        return Err(wrong());
    }
    let bytes = BASE64URL_NOPAD.decode(after.as_bytes()).map_err(|_| wrong())?;
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    let (of, cursor) = text.split_once(' ').ok_or_else(wrong)?;
    if of != list {
        return Err(wrong());
    }
    cursor.parse().map(Some).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kit::Id;

    #[test]
    fn a_place_belongs_to_its_list() {
        let cursor = Cursor::Clock(7, Id::from_bytes([3; 16]));
        let text = told("decide", cursor);
        assert_eq!(place("decide", Some(&text)).unwrap(), Some(cursor));
        assert!(place("mine", Some(&text)).is_err());
        assert_eq!(place("mine", None).unwrap(), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_place_or_refused(after in "\\PC{0,60}", bytes: Vec<u8>) {
            drop(place("all", Some(&after)));
            drop(place("all", Some(&BASE64URL_NOPAD.encode(&bytes))));
        }
    }
}
