//! One object of a submission: what is to be done, and whether it may. Nothing is changed here.

use kit::{Digest, Read, Result, Time};
use rpsl::range::parse_range;
use rpsl::template::{AttributeName as A, Template, normal_key};
use rpsl::{AddressRange, KeyReference, Object};

use super::authorise::{self, Change, Decision};
use super::auto::{self, Autos};
use super::objects::{Objects, Pending, Stored};
use super::proofs::Proofs;
use super::report::{Action, Cause, Message, ObjectReport, Outcome, Severity};
use super::rules::{self, Found};
use super::submission::{Item, Operation};
use crate::settings::Settings;
use crate::store::objects::{self, Name};

/// What a submission's objects have in common.
pub(crate) struct Court<'a, 'c> {
    pub(crate) read: &'a Read<'c>,
    pub(crate) settings: &'a Settings,
    pub(crate) source: &'a str,
    pub(crate) proofs: &'a Proofs,
    /// Only new objects are wanted.
    pub(crate) only_new: bool,
    pub(crate) autos: &'a Autos,
    pub(crate) pending: &'a Pending,
    pub(crate) now: Time,
}

/// What is to be done with one object.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub(crate) report: ObjectReport,
    /// The object as it is stored.
    pub(crate) old: Option<objects::Stored>,
    /// The object as it is to be; none when it is to go.
    pub(crate) new: Option<Vec<u8>>,
    pub(crate) decision: Decision,
    /// What it lacks may come with another object of the submission.
    pub(crate) lacks: bool,
}

impl Verdict {
    pub(crate) fn is_failed(&self) -> bool {
        self.report.outcome == Outcome::Failed
    }
}

impl<'c> Court<'_, 'c> {
    /// Judges one object.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) fn judge(&self, item: &Item) -> Result<Verdict> {
        match &item.operation {
            Operation::Unreadable { error } => Ok(unreadable(error)),
            Operation::DeleteNamed { class, key, reason } => self.named(class, key, reason, item.expected),
            Operation::Save { text, line } => self.text(text, *line, None, item.expected),
            Operation::Delete { text, line, reason } => self.text(text, *line, Some(reason), item.expected),
        }
    }

    fn objects(&self) -> Stored<'_, 'c> {
        Stored { read: self.read, source: self.source, pending: self.pending }
    }

    fn text(
        &self,
        sent: &[u8],
        line: u64,
        delete: Option<&String>,
        expected: Option<Digest>,
    ) -> Result<Verdict> {
        let mut case = Case::new(sent, line);
        let text = auto::resolve(sent, self.autos);
        let (Ok(asked), Ok(object)) = (Object::parse(sent), Object::parse(&text)) else {
            case.say(
                Cause::Syntax,
                Message::error("this is no object: it should begin with a line such as irt: IRT-EXAMPLE"),
            );
            return Ok(case.fail(Action::Nothing));
        };
        case.class = object.class().into_owned();
        case.key = object.key().into_owned();
        let Some(template) = Template::of(&case.class).filter(|template| template.class() == case.class)
        else {
            let text =
                format!("there is no class {}; see `whois -t CLASS` for those that there are", case.class);
            case.say(Cause::Syntax, Message::error(text));
            return Ok(case.fail(Action::Nothing));
        };
        case.add(rules::is_ours(&object, self.source));
        if delete.is_none() {
            // What the registry is to name is judged as it was sent.
            case.add(rules::follows_its_template(&asked, template));
            case.add(rules::are_its_own(&object));
        }
        case.key = match object.primary_key() {
            Ok(key) => key,
            Err(error) => {
                case.say(Cause::Syntax, Message::error(error.to_string()));
                return Ok(case.fail(Action::Nothing));
            }
        };
        let (key, old) = self.find(&case.class, &case.key)?;
        case.key = key;
        let action = match (&old, delete) {
            (_, Some(_)) => Action::Delete,
            (Some(_), None) => Action::Modify,
            (None, None) => Action::Create,
        };
        if case.has_errors() {
            return Ok(case.fail(action));
        }
        case.add(self.expectations(old.as_ref(), expected, action, auto::is_auto(&asked.key())));
        match delete {
            Some(reason) => self.delete(case, old, Some(&object), reason),
            None => self.save(case, template, old, text, action),
        }
    }

    fn named(&self, class: &str, key: &str, reason: &str, expected: Option<Digest>) -> Result<Verdict> {
        let mut case = Case::new(b"", 1);
        case.class = class.to_owned();
        case.key = normal_key(class, key).unwrap_or_else(|_| key.to_owned());
        let (key, old) = self.find(&case.class, &case.key)?;
        case.key = key;
        case.add(self.expectations(old.as_ref(), expected, Action::Delete, false));
        self.delete(case, old, None, reason)
    }

    /// The stored object of this name; an alias of a key leads to the key.
    fn find(&self, class: &str, key: &str) -> Result<(String, Option<objects::Stored>)> {
        let by_key = |key: &str| objects::by_key(self.read, Name { source: self.source, class, key });
        if let Some(stored) = by_key(key)? {
            return Ok((key.to_owned(), Some(stored)));
        }
        if class == "key-cert"
            && let Some(alias) = KeyReference::parse(key).filter(|name| !name.is_whole())
            && let [whole] = self.objects().aliased(&alias)?.as_slice()
        {
            return Ok((whole.clone(), by_key(whole)?));
        }
        Ok((key.to_owned(), None))
    }

    fn expectations(
        &self,
        old: Option<&objects::Stored>,
        expected: Option<Digest>,
        action: Action,
        named_here: bool,
    ) -> Found {
        let mut found = Found::new();
        let mut conflict = |text: &str| found.push((Cause::Conflict, Message::error(text)));
        if let Some(expected) = expected
            && old.is_none_or(|old| Digest::of(&old.raw) != expected)
        {
            conflict(
                "somebody has changed the object since you looked at it; look again, and send your change anew",
            );
        }
        match (action, old) {
            (Action::Modify, _) if named_here => {
                conflict("the name that was chosen for it is taken by now; send it again")
            }
            (Action::Modify, _) if self.only_new => {
                conflict("NEW was asked for, but there is an object of this name already");
            }
            (Action::Delete, None) => conflict("there is no object of this name; nothing was removed"),
            _ => {}
        }
        found
    }

    fn save(
        &self,
        mut case: Case,
        template: &'static Template,
        old: Option<objects::Stored>,
        text: Vec<u8>,
        action: Action,
    ) -> Result<Verdict> {
        let objects = self.objects();
        let range = network(&case.class, &case.key);
        let (text, found) = rules::whole_names(&objects, text, range)?;
        case.add(found);
        let before = old.as_ref().and_then(|old| Object::parse(&old.raw).ok());
        let Ok(object) = Object::parse(&text) else { return Ok(case.fail(action)) };
        let (whole, found) = rules::complete(&object, before.as_ref(), self.now);
        case.add(found);
        let Ok(new) = Object::parse(&whole) else { return Ok(case.fail(action)) };
        if let Ok(key) = new.primary_key() {
            case.key = key;
        }
        if old.is_none() && matches!(template.class(), "person" | "role") {
            // A handle is a person's or a role's, never both.
            let other = if template.class() == "person" { "role" } else { "person" };
            if objects.text(other, &case.key)?.is_some() {
                let text =
                    format!("the handle {} is taken by a {other}; choose another, or AUTO-1", case.key);
                case.say(Cause::Conflict, Message::error(text));
            }
        }
        let itself = (case.class.clone(), case.key.clone());
        let itself = (itself.0.as_str(), itself.1.as_str());
        case.add(rules::exist(&objects, self.read, template, itself, before.as_ref(), &new)?);
        let left = new.attributes().find(|attribute| {
            let refers = A::long(attribute.name()).is_some_and(|name| !name.references().is_empty());
            refers && attribute.items().any(|item| auto::is_auto(&item))
        });
        if let Some(attribute) = left {
            let text = "no object of this submission is named so by AUTO-; send both together";
            case.say(Cause::Reference, Message::error(text).at(&attribute));
        }
        if let Some(range) = range {
            case.add(rules::nests(self.read, self.source, range, before.as_ref(), &new)?);
        }
        let change = Change { class: itself.0, key: itself.1, old: before.as_ref(), new: Some(&new) };
        let decision = authorise::decide(&objects, self.proofs, &self.settings.introducers, &change)?;
        case.failures(&decision, &change);
        let nothing = before.as_ref().is_some_and(|before| rules::same(before, &new));
        if nothing && !case.has_errors() {
            case.say(
                Cause::Rule,
                Message::info("the registry has the object so already; nothing was changed"),
            );
            case.sent = before.map(|before| before.raw().to_vec()).unwrap_or_default();
            return Ok(case.done(Action::Nothing, old, None, decision));
        }
        let diff =
            before.as_ref().map(|before| rpsl::diff::unified(before.raw(), &whole)).unwrap_or_default();
        if case.has_errors() {
            let mut verdict = case.fail(action);
            (verdict.old, verdict.new, verdict.decision) = (old, Some(whole), decision);
            return Ok(verdict);
        }
        case.sent.clone_from(&whole);
        let mut verdict = case.done(action, old, Some(whole), decision);
        verdict.report.diff = diff;
        Ok(verdict)
    }

    fn delete(
        &self,
        mut case: Case,
        old: Option<objects::Stored>,
        sent: Option<&Object<'_>>,
        reason: &str,
    ) -> Result<Verdict> {
        let Some(old) = old else { return Ok(case.fail(Action::Delete)) };
        let Ok(before) = Object::parse(&old.raw) else { return Ok(case.fail(Action::Delete)) };
        if sent.is_some_and(|sent| !rules::same(&before, sent)) {
            let text = "the object to be removed is not as the registry has it; send it as it is now";
            case.say(Cause::Conflict, Message::error(text));
        }
        let name = Name { source: self.source, class: &old.class, key: &old.key };
        case.add(rules::is_referenced(self.read, name, &old.raw)?);
        let change = Change { class: &old.class, key: &old.key, old: Some(&before), new: None };
        let decision = authorise::decide(&self.objects(), self.proofs, &self.settings.introducers, &change)?;
        case.failures(&decision, &change);
        if case.has_errors() {
            let mut verdict = case.fail(Action::Delete);
            (verdict.old, verdict.decision) = (Some(old.clone()), decision);
            return Ok(verdict);
        }
        if !reason.is_empty() {
            case.say(Cause::Rule, Message::info(format!("removed, reason: {reason}")));
        }
        case.sent = old.raw.clone();
        Ok(case.done(Action::Delete, Some(old.clone()), None, decision))
    }
}

/// The range of a network's key.
pub(crate) fn network(class: &str, key: &str) -> Option<AddressRange> {
    matches!(class, "inetnum" | "inet6num").then(|| parse_range(key).ok()).flatten()
}

/// One object while it is judged.
struct Case {
    class: String,
    key: String,
    sent: Vec<u8>,
    line: u64,
    found: Found,
}

impl Case {
    fn new(sent: &[u8], line: u64) -> Self {
        Self { class: String::new(), key: String::new(), sent: sent.to_vec(), line, found: Found::new() }
    }

    fn say(&mut self, cause: Cause, message: Message) {
        self.found.push((cause, message));
    }

    fn add(&mut self, found: Found) {
        self.found.extend(found);
    }

    fn failures(&mut self, decision: &Decision, change: &Change<'_>) {
        for failure in &decision.failures {
            self.say(Cause::Authorisation, Message::error(failure.in_words(change)));
        }
    }

    fn has_errors(&self) -> bool {
        self.found.iter().any(|(_, message)| message.severity == Severity::Error)
    }

    fn fail(self, action: Action) -> Verdict {
        let errors = || self.found.iter().filter(|(_, message)| message.severity == Severity::Error);
        let lacks = errors().any(|(cause, _)| *cause == Cause::Reference);
        let cause = errors().map(|(cause, _)| *cause).max();
        self.verdict(action, Outcome::Failed, cause, lacks)
    }

    fn done(
        self,
        action: Action,
        old: Option<objects::Stored>,
        new: Option<Vec<u8>>,
        decision: Decision,
    ) -> Verdict {
        if self.has_errors() {
            return self.fail(action);
        }
        let mut verdict = self.verdict(action, Outcome::Succeeded, None, false);
        (verdict.old, verdict.new, verdict.decision) = (old, new, decision);
        verdict
    }

    fn verdict(self, action: Action, outcome: Outcome, cause: Option<Cause>, lacks: bool) -> Verdict {
        let (class, key, line) = (self.class, self.key, self.line);
        let mut messages: Vec<Message> = self.found.into_iter().map(|(_, message)| message).collect();
        for message in &mut messages {
            message.line = message.line.map(|own| own + line - 1);
        }
        messages.sort_by_key(|message| message.severity);
        messages.dedup();
        let report = ObjectReport {
            class,
            key,
            line,
            action,
            outcome,
            cause,
            messages,
            text: rpsl::decode(&self.sent).into_owned(),
            diff: String::new(),
            version: None,
            digest: None,
        };
        Verdict { report, old: None, new: None, decision: Decision::default(), lacks }
    }
}

fn unreadable(error: &rpsl::Error) -> Verdict {
    let mut case = Case::new(b"", 1);
    let message = Message { line: Some(error.line), ..Message::error(error.why.to_string()) };
    case.say(Cause::Syntax, message);
    case.fail(Action::Nothing)
}
