//! What became of a submission, in words; laid out as users' scripts know it from the RIPE database.

use std::fmt::Write as _;

use super::report::{Action, Message, ObjectReport, Outcome, Report, Severity};

impl Report {
    /// The acknowledgement of the submission.
    ///
    /// ```
    /// let text = registry::update::Report::default().acknowledgement();
    /// assert!(text.starts_with("SUMMARY OF UPDATE:\n\nNumber of objects found:                   0\n"));
    /// ```
    pub fn acknowledgement(&self) -> String {
        acknowledgement(self)
    }
}

fn acknowledgement(report: &Report) -> String {
    let (source, diff) = (report.source.as_str(), report.with_diff);
    let mut text = String::from("SUMMARY OF UPDATE:\n\n");
    let (failed, done): (Vec<&ObjectReport>, Vec<&ObjectReport>) =
        report.objects.iter().partition(|object| object.outcome == Outcome::Failed);
    let mut count = |label: &str, number: usize| {
        // writing to a String cannot fail
        let _ = writeln!(text, "{label:<42} {number}");
    };
    count("Number of objects found:", report.objects.len());
    count("Number of objects processed successfully:", done.len());
    for (label, action) in ACTIONS {
        count(label, done.iter().filter(|object| object.action == *action).count());
    }
    count("Number of objects processed with errors:", failed.len());
    for (label, action) in &ACTIONS[..3] {
        count(label, failed.iter().filter(|object| object.action == *action).count());
    }
    text.push_str("\nDETAILED EXPLANATION:\n");
    if report.dry_run {
        text.push_str("\n***Info:    dry run: nothing was changed; this is what would have come of it\n");
    }
    for remark in &report.remarks {
        text.push('\n');
        marked(&mut text, "***Warning: ", remark);
    }
    if report.objects.is_empty() {
        text.push_str("\n***Warning: no object was found: send objects parted by blank lines, each beginning with its class\n");
    }
    section(&mut text, "The following object(s) were found to have ERRORS:", &failed, source, diff);
    section(&mut text, "The following object(s) were processed SUCCESSFULLY:", &done, source, diff);
    text.push_str("\n~~~~\n");
    text
}

const ACTIONS: &[(&str, Action)] = &[
    ("  Create:", Action::Create),
    ("  Modify:", Action::Modify),
    ("  Delete:", Action::Delete),
    ("  No Operation:", Action::Nothing),
];

fn section(text: &mut String, head: &str, objects: &[&ObjectReport], source: &str, diff: bool) {
    if objects.is_empty() {
        return;
    }
    let _ = write!(text, "\n~~~~\n{head}\n");
    for object in objects {
        text.push_str("\n---\n");
        one(text, object, source, diff);
    }
}

fn one(text: &mut String, object: &ObjectReport, source: &str, diff: bool) {
    let (class, key) = (&object.class, &object.key);
    let name =
        if class.is_empty() { "a part that is no object".to_owned() } else { format!("[{class}] {key}") };
    let action = match object.action {
        Action::Create => "Create",
        Action::Modify => "Modify",
        Action::Delete => "Delete",
        Action::Nothing if object.outcome == Outcome::Failed => "Update",
        Action::Nothing => "No operation",
    };
    let outcome = if object.outcome == Outcome::Failed { "FAILED" } else { "SUCCEEDED" };
    let _ = writeln!(text, "{action} {outcome}: {name}");
    if let Some(version) = object.version {
        let _ = writeln!(text, "Version {version} in {source}");
    }
    text.push('\n');
    if object.outcome == Outcome::Failed {
        with_text(text, object);
    } else {
        messages(text, object.messages.iter());
        if diff && !object.diff.is_empty() {
            let _ = writeln!(text, "What changed:\n\n{}", object.diff.trim_end());
        }
    }
}

/// The object as it was sent, what is said of a line behind that line's attribute; then what is said of the whole.
fn with_text(text: &mut String, object: &ObjectReport) {
    let mut rest: Vec<&Message> = object.messages.iter().collect();
    if let Ok(parsed) = rpsl::Object::parse(object.text.as_bytes()) {
        // Messages count the lines of the whole submission.
        let before = object.line.saturating_sub(1);
        for part in parsed.parts() {
            text.push_str(&rpsl::decode(part.raw));
            let Some(attribute) = &part.attribute else { continue };
            let line = Some(before + attribute.line());
            let is_meant = |message: &&Message| {
                message.attribute.as_deref() == Some(attribute.name()) && message.line == line
            };
            let here: Vec<&Message> = rest.iter().copied().filter(is_meant).collect();
            rest.retain(|message| !here.iter().any(|said| std::ptr::eq(*said, *message)));
            messages(text, here.into_iter());
        }
        text.push('\n');
    }
    messages(text, rest.into_iter());
}

fn messages<'m>(text: &mut String, messages: impl Iterator<Item = &'m Message>) {
    for message in messages {
        let mark = match message.severity {
            Severity::Error => "***Error:   ",
            Severity::Warning => "***Warning: ",
            Severity::Info => "***Info:    ",
        };
        match &message.attribute {
            Some(attribute) => marked(text, mark, &format!("{attribute}: {}", message.text)),
            None => marked(text, mark, &message.text),
        }
    }
}

/// The text behind its mark, wrapped; what goes on stands below the first word.
fn marked(text: &mut String, mark: &str, message: &str) {
    const WIDTH: usize = 79;
    let indent = " ".repeat(mark.len());
    let mut line = mark.to_owned();
    let mut empty = true;
    for word in message.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line.clone_from(&indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    text.push_str(&line);
    text.push('\n');
}
