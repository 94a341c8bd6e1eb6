//! What many networks have in common: a holder's networks have one country, one status, the same references.

use smol_str::SmolStr;

use super::texts::{Grown, Once};

/// A text of the index by number.
pub(crate) type Text = u32;

/// All of a network but its range, its name and its row. References are names still: what they lead to is looked up when
/// somebody asks, so a change of an organisation changes no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Profile {
    pub(crate) source: u16,
    pub(crate) country: Text,
    pub(crate) status: Text,
    /// The teams it names: place in the table of lists; the first is empty.
    pub(crate) irts: u32,
    /// The role it names for abuse.
    pub(crate) abuse_c: Text,
    /// The organisation it belongs to.
    pub(crate) org: Text,
}

/// The tables that profiles are made of.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    pub(crate) sources: Vec<String>,
    /// Texts as written; the first is empty.
    pub(crate) texts: Grown<SmolStr>,
    /// Lists of names in `mnt-irt`; the first is empty.
    pub(crate) lists: Grown<Box<[Text]>>,
    pub(crate) profiles: Grown<Profile>,
}

impl Default for Tables {
    fn default() -> Self {
        TableBuilder::default().finish()
    }
}

impl Tables {
    pub(crate) fn text(&self, text: Text) -> &str {
        self.texts.get(text).map_or("", |text| text)
    }

    pub(crate) fn list(&self, list: u32) -> &[Text] {
        self.lists.get(list).map_or(&[], |list| list)
    }

    pub(crate) fn profile(&self, profile: u32) -> Profile {
        self.profiles.get(profile).copied().unwrap_or_default()
    }

    pub(crate) fn source(&self, source: u16) -> &str {
        self.sources.get(usize::from(source)).map_or("", String::as_str)
    }

    /// With all in the large parts.
    pub(crate) fn merged(&self) -> Self {
        Self {
            sources: self.sources.clone(),
            texts: self.texts.merged(),
            lists: self.lists.merged(),
            profiles: self.profiles.merged(),
        }
    }
}

/// An object's references and facts, as it writes them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts<'a> {
    pub(crate) source: &'a str,
    pub(crate) country: &'a str,
    pub(crate) status: &'a str,
    pub(crate) irts: &'a [rpsl::Handle],
    pub(crate) abuse_c: &'a str,
    pub(crate) org: &'a str,
}

/// Where facts become numbers: a table that is made, or one that grows.
pub(crate) trait Take {
    fn text_number(&mut self, text: &str) -> Text;
    fn list_number(&mut self, list: &[Text]) -> u32;
    fn source_number(&mut self, source: &str) -> u16;
    fn profile_number(&mut self, profile: Profile) -> u32;

    /// The number of the profile with these facts.
    fn facts_number(&mut self, facts: &Facts<'_>) -> u32 {
        let names: Vec<Text> = facts.irts.iter().map(|irt| self.text_number(irt.as_str())).collect();
        let profile = Profile {
            source: self.source_number(facts.source),
            country: self.text_number(facts.country),
            status: self.text_number(facts.status),
            irts: if names.is_empty() { 0 } else { self.list_number(&names) },
            abuse_c: self.text_number(facts.abuse_c),
            org: self.text_number(facts.org),
        };
        self.profile_number(profile)
    }
}

/// Bytes of a text that are kept: names are shorter, or nobody reads them on a line.
const LONGEST: usize = 255;

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// Makes [`Tables`].
pub(crate) struct TableBuilder {
    sources: Vec<String>,
    texts: Once<SmolStr>,
    lists: Once<Box<[Text]>>,
    profiles: Once<Profile>,
}

impl Default for TableBuilder {
    fn default() -> Self {
        let mut new = Self {
            sources: Vec::new(),
            texts: Once::default(),
            lists: Once::default(),
            profiles: Once::default(),
        };
        new.texts.add(&"".into());
        new.lists.add(&[].into());
        new
    }
}

impl TableBuilder {
    pub(crate) fn finish(self) -> Tables {
        Tables {
            sources: self.sources,
            texts: self.texts.finish(),
            lists: self.lists.finish(),
            profiles: self.profiles.finish(),
        }
    }
}

impl Take for TableBuilder {
    fn text_number(&mut self, text: &str) -> Text {
        if text.is_empty() { 0 } else { self.texts.add(&cut(text).into()) }
    }

    fn list_number(&mut self, list: &[Text]) -> u32 {
        self.lists.add(&list.into())
    }

    fn source_number(&mut self, source: &str) -> u16 {
        number_of(&mut self.sources, source)
    }

    fn profile_number(&mut self, profile: Profile) -> u32 {
        self.profiles.add(&profile)
    }
}

/// Changes take what they need at the end of the tables; what stands there already once more is found only when it came
/// shortly before. Merging does not tidy up; reading all anew does.
impl Take for Tables {
    fn text_number(&mut self, text: &str) -> Text {
        let text = cut(text);
        if text.is_empty() {
            return 0;
        }
        self.texts.recent(|known| **known == *text).unwrap_or_else(|| self.texts.push(text.into()))
    }

    fn list_number(&mut self, list: &[Text]) -> u32 {
        self.lists.recent(|known| **known == *list).unwrap_or_else(|| self.lists.push(list.into()))
    }

    fn source_number(&mut self, source: &str) -> u16 {
        number_of(&mut self.sources, source)
    }

    fn profile_number(&mut self, profile: Profile) -> u32 {
        self.profiles.recent(|known| *known == profile).unwrap_or_else(|| self.profiles.push(profile))
    }
}

fn number_of(sources: &mut Vec<String>, source: &str) -> u16 {
    let place = sources.iter().position(|known| *known == source).unwrap_or_else(|| {
        // More registries than there are countries: what comes later counts as the last.
        if sources.len() < usize::from(u16::MAX) {
            sources.push(source.to_owned());
        }
        sources.len() - 1
    });
    place as u16 // fits: there are no more
}
