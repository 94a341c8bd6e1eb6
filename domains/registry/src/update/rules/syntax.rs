//! The object against its template.

use rpsl::Object;
use rpsl::check::{Severity as Grave, check};
use rpsl::template::Template;

use super::Found;
use crate::update::report::{Cause, Message, Severity};

/// Checks the text of an object, as far as it can be judged alone.
pub(crate) fn follows_its_template(object: &Object<'_>, template: &Template) -> Found {
    let findings = check(object, template).into_iter().map(|finding| {
        let severity = match finding.severity {
            Grave::Error => Severity::Error,
            Grave::Warning => Severity::Warning,
            Grave::Info => Severity::Info,
        };
        let text = finding.message;
        (Cause::Syntax, Message { severity, line: Some(finding.line), attribute: finding.attribute, text })
    });
    findings.collect()
}
