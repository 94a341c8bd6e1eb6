//! What objects of all classes tell: text, events.

use rdap::{Event, EventAction, Notice};
use rpsl::Object;

/// Lines of free text that are told.
const LINES: usize = 300;

/// `descr` and `remarks` as remarks.
pub(super) fn remarks(object: &Object<'_>) -> Vec<Notice> {
    let texts = [("description", "descr"), ("remarks", "remarks")];
    let notices = texts.into_iter().filter_map(|(title, attribute)| {
        let lines: Vec<String> = object
            .all(attribute)
            .flat_map(|value| value.text_lines().map(|line| line.into_owned()).collect::<Vec<_>>())
            .filter(|line| !line.is_empty())
            .take(LINES)
            .collect();
        (!lines.is_empty()).then(|| Notice::new(title, lines))
    });
    notices.collect()
}

/// When it was registered and last changed, as it says itself.
pub(super) fn events(object: &Object<'_>) -> Vec<Event> {
    let time = |attribute: &str| object.get(attribute).and_then(|value| timestamp(&value.value()));
    // The form before 2015: `changed: mail@host 20040312`, one for each change.
    let mut changes: Vec<String> = object.all("changed").filter_map(|value| day(&value.value())).collect();
    changes.sort_unstable();
    let registered = time("created").or_else(|| changes.first().cloned());
    let changed = time("last-modified").or_else(|| changes.last().cloned());
    let event =
        |event_action, date: Option<String>| date.map(|event_date| Event { event_action, event_date });
    let events = [event(EventAction::Registration, registered), event(EventAction::LastChanged, changed)];
    events.into_iter().flatten().collect()
}

/// `2013-06-03T06:11:10Z`, when it is one.
fn timestamp(text: &str) -> Option<String> {
    let text = text.trim();
    let shape = text.len() == 20
        && text.bytes().zip(*b"dddd-dd-ddTdd:dd:ddZ").all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            other => byte == other,
        });
    shape.then(|| text.to_owned())
}

/// The date at the end of a `changed`.
fn day(text: &str) -> Option<String> {
    let digits = text.rsplit(' ').next()?;
    let fits = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| format!("{}-{}-{}T00:00:00Z", &digits[..4], &digits[4..6], &digits[6..]))
}

/// The first value of an attribute, when it says something.
pub(super) fn first(object: &Object<'_>, attribute: &str) -> Option<String> {
    object.get(attribute).map(|value| value.value().into_owned()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_form_of_either_age() {
        let told = |raw: &str| -> Vec<String> {
            let object = Object::parse(raw.as_bytes()).unwrap();
            events(&object).into_iter().map(|event| event.event_date).collect()
        };
        assert_eq!(
            told("irt: IRT-A\ncreated: 2013-06-03T06:11:10Z\nlast-modified: 2020-03-09T11:50:38Z\n"),
            ["2013-06-03T06:11:10Z", "2020-03-09T11:50:38Z"]
        );
        assert_eq!(
            told("irt: IRT-A\nchanged: a@b.example 20040312\nchanged: a@b.example 20030101\n"),
            ["2003-01-01T00:00:00Z", "2004-03-12T00:00:00Z"]
        );
        assert!(told("irt: IRT-A\ncreated: yesterday\nchanged: nobody\n").is_empty());
    }
}
