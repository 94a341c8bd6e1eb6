//! Cutting a dump into objects: separators, comments, limits, line numbers, chunks.

#![allow(clippy::unwrap_used)]

use rpsl::{Error, Limits, Object, Splitter, Why, objects, objects_within};

/// (line, bytes) of each object, or the message.
fn cut(bytes: &[u8]) -> Vec<Result<(u64, String), String>> {
    objects(bytes).map(show).collect()
}

fn show(object: Result<Object<'_>, Error>) -> Result<(u64, String), String> {
    let show = |object: Object<'_>| (object.line(), String::from_utf8_lossy(object.raw()).into_owned());
    object.map(show).map_err(|error| error.to_string())
}

fn streamed(bytes: &[u8], chunk: usize, limits: Limits) -> Vec<Result<(u64, String), String>> {
    let mut splitter = Splitter::new(limits);
    let mut found = Vec::new();
    for chunk in bytes.chunks(chunk) {
        splitter.feed(chunk);
        assert!(splitter.held() <= limits.bytes + 2 * chunk.len(), "{} held", splitter.held());
        while let Some(object) = splitter.next_object() {
            found.push(show(object));
        }
    }
    splitter.finish();
    while let Some(object) = splitter.next_object() {
        found.push(show(object));
    }
    found
}

fn object(line: u64, text: &str) -> Result<(u64, String), String> {
    Ok((line, text.to_owned()))
}

#[test]
fn blank_lines_separate_and_comments_between_are_passed_over() {
    let dump =
        "% terms of use\n\n# from a mirror\nirt: A\nsource: T\n\n \t\nirt: B\n% inside\nsource: T\n\n# EOF\n";
    assert_eq!(
        cut(dump.as_bytes()),
        [object(4, "irt: A\nsource: T\n"), object(8, "irt: B\n% inside\nsource: T\n")]
    );
}

#[test]
fn line_ends_of_windows_and_a_byte_order_mark_and_a_missing_last_line_end_are_no_trouble() {
    let dump = b"\xEF\xBB\xBFirt: A\r\nsource: T\r\n\r\nirt: B";
    assert_eq!(cut(dump), [object(1, "irt: A\r\nsource: T\r\n"), object(4, "irt: B")]);
    let object = objects(dump).next().unwrap().unwrap();
    assert_eq!((object.key(), object.get("source").unwrap().value()), ("A".into(), "T".into()));
}

#[test]
fn text_that_is_no_object_is_reported_with_its_line_and_the_next_object_is_read() {
    let dump = b"irt: A\n\nDear registry,\nplease\n\nirt: B\n";
    let message = r#"line 3: "Dear registry," is not an attribute of the form "name: value""#;
    assert_eq!(cut(dump), [object(1, "irt: A\n"), Err(message.into()), object(6, "irt: B\n")]);
}

#[test]
fn an_object_over_the_limits_is_reported_and_the_next_one_is_read() {
    let limits = Limits { bytes: 40, attributes: 3 };
    let long = format!("irt: A\n\nirt: {}\nsource: T\n\nirt: C\n", "B".repeat(60));
    let many = "irt: A\n\nirt: B\na: 1\nb: 2\nc: 3\nd: 4\n\nirt: C\n".to_owned();
    let outcomes = [
        (long, "line 3: the object is longer than 40 bytes and was skipped", 6),
        (many, "line 3: the object has more than 3 attributes and was skipped", 9),
    ];
    for (dump, message, next) in outcomes {
        let expected = [object(1, "irt: A\n"), Err(message.to_owned()), object(next, "irt: C\n")];
        let whole: Vec<_> = objects_within(dump.as_bytes(), limits).map(show).collect();
        assert_eq!(whole, expected);
        for chunk in 1..dump.len() {
            assert_eq!(streamed(dump.as_bytes(), chunk, limits), expected, "in chunks of {chunk}");
        }
    }
}

#[test]
fn an_object_that_only_its_last_line_end_takes_over_the_limit_is_refused_however_it_comes() {
    for (bytes, taken) in [(12, true), (11, false)] {
        let limits = Limits { bytes, attributes: 3 };
        let whole: Vec<_> = rpsl::objects_within(b"person: abc\n", limits).map(show).collect();
        assert_eq!(whole[0].is_ok(), taken);
        for chunk in 1..=12 {
            assert_eq!(streamed(b"person: abc\n", chunk, limits), whole, "in chunks of {chunk}");
        }
    }
}

#[test]
fn an_endless_line_does_not_fill_the_memory() {
    let mut splitter = Splitter::new(Limits { bytes: 1000, ..Limits::default() });
    let mut errors = Vec::new();
    for _ in 0..10_000 {
        splitter.feed(&[b'x'; 100]);
        while let Some(object) = splitter.next_object() {
            errors.push(object.unwrap_err().why);
        }
        assert!(splitter.held() <= 1200);
    }
    assert_eq!(errors, [Why::TooLarge(1000)]);
}

#[test]
fn a_dump_cut_into_chunks_of_any_size_gives_the_same_objects() {
    let dump = "% c\nirt: A\nremarks: one\n two\n+\n+three\n\n\nirt: B\r\n\r\n  \nx\n\ninetnum: 192.0.2.0/24";
    for chunk in 1..dump.len() {
        assert_eq!(streamed(dump.as_bytes(), chunk, Limits::default()), cut(dump.as_bytes()));
    }
}

#[test]
fn one_object_is_asked_for_and_one_is_given() {
    assert_eq!(Object::parse(b"\n% note\nirt: A\n\n").unwrap().key(), "A");
    assert_eq!(Object::parse(b" \n\n").unwrap_err().why, Why::NoObject);
    assert_eq!(
        Object::parse(b"irt: A\n\nirt: B\n").unwrap_err(),
        Object::parse(b"irt: A\n\n%\nirt: B")
            .map_or_else(|error| Error { line: 3, ..error }, |_| unreachable!("two objects"))
    );
}
