//! What a client wants, in the terms of the registry.

pub(super) use rpsl::query::Level as How;
use rpsl::query::{Flag, Query, SearchKey};
use rpsl::template::{AttributeName, Template};

/// A question for objects.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// What is looked for.
    pub(super) key: Option<SearchKey>,
    pub(super) how: How,
    /// `-c`: the team that is responsible, from the network that names it.
    pub(super) irt: bool,
    pub(super) form: Form,
    /// `-B`: nothing is left out but secrets.
    pub(super) whole: bool,
    /// `-r` takes it away: contacts and organisations with what was found.
    pub(super) referenced: bool,
    /// `-G` takes it away: what belongs together stands together.
    pub(super) grouped: bool,
    /// `-d`: reverse domains, too.
    pub(super) reverse: bool,
    /// `--no-personal`: no persons, no roles.
    pub(super) impersonal: bool,
    /// The classes to search.
    pub(super) templates: Vec<&'static Template>,
    /// `-s`, in upper case; empty: all.
    pub(super) sources: Vec<String>,
    /// `-i`; empty: no inverse query.
    pub(super) inverse: Vec<AttributeName>,
}

/// How objects are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Form {
    #[default]
    Plain,
    /// `-F`: short names of attributes.
    Brief,
    /// `-K`: nothing but keys.
    Keys,
    /// `-b`: the key and the address for complaints.
    Abuse,
}

impl Request {
    pub(super) fn of(query: &Query) -> Self {
        Self {
            key: query.key.clone(),
            how: query.level(),
            irt: query.has(Flag::Irt) && query.wants_irt(),
            form: match () {
                () if query.has(Flag::AbuseContact) => Form::Abuse,
                () if query.has(Flag::PrimaryKeys) => Form::Keys,
                () if query.has(Flag::Brief) => Form::Brief,
                () => Form::Plain,
            },
            whole: !query.wants_filtering(),
            referenced: query.wants_referenced(),
            grouped: query.wants_grouping(),
            reverse: query.has(Flag::ReverseDomain),
            impersonal: query.has(Flag::NoPersonal),
            templates: query.templates().collect(),
            sources: query.sources.clone(),
            inverse: query.inverse.clone(),
        }
    }

    pub(super) fn wants_class(&self, class: &str) -> bool {
        self.templates.iter().any(|template| template.class() == class)
    }

    pub(super) fn wants_source(&self, source: &str) -> bool {
        self.sources.is_empty() || self.sources.iter().any(|wanted| wanted == source)
    }
}
