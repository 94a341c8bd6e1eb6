//! Lines that could be taken for the introducer's.

use rpsl::Object;

use super::Found;
use crate::trust;
use crate::update::report::{Cause, Message};

/// No line of an object may look like what the registry itself says about a team's trust status.
pub(crate) fn are_its_own(object: &Object<'_>) -> Found {
    let mut found = Found::new();
    for attribute in object.attributes().filter(|attribute| attribute.name() != "certif") {
        // Also over the ends of lines: continued, they are one value.
        let whole = attribute.value();
        if trust::imitates(&whole) || attribute.text_lines().any(|line| trust::imitates(&line)) {
            let text = "this line looks like what the registry says about a team's trust status, which nobody \
                        writes: it is shown out of the directory, where the introducer maintains the object. Take \
                        the line out";
            found.push((Cause::Rule, Message::error(text).at(&attribute)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_looks_like_the_introducers_is_refused_wherever_it_stands() {
        let refused = |text: &str| !are_its_own(&Object::parse(text.as_bytes()).unwrap()).is_empty();
        assert!(refused("irt: IRT-A\nremarks: Trust status: accredited since 2004-03-12\n"));
        assert!(refused("irt: IRT-A\nremarks: Trust\n+ status: accredited\n"));
        assert!(refused("irt: IRT-A\naddress: x\nremarks: ТRUST STATUS : certified\n"));
        assert!(refused("irt: IRT-A\nremarks: a # Trust status: accredited\n"));
        assert!(!refused("irt: IRT-A\nremarks: we trust you\n"));
    }
}
