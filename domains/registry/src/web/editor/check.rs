//! What is said of a text before it is saved: its syntax at once, then a dry run through all rules.

use identity::{Granted, UpdateRegistry};
use kit::{Digest, Error, Result};
use rpsl::Object;
use rpsl::template::Template;

use super::super::diff::{self, DiffLine};
use crate::Registry;
use crate::browse::Id;
use crate::store::objects;
use crate::update::{ObjectReport, Outcome, Proofs, Report, Severity, Submission};

/// What is said of a text.
#[derive(Default)]
pub(super) struct Verdict {
    /// It was looked at.
    pub(super) checked: bool,
    pub(super) findings: Vec<Finding>,
    /// What would change.
    pub(super) diff: Vec<DiffLine>,
    /// It would be saved.
    pub(super) good: bool,
    /// Why it cannot be tried at all.
    pub(super) closed: String,
    saved: Option<Id>,
}

/// Something about one place of the text.
pub(super) struct Finding {
    pub(super) line: Option<u64>,
    pub(super) attribute: String,
    pub(super) text: String,
    pub(super) is_error: bool,
    /// Colour, symbol and words.
    pub(super) look: (&'static str, &'static str, &'static str),
}

impl Finding {
    fn new(severity: Severity, line: Option<u64>, attribute: Option<String>, text: String) -> Self {
        let look = match severity {
            Severity::Error => ("bad", "cross", "error"),
            Severity::Warning => ("warn", "due", "warning"),
            Severity::Info => ("info", "note", "note"),
        };
        let attribute = attribute.unwrap_or_default();
        Self { line, attribute, text, is_error: severity == Severity::Error, look }
    }
}

impl Verdict {
    /// The first error of an attribute; empty when there is none.
    pub(super) fn of_attribute(&self, name: &str) -> String {
        let found = self.findings.iter().find(|finding| finding.is_error && finding.attribute == name);
        found.map(|finding| finding.text.clone()).unwrap_or_default()
    }

    /// The name of the object that was saved.
    pub(super) fn saved(&self) -> Option<Id> {
        self.saved.clone()
    }

    /// What a real or a dry run has said of `text`; where it has said nothing, its syntax.
    pub(super) fn of_report(class: &Template, text: &str, report: Result<Report>) -> Self {
        let mut verdict = Self { checked: true, ..Self::default() };
        match report {
            Ok(report) => {
                for object in &report.objects {
                    verdict.take(object, report.dry_run);
                }
                let remarks = report.remarks.into_iter();
                verdict
                    .findings
                    .extend(remarks.map(|text| Finding::new(Severity::Warning, None, None, text)));
                verdict.good = !report.objects.is_empty()
                    && report.objects.iter().all(|object| object.outcome == Outcome::Succeeded);
            }
            Err(Error::Invalid { message, .. }) => {
                verdict.findings.push(Finding::new(Severity::Error, None, None, message));
            }
            Err(error) => {
                verdict.closed = error.to_string();
                verdict.findings = syntax(class, text);
            }
        }
        if verdict.findings.iter().all(|finding| !finding.is_error)
            && !verdict.good
            && verdict.closed.is_empty()
        {
            verdict.findings.extend(syntax(class, text));
        }
        verdict
    }

    fn take(&mut self, object: &ObjectReport, dry_run: bool) {
        for message in &object.messages {
            let (line, attribute) = (message.line, message.attribute.clone());
            self.findings.push(Finding::new(message.severity, line, attribute, message.text.clone()));
        }
        self.diff.extend(diff::lines(&object.diff));
        if object.outcome == Outcome::Succeeded && !dry_run {
            let source = Object::parse(object.text.as_bytes())
                .ok()
                .and_then(|object| object.get("source").map(|source| source.value().into_owned()));
            self.saved = Some(Id::new(&source.unwrap_or_default(), &object.class, &object.key));
        }
    }
}

/// What the text alone tells.
fn syntax(class: &Template, text: &str) -> Vec<Finding> {
    let object = match Object::parse(text.as_bytes()) {
        Ok(object) => object,
        Err(error) => {
            return vec![Finding::new(
                Severity::Error,
                Some(error.line),
                error.attribute,
                error.why.to_string(),
            )];
        }
    };
    let findings = rpsl::check::check(&object, class).into_iter().map(|finding| {
        let severity = match finding.severity {
            rpsl::check::Severity::Error => Severity::Error,
            rpsl::check::Severity::Warning => Severity::Warning,
            rpsl::check::Severity::Info => Severity::Info,
        };
        Finding::new(severity, Some(finding.line), finding.attribute, finding.message)
    });
    findings.collect()
}

/// Tries a text without keeping anything.
pub(super) async fn verdict(
    registry: &Registry,
    granted: &Granted<UpdateRegistry>,
    id: &Id,
    text: &str,
    digest: &str,
) -> Result<Verdict> {
    let class = super::class(id)?;
    let report = match submission(text, digest) {
        Ok(submission) => {
            let submission = Submission { dry_run: true, ..submission };
            registry.update(&Proofs::account(granted), submission).await
        }
        Err(error) => Err(error),
    };
    let mut verdict = Verdict::of_report(class, text, report);
    if verdict.diff.is_empty() {
        let id = id.clone();
        let stored = registry.node().db.read(move |c| objects::by_key(c, id.name())).await?;
        if let Some(stored) = stored {
            verdict.diff = diff::lines(&rpsl::diff::unified(&stored.raw, text.as_bytes()));
        }
    }
    Ok(verdict)
}

/// The one object of a text, in place of the version whose digest was seen.
pub(super) fn submission(text: &str, digest: &str) -> Result<Submission> {
    let mut submission = Submission::single(text.as_bytes())?;
    for item in &mut submission.items {
        item.expected = digest_of(digest);
    }
    Ok(submission)
}

/// A digest in hexadecimal digits.
fn digest_of(text: &str) -> Option<Digest> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes = text.as_bytes().chunks(2).map(pair).collect::<Option<Vec<u8>>>()?;
    Digest::from_slice(&bytes).ok()
}
