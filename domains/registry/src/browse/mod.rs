//! Looking around in the registry: an object with what it names and what names it, its versions, what lies around a
//! network, and whatever somebody is looking for.

mod find;
mod history;
mod masked;
mod object;
mod referring;
mod tree;

pub(crate) use find::Found;
pub(crate) use history::Version;
pub(crate) use masked::masked;
pub(crate) use object::{Known, Whole};
pub(crate) use referring::Referring;
pub(crate) use tree::{Child, Space, Tree};

/// Which object, as owned texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Id {
    pub(crate) source: String,
    pub(crate) class: String,
    /// In its one spelling.
    pub(crate) key: String,
}

impl Id {
    /// From what stands in an address: any case, any spelling of a key.
    pub(crate) fn new(source: &str, class: &str, key: &str) -> Self {
        let class = class.to_ascii_lowercase();
        let key = rpsl::template::normal_key(&class, key).unwrap_or_else(|_| key.trim().to_uppercase());
        Self { source: source.to_uppercase(), class, key }
    }

    pub(crate) fn name(&self) -> crate::store::objects::Name<'_> {
        crate::store::objects::Name { source: &self.source, class: &self.class, key: &self.key }
    }

    /// Where its page is.
    pub(crate) fn path(&self) -> String {
        let [source, class, key] =
            [&self.source, &self.class, &self.key].map(|part| identity::web::encode(part));
        format!("/registry/{source}/{class}/{key}")
    }

    /// Its name in the query of an address.
    pub(crate) fn query(&self) -> String {
        let [source, class, key] =
            [&self.source, &self.class, &self.key].map(|part| identity::web::encode(part));
        format!("source={source}&class={class}&key={key}")
    }
}

impl From<&crate::store::objects::Stored> for Id {
    fn from(stored: &crate::store::objects::Stored) -> Self {
        Self { source: stored.source.clone(), class: stored.class.clone(), key: stored.key.clone() }
    }
}
