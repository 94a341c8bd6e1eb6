//! By what maturity is measured: a model with its parameters, and profiles with what they ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kit::{Error, Result};
use serde::{Deserialize, Serialize};

/// The highest level.
pub const HIGHEST: u8 = 4;
/// Largest file, in bytes.
const LARGEST: usize = 1 << 20;
/// Most parameters of a model, and profiles of a community.
const TOO_MANY: usize = 200;

/// Where model and profiles come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sources {
    /// A file with another model than the one that comes with the program.
    pub model: Option<PathBuf>,
    /// Files with profiles; without any, the example that comes with the program.
    pub profiles: Vec<PathBuf>,
}

/// What maturity is measured by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// The model.
    pub model: Model,
    /// The profiles, in the order of their files.
    pub profiles: Vec<Profile>,
}

/// A model: its quadrants in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Its name and version.
    #[serde(rename = "model")]
    pub name: String,
    /// What the levels mean, from 0.
    pub levels: Vec<String>,
    /// Its parts.
    pub quadrants: Vec<Quadrant>,
}

/// A part of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Quadrant {
    /// `O`.
    pub id: String,
    /// `Organisation`.
    pub name: String,
    /// What is looked at.
    pub parameters: Vec<Parameter>,
}

/// One thing that is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// `O-1`.
    pub id: String,
    /// `Mandate`.
    pub title: String,
}

/// What a profile asks for: a least level for each parameter that it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Whose it is.
    #[serde(default)]
    pub about: String,
    /// The least level by the parameter's id.
    pub minimum: BTreeMap<String, u8>,
}

impl Model {
    /// All parameters in their order.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.quadrants.iter().flat_map(|quadrant| &quadrant.parameters)
    }

    /// Reads a model.
    ///
    /// # Errors
    /// What is wrong in it.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let model: Self = read(json)?;
        if model.levels.len() != usize::from(HIGHEST) + 1 {
            return Err("a model names five levels, 0 to 4".into());
        }
        let mut seen = BTreeSet::new();
        for parameter in model.parameters() {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if parameter.id.is_empty() || parameter.id.len() > 20 || !parameter.id.chars().all(fits) {
                return Err(format!("{:?} is no id: 1 to 20 letters, digits and hyphens", parameter.id));
            }
            if !seen.insert(&parameter.id) {
                return Err(format!("{} stands in it twice", parameter.id));
            }
        }
        match seen.len() {
            0 => Err("it has no parameters".into()),
            1..=TOO_MANY => Ok(model),
            count => Err(format!("{count} parameters are more than {TOO_MANY}")),
        }
    }
}

impl Profile {
    /// Reads a profile of `model`.
    ///
    /// # Errors
    /// What is wrong in it.
    pub fn parse(json: &[u8], model: &Model) -> Result<Self, String> {
        let profile: Self = read(json)?;
        if profile.name.trim().is_empty() || profile.name.len() > 100 {
            return Err("its name has 1 to 100 bytes".into());
        }
        for (id, level) in &profile.minimum {
            if !model.parameters().any(|parameter| parameter.id == *id) {
                return Err(format!("{} has no parameter {id}", model.name));
            }
            if *level > HIGHEST {
                return Err(format!("{id}: the highest level is {HIGHEST}"));
            }
        }
        Ok(profile)
    }
}

impl Default for Catalogue {
    /// What comes with the program. A test reads both files.
    fn default() -> Self {
        let empty = Model { name: String::new(), levels: Vec::new(), quadrants: Vec::new() };
        let model = Model::parse(include_bytes!("../../data/sim3.json")).unwrap_or(empty);
        let example = Profile::parse(include_bytes!("../../data/profiles/example.json"), &model).ok();
        Self { model, profiles: example.into_iter().collect() }
    }
}

impl Sources {
    /// Reads the files.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the file and what is wrong in it.
    pub fn read(&self) -> Result<Catalogue> {
        let mut catalogue = Catalogue::default();
        if let Some(path) = &self.model {
            catalogue.model = Model::parse(&bytes(path)?).map_err(|why| wrong(path, &why))?;
            catalogue.profiles.retain(|profile| {
                profile.minimum.keys().all(|id| catalogue.model.parameters().any(|known| known.id == *id))
            });
        }
        if !self.profiles.is_empty() {
            let read = |path: &PathBuf| {
                Profile::parse(&bytes(path)?, &catalogue.model).map_err(|why| wrong(path, &why))
            };
            catalogue.profiles = self.profiles.iter().take(TOO_MANY).map(read).collect::<Result<_>>()?;
        }
        Ok(catalogue)
    }
}

fn read<T: serde::de::DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    if json.len() > LARGEST {
        return Err("it is larger than 1 MiB".into());
    }
    serde_json::from_slice(json).map_err(|error| error.to_string())
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Error::io(format!("[trust.maturity] {}", path.display()), error))
}

fn wrong(path: &Path, why: &str) -> Error {
    Error::invalid(format!("[trust.maturity] {}", path.display()), why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_with_the_program_is_whole() {
        let Catalogue { model, profiles } = Catalogue::default();
        let counts: Vec<usize> = model.quadrants.iter().map(|quadrant| quadrant.parameters.len()).collect();
        assert_eq!(counts, [11, 7, 10, 17]);
        assert_eq!((profiles.len(), profiles[0].name.as_str()), (1, "Example"));
        assert_eq!(profiles[0].minimum.len(), 45);
    }

    #[test]
    fn a_file_that_cannot_be_used_says_why() {
        let model = Catalogue::default().model;
        let bad = [
            (&br#"{"name": "X", "minimum": {"O-99": 1}}"#[..], "has no parameter O-99"),
            (br#"{"name": "X", "minimum": {"O-1": 5}}"#, "the highest level is 4"),
            (br#"{"name": "", "minimum": {}}"#, "its name has"),
            (br#"{"name": "X", "minimum": {}, "text": ""}"#, "unknown field"),
            (b"[", "EOF"),
        ];
        for (json, why) in bad {
            let said = Profile::parse(json, &model).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
        let twice =
            br#"{"model": "M", "levels": ["a","b","c","d","e"], "quadrants": [{"id": "O", "name": "O",
            "parameters": [{"id": "O-1", "title": "x"}, {"id": "O-1", "title": "y"}]}]}"#;
        assert!(Model::parse(twice).unwrap_err().contains("twice"));
    }

    #[test]
    fn a_community_loads_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("p.json");
        std::fs::write(&file, r#"{"name": "Ours", "minimum": {"O-1": 3}}"#).unwrap();
        let sources = Sources { model: None, profiles: vec![file.clone()] };
        assert_eq!(sources.read().unwrap().profiles[0].name, "Ours");
        std::fs::write(&file, "{").unwrap();
        assert!(sources.read().unwrap_err().to_string().contains("p.json"));
    }

    proptest::proptest! {
        #[test]
        fn any_file_is_read_without_panic(bytes: Vec<u8>, text in "[\\[\\]{}\":,a-zO0-9 -]{0,200}") {
            let model = Catalogue::default().model;
            drop((Model::parse(&bytes), Model::parse(text.as_bytes()), Profile::parse(text.as_bytes(), &model)));
        }
    }
}
