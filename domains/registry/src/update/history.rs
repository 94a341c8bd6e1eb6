//! Objects and their versions, as whoever asks may see them.

use contracts::registry::RegistryVersionErased;
use identity::{Granted, LookUp, ManageNode, UpdateRegistry};
use kit::{Digest, Error, Read, Result, Time, events};
use rpsl::Object;
use rpsl::template::{AttributeName, Template, normal_key};
use serde::Serialize;

use super::authorise::{self, Change};
use super::objects::{Pending, Stored};
use super::proofs::Proofs;
use crate::browse::masked;
use crate::store::changes::{self, Change as Row};
use crate::store::objects::{self, Name};
use crate::store::updates;
use crate::{Registry, trust};

/// Versions that are told at once, the newest first.
const VERSIONS: i64 = 1_000;

/// An object as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RegistryObject)]
pub struct ObjectView {
    /// The registry.
    pub source: String,
    /// Its class.
    pub class: String,
    /// Its primary key, in its one spelling.
    pub key: String,
    /// SHA-256 of the stored text, hexadecimal: the `ETag`.
    pub digest: String,
    /// Since when it is as it is, microseconds since 1970 UTC.
    pub since: Time,
    /// The text is the stored one, fit to be changed and sent back; otherwise things may be left out or added.
    pub whole: bool,
    /// The text.
    pub text: String,
    /// Its attributes in their order.
    pub attributes: Vec<AttributeView>,
}

/// One attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = RegistryAttribute)]
pub struct AttributeView {
    /// Its name.
    pub name: String,
    /// Its value; of several lines, with line feeds between them.
    pub value: String,
}

/// A version of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RegistryVersion)]
pub struct VersionView {
    /// Of this object, from 1.
    pub version: i64,
    /// The number of the change in the registry.
    pub serial: i64,
    /// `found` (by an import), `create`, `modify`, `delete`.
    #[schema(value_type = String, example = "modify")]
    pub kind: changes::ChangeKind,
    /// When, microseconds since 1970 UTC.
    pub at: Time,
    /// By whom and by which proof; told to those who may change the registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// SHA-256 of the text, hexadecimal.
    pub digest: String,
    /// Its text was erased, since it held personal data.
    pub erased: bool,
    /// The text; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What changed against the version before it; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// An object that names another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RegistryReferrer)]
pub struct Referrer {
    /// Its class.
    pub class: String,
    /// Its primary key.
    pub key: String,
    /// The attribute in which it does.
    pub attribute: String,
}

/// Which object is asked for, in its one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    source: String,
    class: String,
    key: String,
}

impl Asked {
    fn new(source: &str, class: &str, key: &str) -> Result<Self> {
        let template = Template::of(class).ok_or_else(|| Error::not_found(format!("the class {class}")))?;
        let class = template.class().to_owned();
        let key = normal_key(&class, key).map_err(|why| Error::invalid("key", why.to_string()))?;
        Ok(Self { source: source.to_ascii_uppercase(), class, key })
    }

    fn name(&self) -> Name<'_> {
        Name { source: &self.source, class: &self.class, key: &self.key }
    }

    fn missing(&self) -> Error {
        Error::not_found(format!("[{}] {} in {}", self.class, self.key, self.source))
    }
}

impl Registry {
    /// The object of this name. Those who may change it, by what `proofs` says of them, get the stored text; others what
    /// everybody is shown.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] when the key is none of the class.
    pub async fn object_for(
        &self,
        _granted: &Granted<LookUp>,
        proofs: &Proofs,
        source: &str,
        class: &str,
        key: &str,
    ) -> Result<ObjectView> {
        let asked = Asked::new(source, class, key)?;
        let (registry, proofs) = (self.clone(), proofs.clone());
        self.node()
            .db
            .read(move |c| {
                let stored = objects::by_key(c, asked.name())?.ok_or_else(|| asked.missing())?;
                let whole = registry.may_change(c, &proofs, &stored)?;
                Ok(view(&registry, stored, whole))
            })
            .await
    }

    fn may_change(&self, c: &Read<'_>, proofs: &Proofs, stored: &objects::Stored) -> Result<bool> {
        if !self.settings().keeps(&stored.source) {
            return Ok(false);
        }
        let Ok(object) = Object::parse(&stored.raw) else { return Ok(false) };
        let pending = Pending::new();
        let objects = Stored { read: c, source: &stored.source, pending: &pending };
        let change = Change { class: &stored.class, key: &stored.key, old: Some(&object), new: None };
        let decision = authorise::decide(&objects, proofs, &self.settings().introducers, &change)?;
        Ok(decision.failures.is_empty())
    }

    /// The versions of an object, the newest first; none when it never changed here. `updater` is for those to whom it is
    /// told by whom.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for persons and roles, whose versions are not shown (as at RIPE: ERROR:116).
    pub async fn versions(
        &self,
        granted: &Granted<LookUp>,
        updater: Option<&Granted<UpdateRegistry>>,
        source: &str,
        class: &str,
        key: &str,
    ) -> Result<Vec<VersionView>> {
        personal(&Asked::new(source, class, key)?)?;
        self.versions_of_any(granted, updater, source, class, key).await
    }

    /// [`Registry::versions`] of persons and roles too, for the node's administrator.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the key is none of the class.
    pub(crate) async fn versions_of_any(
        &self,
        _granted: &Granted<LookUp>,
        updater: Option<&Granted<UpdateRegistry>>,
        source: &str,
        class: &str,
        key: &str,
    ) -> Result<Vec<VersionView>> {
        let asked = Asked::new(source, class, key)?;
        let tell = updater.is_some();
        let read = self.node().db.read(move |c| changes::versions(c, asked.name(), VERSIONS));
        Ok(read.await?.iter().map(|row| version(row, tell)).collect())
    }

    /// One version of an object, with its text and what changed in it. As everybody is shown it.
    ///
    /// # Errors
    /// As [`Registry::versions`]; [`Error::NotFound`].
    pub async fn version(
        &self,
        _granted: &Granted<LookUp>,
        updater: Option<&Granted<UpdateRegistry>>,
        source: &str,
        class: &str,
        key: &str,
        number: i64,
    ) -> Result<VersionView> {
        let asked = Asked::new(source, class, key)?;
        personal(&asked)?;
        let missing = Error::not_found(format!("version {number} of {}", asked.key));
        let read = self.node().db.read(move |c| changes::versions(c, asked.name(), VERSIONS));
        let rows = read.await?;
        let at = rows.iter().position(|row| row.version == number).ok_or(missing)?;
        let text = |row: &Row| row.raw.as_ref().map(|raw| masked(raw, false));
        let own = text(&rows[at]);
        let before = rows.get(at + 1).filter(|row| row.kind != changes::ChangeKind::Delete).and_then(text);
        let diff = before.zip(own.clone()).map(|(before, own)| rpsl::diff::unified(&before, &own));
        let text = own.map(|own| rpsl::decode(&own).into_owned());
        Ok(VersionView { text, diff, ..version(&rows[at], updater.is_some()) })
    }

    /// The objects of the same registry that name this one, at most a thousand for each attribute.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the key is none of the class.
    pub async fn referrers(
        &self,
        _granted: &Granted<LookUp>,
        source: &str,
        class: &str,
        key: &str,
    ) -> Result<Vec<Referrer>> {
        let asked = Asked::new(source, class, key)?;
        let read = self.node().db.read(move |c| {
            let mut found = Vec::new();
            for attribute in AttributeName::ALL {
                if !attribute.references().contains(&asked.class.as_str()) {
                    continue;
                }
                let some = updates::referrers(c, attribute.short(), &asked.key, asked.name(), VERSIONS)?;
                let attribute = attribute.as_str().to_owned();
                found.extend(some.into_iter().map(|(class, key)| Referrer {
                    class,
                    key,
                    attribute: attribute.clone(),
                }));
            }
            Ok(found)
        });
        read.await
    }

    /// Erases the text of an old version, since it holds personal data. Who changed it, when, and its digest stay.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when it is the text that the object has now.
    pub async fn erase_version(
        &self,
        granted: &Granted<ManageNode>,
        class: &str,
        key: &str,
        number: i64,
    ) -> Result<()> {
        let source = self.settings().source.clone().unwrap_or_default();
        let asked = Asked::new(&source, class, key)?;
        let (node, stamp) = (self.node().clone(), granted.stamp(self.now()));
        let work = move |tx: &kit::Write<'_>| {
            let rows = changes::versions(tx, asked.name(), i64::MAX)?;
            let row = rows.iter().find(|row| row.version == number);
            let row = row.ok_or_else(|| Error::not_found(format!("version {number} of {}", asked.key)))?;
            let now = objects::by_key(tx, asked.name())?.map(|stored| Digest::of(&stored.raw));
            if now.is_some_and(|now| now.as_bytes() == row.digest) {
                return Err(Error::Conflict(format!(
                    "version {number} of {} is what the object says now: change or remove the object first",
                    asked.key
                )));
            }
            // The same text may stand under several numbers: a removal repeats the last one.
            for same in rows.iter().filter(|other| other.digest == row.digest && other.raw.is_some()) {
                changes::erase(tx, asked.name(), same.version)?;
                let event = RegistryVersionErased {
                    source: asked.source.clone(),
                    class: asked.class.clone(),
                    key: asked.key.clone(),
                    version: same.version,
                };
                events::record(&node, tx, &stamp, &event)?;
            }
            Ok(())
        };
        self.node().db.write(work).await
    }
}

fn personal(asked: &Asked) -> Result<()> {
    if matches!(asked.class.as_str(), "person" | "role") {
        return Err(Error::Forbidden(format!(
            "ERROR:116: versions of {} objects are not shown, since they hold personal data",
            asked.class
        )));
    }
    Ok(())
}

fn version(row: &Row, tell: bool) -> VersionView {
    let digest: String = row.digest.iter().map(|byte| format!("{byte:02x}")).collect();
    VersionView {
        version: row.version,
        serial: row.serial,
        kind: row.kind,
        at: row.at,
        by: tell.then(|| row.actor.clone()),
        digest,
        erased: row.raw.is_none(),
        text: None,
        diff: None,
    }
}

fn view(registry: &Registry, stored: objects::Stored, whole: bool) -> ObjectView {
    let text = if whole {
        stored.raw.clone()
    } else {
        let masked = masked(&stored.raw, false);
        trust::shown(&masked, &registry.teams().directory(), registry.settings()).into_owned()
    };
    let attributes = match Object::parse(&text) {
        Ok(object) => object.attributes().map(|attribute| attribute_view(&attribute)).collect(),
        Err(_) => Vec::new(),
    };
    ObjectView {
        source: stored.source,
        class: stored.class,
        key: stored.key,
        digest: Digest::of(&stored.raw).to_string(),
        since: stored.since,
        whole,
        text: rpsl::decode(&text).into_owned(),
        attributes,
    }
}

fn attribute_view(attribute: &rpsl::Attribute<'_>) -> AttributeView {
    let lines: Vec<_> = attribute.text_lines().map(std::borrow::Cow::into_owned).collect();
    AttributeView { name: attribute.name().to_owned(), value: lines.join("\n") }
}
