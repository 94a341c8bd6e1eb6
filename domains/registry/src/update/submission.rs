//! What is sent to be changed: from running text, or made by a program.

use kit::{Digest, Error, Result};
use rpsl::Object;
use rpsl::write::Writer;

/// Objects of one submission: more are sent in several.
const OBJECTS: usize = 1_000;
/// Bytes of one submission.
const BYTES: usize = 8 << 20;

/// Objects to be made, changed or removed, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Submission {
    /// What is to be done.
    pub items: Vec<Item>,
    /// Do all but keep nothing: say what would happen.
    pub dry_run: bool,
    /// What was asked for beside the objects.
    pub keywords: Keywords,
    /// What is to be said of the submission as a whole.
    pub remarks: Vec<String>,
}

/// What a submission may ask for beside its objects (RIPE's keywords in a mail's subject).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keywords {
    /// Only make new objects; one that is there already is an error.
    pub new: bool,
    /// Show what changes, line by line.
    pub diff: bool,
    /// Tell how updates work.
    pub help: bool,
}

/// One object to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is to be done.
    pub operation: Operation,
    /// The version that the sender has seen: the object is left alone when it is another by now.
    pub expected: Option<Digest>,
}

/// What is to be done with one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Make it, or give it this text.
    Save {
        /// One object.
        text: Vec<u8>,
        /// The line of the submission on which it begins, from 1.
        line: u64,
    },
    /// Remove it; the text must be that of the registry.
    Delete {
        /// One object.
        text: Vec<u8>,
        /// The line of the submission on which it begins, from 1.
        line: u64,
        /// Why, in the sender's words.
        reason: String,
    },
    /// Remove the object of this name.
    DeleteNamed {
        /// Its class.
        class: String,
        /// Its primary key, in any spelling.
        key: String,
        /// Why, in the sender's words.
        reason: String,
    },
    /// What stood in place of an object, and why it is none.
    Unreadable {
        /// Why.
        error: rpsl::Error,
    },
}

impl Keywords {
    /// The keywords in a line such as a mail's subject: they are taken when it holds nothing else.
    pub fn read(line: &str) -> Self {
        let mut words = Self::default();
        let separated = |char: char| char.is_whitespace() || char == ',' || char == ':';
        for word in line.split(separated).filter(|word| !word.is_empty()) {
            match word.to_ascii_uppercase().as_str() {
                "NEW" => words.new = true,
                "DIFF" => words.diff = true,
                "HELP" | "HOWTO" => words.help = true,
                _ => return Self::default(),
            }
        }
        words
    }
}

impl Submission {
    /// The objects of a running text, parted by blank lines. Three attributes are no part of an object: `delete:`
    /// (with a reason) removes it, `dry-run:` makes the whole submission a dry run, `password:` is not accepted and
    /// left out.
    ///
    /// # Errors
    /// [`Error::Invalid`]: too long, or too many objects.
    pub fn from_text(text: &[u8], keywords: Keywords) -> Result<Self> {
        if text.len() > BYTES {
            return Err(Error::invalid("text", "send at most 8 MiB at once; split it"));
        }
        let mut submission = Self { keywords, ..Self::default() };
        for object in rpsl::objects(text) {
            if submission.items.len() == OBJECTS {
                return Err(Error::invalid("text", "send at most 1,000 objects at once; split them"));
            }
            match object {
                Ok(object) => submission.take(&object),
                Err(error) => {
                    let operation = Operation::Unreadable { error };
                    submission.items.push(Item { operation, expected: None });
                }
            }
        }
        Ok(submission)
    }

    fn take(&mut self, object: &Object<'_>) {
        let mut text = Writer::of(object);
        if text.remove("password") > 0 {
            let warning = "Passwords are not accepted: sign the mail, use your account, or a client certificate. \
                           The password was not read";
            self.remark(warning);
        }
        if text.remove("override") > 0 {
            self.remark("override: is not taken from a submission and was left out");
        }
        self.dry_run |= text.remove("dry-run") > 0;
        let reason = object.get("delete").map(|attribute| attribute.value().into_owned());
        text.remove("delete");
        let (text, line) = (lines(text.to_bytes()), object.line());
        if Object::parse(&text).is_err() {
            return;
        }
        let operation = match reason {
            Some(reason) => Operation::Delete { text, line, reason },
            None => Operation::Save { text, line },
        };
        self.items.push(Item { operation, expected: None });
    }

    fn remark(&mut self, text: &str) {
        if !self.remarks.iter().any(|known| known == text) {
            self.remarks.push(text.to_owned());
        }
    }

    /// The one object of this text.
    ///
    /// # Errors
    /// [`Error::Invalid`]: there is none, or more than one.
    pub fn single(text: &[u8]) -> Result<Self> {
        let submission = Self::from_text(text, Keywords::default())?;
        match submission.items.len() {
            1 => Ok(submission),
            number => Err(Error::invalid("text", format!("send one object here, not {number}"))),
        }
    }

    /// The removal of the object of this name.
    pub fn deletion(class: &str, key: &str, reason: &str) -> Self {
        let operation = Operation::DeleteNamed {
            class: class.to_ascii_lowercase(),
            key: key.to_owned(),
            reason: reason.to_owned(),
        };
        Self { items: vec![Item { operation, expected: None }], ..Self::default() }
    }
}

/// The text with every line ended by a line feed alone.
fn lines(mut text: Vec<u8>) -> Vec<u8> {
    text.retain(|byte| *byte != b'\r');
    if !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_into_objects_and_what_is_none_of_theirs_is_taken_out() {
        let text =
            b"password: sesame\n\nirt: IRT-A\ndelete: no longer\nsource: WARD\n\nirt: IRT-B\nDRY-RUN: yes\n";
        let submission = Submission::from_text(text, Keywords::default()).unwrap();
        assert!(submission.dry_run);
        assert_eq!(submission.remarks.len(), 1, "{:?}", submission.remarks);
        let [
            Item { operation: Operation::Delete { text, line, reason }, .. },
            Item { operation: second, .. },
        ] = submission.items.as_slice()
        else {
            panic!("{:?}", submission.items)
        };
        assert_eq!(
            (text.as_slice(), *line, reason.as_str()),
            (&b"irt: IRT-A\nsource: WARD\n"[..], 3, "no longer")
        );
        assert_eq!(*second, Operation::Save { text: b"irt: IRT-B\n".to_vec(), line: 7 });
    }

    #[test]
    fn keywords_count_only_when_the_line_holds_nothing_else() {
        assert_eq!(Keywords::read("NEW, diff"), Keywords { new: true, diff: true, help: false });
        assert_eq!(Keywords::read("new object for you"), Keywords::default());
        assert_eq!(Keywords::read(""), Keywords::default());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_cut_without_a_panic_and_no_password_stays(
            before in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
            after in "[ -~\r\n\t]{0,200}",
        ) {
            let text = [&before, &b"\n\nirt: IRT-A\nPassword: s3same\n"[..], after.as_bytes()].concat();
            let submission = Submission::from_text(&text, Keywords::default()).unwrap();
            for item in &submission.items {
                if let Operation::Save { text, .. } | Operation::Delete { text, .. } = &item.operation {
                    proptest::prop_assert!(rpsl::Object::parse(text).is_ok());
                    let secret = rpsl::Object::parse(text).is_ok_and(|object| object.get("password").is_some());
                    proptest::prop_assert!(!secret && text.ends_with(b"\n") && !text.contains(&b'\r'));
                }
            }
        }
    }
}
