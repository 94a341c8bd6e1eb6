//! Cuts a dump into objects, whole ([`objects`]) or as it streams in ([`Splitter`]).
//!
//! Objects are separated by blank lines (RFC 2622 section 2); a line of nothing but blanks counts as one.
//! Between objects, lines that begin with `%` or `#` are comments. An object over the limits is reported
//! with its first line and skipped; the next blank line is where things go on.

use crate::error::{Error, Why};
use crate::object::Object;
use crate::text::{is_blank, is_comment, is_continuation};

/// How large an object may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one object. The largest objects of the RIPE database, sets of all customers, have some 2 MB.
    pub bytes: usize,
    /// Attributes of one object.
    pub attributes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 4 << 20, attributes: 65_536 }
    }
}

/// The objects of a dump that is in memory, without copying. See [`objects`].
#[derive(Debug)]
pub struct Objects<'a> {
    buffer: &'a [u8],
    scanner: Scanner,
}

/// Iterates over the objects of `buffer`, a whole dump, within the default [`Limits`].
/// What is no object comes as an error with its line; the iteration goes on after it.
pub fn objects(buffer: &[u8]) -> Objects<'_> {
    objects_within(buffer, Limits::default())
}

/// [`objects`] within limits of one's own.
pub fn objects_within(buffer: &[u8], limits: Limits) -> Objects<'_> {
    Objects { buffer, scanner: Scanner::new(limits) }
}

impl<'a> Iterator for Objects<'a> {
    type Item = Result<Object<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.scanner.scan(self.buffer, true) {
            Found::Nothing => None,
            Found::Object { from, to, line } => Some(Object::new(&self.buffer[from..to], line)),
            Found::Refused(error) => Some(Err(error)),
        }
    }
}

/// Cuts a stream into objects; holds no more than one object (bounded by [`Limits`]) and one chunk.
///
/// ```
/// let mut splitter = rpsl::Splitter::default();
/// let mut names = Vec::new();
/// for chunk in [&b"irt: IRT-A.example\nsource: T"[..], b"EST\n\nirt: IRT", b"-B"] {
///     splitter.feed(chunk);
///     while let Some(object) = splitter.next_object() {
///         names.push(object?.key().into_owned());
///     }
/// }
/// splitter.finish();
/// while let Some(object) = splitter.next_object() {
///     names.push(object?.key().into_owned());
/// }
/// assert_eq!(names, ["IRT-A.example", "IRT-B"]);
/// # Ok::<(), rpsl::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Splitter {
    buffer: Vec<u8>,
    scanner: Scanner,
    last: bool,
}

impl Splitter {
    /// A splitter within limits of one's own.
    pub fn new(limits: Limits) -> Self {
        Self { scanner: Scanner::new(limits), ..Self::default() }
    }

    /// Adds the next bytes of the stream. Take all objects by [`Splitter::next_object`] before feeding
    /// more, or the buffer grows with what is fed.
    pub fn feed(&mut self, chunk: &[u8]) {
        let done = self.scanner.release();
        self.buffer.drain(..done);
        self.buffer.extend_from_slice(chunk);
    }

    /// Says that the stream has ended: what is left in the buffer is the last object.
    pub fn finish(&mut self) {
        self.last = true;
    }

    /// The next object that is complete, or what was refused; `None` when more must be fed first
    /// (after [`Splitter::finish`]: when there is no more).
    pub fn next_object(&mut self) -> Option<Result<Object<'_>, Error>> {
        match self.scanner.scan(&self.buffer, self.last) {
            Found::Nothing => None,
            Found::Object { from, to, line } => Some(Object::new(&self.buffer[from..to], line)),
            Found::Refused(error) => Some(Err(error)),
        }
    }

    /// Bytes held now: the unfinished object and what was not asked for yet.
    pub fn held(&self) -> usize {
        self.buffer.len()
    }
}

/// Line by line over a buffer that may grow between the calls. Offsets are into that buffer.
#[derive(Debug)]
struct Scanner {
    limits: Limits,
    state: State,
    /// Start of the first line that has not been judged, and its number.
    at: usize,
    line: u64,
    /// There is no line end between `at` and here: a long line in small chunks is not searched again.
    searched: usize,
}

#[derive(Debug)]
enum State {
    Between,
    Inside {
        from: usize,
        line: u64,
        attributes: usize,
    },
    /// Skipping an object over the limits; `text` when the line that has begun is not blank.
    Dropping {
        text: bool,
    },
}

enum Found {
    Nothing,
    Object { from: usize, to: usize, line: u64 },
    Refused(Error),
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Scanner {
    fn new(limits: Limits) -> Self {
        Self { limits, state: State::Between, at: 0, line: 1, searched: 0 }
    }

    fn scan(&mut self, buffer: &[u8], last: bool) -> Found {
        loop {
            let from = self.searched.max(self.at);
            let (end, next) = match memchr::memchr(b'\n', &buffer[from..]) {
                Some(length) => (from + length, from + length + 1),
                None if last && self.at < buffer.len() => (buffer.len(), buffer.len()),
                None if last => return self.end_of_input(),
                None => return self.starve(buffer),
            };
            let text = &buffer[self.at..end];
            // Blank lines and comments count too: whether a line came whole or in pieces, of which the
            // first filled the buffer, must not make a difference.
            if let Some((_, line)) = self.begun().filter(|(from, _)| end - from > self.limits.bytes) {
                self.state = if is_blank(text) { State::Between } else { State::Dropping { text: false } };
                self.step(next);
                return Found::Refused(Error::at(line, Why::TooLarge(self.limits.bytes)));
            }
            match &mut self.state {
                State::Between => {
                    let mark = if self.line == 1 && text.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
                    let text = &text[mark..];
                    if !is_blank(text) && !is_comment(text) {
                        self.at += mark;
                        self.state = State::Inside { from: self.at, line: self.line, attributes: 0 };
                        // the same line is judged again, as the object's first
                        continue;
                    }
                    self.step(next);
                }
                State::Inside { from, line, attributes } => {
                    let (from, first) = (*from, *line);
                    if is_blank(text) {
                        let to = self.at;
                        self.state = State::Between;
                        self.step(next);
                        return Found::Object { from, to, line: first };
                    }
                    if !is_continuation(text) && !is_comment(text) {
                        *attributes += 1;
                    }
                    let many = *attributes > self.limits.attributes;
                    self.step(next);
                    if many {
                        self.state = State::Dropping { text: false };
                        return Found::Refused(Error::at(
                            first,
                            Why::TooManyAttributes(self.limits.attributes),
                        ));
                    }
                }
                State::Dropping { text: begun } => {
                    if !*begun && is_blank(text) {
                        self.state = State::Between;
                    } else {
                        *begun = false;
                    }
                    self.step(next);
                }
            }
        }
    }

    /// Where what counts against the limit begins: the object, or the line that may begin one.
    fn begun(&self) -> Option<(usize, u64)> {
        match self.state {
            State::Between => Some((self.at, self.line)),
            State::Inside { from, line, .. } => Some((from, line)),
            State::Dropping { .. } => None,
        }
    }

    fn step(&mut self, next: usize) {
        self.at = next;
        self.line += 1;
    }

    fn end_of_input(&mut self) -> Found {
        match std::mem::replace(&mut self.state, State::Between) {
            // The line end of the last line counts, as it does when more lines follow.
            State::Inside { from, line, .. } if self.at - from > self.limits.bytes => {
                Found::Refused(Error::at(line, Why::TooLarge(self.limits.bytes)))
            }
            State::Inside { from, line, .. } => Found::Object { from, to: self.at, line },
            State::Between | State::Dropping { .. } => Found::Nothing,
        }
    }

    /// The buffer ends within a line. Waits for the rest, unless the limit is passed already.
    fn starve(&mut self, buffer: &[u8]) -> Found {
        let text = !is_blank(&buffer[self.at..]);
        let over = match self.begun() {
            Some((from, _)) if buffer.len() - from <= self.limits.bytes => {
                self.searched = buffer.len();
                return Found::Nothing;
            }
            Some((_, line)) => Some(line),
            None => None,
        };
        let before = matches!(self.state, State::Dropping { text: true });
        self.state = State::Dropping { text: text || before };
        self.at = buffer.len();
        match over {
            Some(line) => Found::Refused(Error::at(line, Why::TooLarge(self.limits.bytes))),
            None => Found::Nothing,
        }
    }

    /// Number of leading bytes of the buffer that are not needed any more; the caller removes them.
    fn release(&mut self) -> usize {
        let done = match &mut self.state {
            State::Inside { from, .. } => std::mem::take(from),
            State::Between | State::Dropping { .. } => self.at,
        };
        self.at -= done;
        self.searched = self.searched.saturating_sub(done);
        done
    }
}
