//! The parts of a multipart body (RFC 2046 section 5.1.1), one after the other.

use memchr::memmem;

/// Iterates over the raw bytes of each part, header included, without the line end that belongs to the delimiter.
pub(super) struct Parts<'r> {
    body: &'r [u8],
    finder: memmem::Finder<'r>,
    dashed: usize,
    /// Start of the part to come; `None` before the first delimiter was looked for.
    at: Option<usize>,
    done: bool,
    /// The closing delimiter was there.
    pub closed: bool,
    end: usize,
}

/// A delimiter line: from where to where, and whether it is the closing one.
struct Delimiter {
    start: usize,
    end: usize,
    closing: bool,
}

impl<'r> Parts<'r> {
    pub fn new(body: &'r [u8], boundary: &'r str) -> Self {
        let finder = memmem::Finder::new(boundary.as_bytes());
        Parts { body, finder, dashed: boundary.len(), at: None, done: false, closed: false, end: body.len() }
    }

    /// What stands after the closing delimiter.
    pub fn epilogue(&self) -> &'r [u8] {
        if self.closed { &self.body[self.end..] } else { b"" }
    }

    fn delimiter(&self, from: usize) -> Option<Delimiter> {
        let mut search = from;
        while let Some(found) = self.finder.find(self.body.get(search..)?) {
            let boundary = search + found;
            let after = boundary + self.dashed;
            search = boundary + 1;
            let Some(start) =
                boundary.checked_sub(2).filter(|&s| s >= from && self.body[s..boundary] == *b"--")
            else {
                continue;
            };
            if start > 0 && self.body[start - 1] != b'\n' {
                continue;
            }
            let closing = self.body[after..].starts_with(b"--");
            let rest = if closing { &self.body[after + 2..] } else { &self.body[after..] };
            let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |p| p + 1);
            // Another boundary may begin like this one.
            if !closing && !rest[..line].iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            // Something other than the line end right after `--…--`: mailers glue the epilogue there. Keep it.
            let skip = if rest[..line].iter().all(u8::is_ascii_whitespace) { line } else { 0 };
            return Some(Delimiter { start, end: self.body.len() - rest.len() + skip, closing });
        }
        None
    }
}

impl<'r> Iterator for Parts<'r> {
    type Item = &'r [u8];

    fn next(&mut self) -> Option<&'r [u8]> {
        if self.done {
            return None;
        }
        if self.at.is_none() {
            let Some(first) = self.delimiter(0) else {
                self.done = true;
                return None;
            };
            if first.closing {
                self.done = true;
                self.closed = true;
                self.end = first.end;
                return None;
            }
            self.at = Some(first.end);
        }
        let start = self.at?;
        let Some(next) = self.delimiter(start) else {
            self.done = true;
            return Some(&self.body[start..]);
        };
        self.done = next.closing;
        self.closed = next.closing;
        self.end = next.end;
        self.at = Some(next.end);
        let part = &self.body[start..next.start];
        let part = part.strip_suffix(b"\n").unwrap_or(part);
        Some(part.strip_suffix(b"\r").unwrap_or(part))
    }
}

/// Whether `body` has a part at all: a delimiter that is not the closing one comes first.
pub(super) fn has_part(body: &[u8], boundary: &str) -> bool {
    Parts::new(body, boundary).delimiter(0).is_some_and(|d| !d.closing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_keep_all_but_the_delimiters() {
        let body = b"preamble\r\n--b\r\n\r\none\r\n\r\n--bb\r\n--b  \r\nX: y\r\n\r\ntwo\n--b--\r\nfoot";
        let mut parts = Parts::new(body, "b");
        assert_eq!(parts.next().unwrap(), b"\r\none\r\n\r\n--bb");
        assert_eq!(parts.next().unwrap(), b"X: y\r\n\r\ntwo");
        assert!(parts.next().is_none() && parts.closed);
        assert_eq!(parts.epilogue(), b"foot");
    }

    #[test]
    fn an_empty_part_and_a_missing_end_are_no_trouble() {
        let mut parts = Parts::new(b"--b\n--b\nrest", "b");
        assert_eq!(parts.next().unwrap(), b"");
        assert_eq!(parts.next().unwrap(), b"rest");
        assert!(parts.next().is_none() && !parts.closed);
    }
}
