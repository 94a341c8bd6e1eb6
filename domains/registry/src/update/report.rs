//! What became of a submission, object by object.

use kit::named;
use serde::Serialize;

/// What became of a submission.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RegistryReport)]
pub struct Report {
    /// The registry.
    pub source: String,
    /// The objects, in their order.
    pub objects: Vec<ObjectReport>,
    /// Nothing was changed: the submission asked what would happen.
    pub dry_run: bool,
    /// What is to be said of the submission as a whole.
    pub remarks: Vec<String>,
    /// The acknowledgement shows what changed, line by line.
    #[serde(skip)]
    pub with_diff: bool,
}

impl Report {
    /// Whether every object was done, and there was one.
    pub fn is_success(&self) -> bool {
        !self.objects.is_empty() && self.objects.iter().all(|object| object.outcome != Outcome::Failed)
    }
}

/// What became of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RegistryObjectReport)]
pub struct ObjectReport {
    /// Its class; empty when that could not be read.
    pub class: String,
    /// Its primary key in its one spelling; as written where it is none.
    pub key: String,
    /// The line of the submission on which it begins, from 1.
    pub line: u64,
    /// What was to be done.
    #[schema(value_type = String, example = "create")]
    pub action: Action,
    /// What was done.
    #[schema(value_type = String, example = "succeeded")]
    pub outcome: Outcome,
    /// Why it failed, as a kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "authorisation")]
    pub cause: Option<Cause>,
    /// What is to be said of it, errors first.
    pub messages: Vec<Message>,
    /// The object as it is stored now; of one that failed, as it was sent. Secrets (`password:`) are left out.
    pub text: String,
    /// What changed, line by line; empty when nothing did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub diff: String,
    /// Its version from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// Its digest from now on (SHA-256, hexadecimal): the `ETag` of its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

named! {
    /// What is to be done with an object.
    pub enum Action {
        /// There is none of this name yet.
        Create = "create",
        /// It gets another text.
        Modify = "modify",
        /// It is to go.
        Delete = "delete",
        /// It is as the submission has it already.
        Nothing = "nothing",
    }
}

named! {
    /// Whether that was done.
    pub enum Outcome {
        /// It is done (in a dry run: it would be).
        Succeeded = "succeeded",
        /// Nothing was changed.
        Failed = "failed",
    }
}

named! {
    /// Why it was not done: of several, the last of these.
    pub enum Cause {
        /// The text is not what its class demands.
        Syntax = "syntax",
        /// It names an object that there is not.
        Reference = "reference",
        /// It goes against the rules of the registry, or others refer to it.
        Rule = "rule",
        /// It was changed by somebody else meanwhile, or there is no object of this name.
        Conflict = "conflict",
        /// The sender may not do this.
        Authorisation = "authorisation",
    }
}

named! {
    /// How much a message weighs.
    pub enum Severity {
        /// For it the object was not taken.
        Error = "error",
        /// It was taken; this should be looked at.
        Warning = "warning",
        /// Good to know.
        Info = "info",
    }
}

/// Something that is said of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RegistryMessage)]
pub struct Message {
    /// Its weight.
    #[schema(value_type = String, example = "error")]
    pub severity: Severity,
    /// The line of the submission, counted from 1, if one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The attribute, if one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// What is wrong, and what to do.
    pub text: String,
}

impl Message {
    /// An error of the whole object.
    pub(crate) fn error(text: impl Into<String>) -> Self {
        Self { severity: Severity::Error, line: None, attribute: None, text: text.into() }
    }

    /// Good to know, of the whole object.
    pub(crate) fn info(text: impl Into<String>) -> Self {
        Self { severity: Severity::Info, ..Self::error(text) }
    }

    /// The same, of an attribute.
    pub(crate) fn at(self, attribute: &rpsl::Attribute<'_>) -> Self {
        Self { line: Some(attribute.line()), attribute: Some(attribute.name().to_owned()), ..self }
    }
}
