//! From the words of a line to a query.

use std::net::IpAddr;

use super::flag::Takes;
use super::{Charset, Client, Flag, Flags, LONGEST_LINE, MOST_ARGUMENTS, Query, QueryError, SearchKey};
use crate::check::names;
use crate::template::{AttributeName, Template};
use crate::text::decode;

/// The attributes that name people, which `-i person` stands for.
const PEOPLE: [AttributeName; 6] = [
    AttributeName::AbuseC,
    AttributeName::AdminC,
    AttributeName::TechC,
    AttributeName::ZoneC,
    AttributeName::Author,
    AttributeName::PingHdl,
];

pub(super) fn parse(line: &[u8]) -> Result<Query, QueryError> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > LONGEST_LINE {
        return Err(QueryError::too_long());
    }
    let text = decode(line);
    if text.contains(|char: char| char.is_control() && char != '\t') {
        return Err(QueryError::invalid_key("The query holds control characters."));
    }
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    if words.len() > MOST_ARGUMENTS {
        return Err(QueryError::too_many_arguments());
    }
    let mut reader = Reader::default();
    let mut words = words.into_iter().peekable();
    let mut key = Vec::new();
    while let Some(word) = words.next() {
        if word == "--" {
            key.extend(words.by_ref());
        } else if let Some(long) = word.strip_prefix("--") {
            reader.long(word, long, &mut words)?;
        } else if is_option(word) {
            reader.short(word, &word[1..], &mut words)?;
        } else {
            key.push(word);
        }
    }
    reader.query.key = SearchKey::parse(&key.join(" "))?;
    Ok(reader.query)
}

/// Whether the word is a flag, and not a part of `192.0.2.0 - 192.0.2.255` or `192.0.2.0 -192.0.2.255`.
fn is_option(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(|c: char| c.is_ascii_digit()))
}

type Words<'w, 'l> = &'w mut std::iter::Peekable<std::vec::IntoIter<&'l str>>;

#[derive(Default)]
struct Reader {
    query: Query,
    /// The flags that may stand once and have stood; `-q` among them.
    once: Flags,
    shown: bool,
}

impl Reader {
    fn long(&mut self, word: &str, long: &str, words: Words<'_, '_>) -> Result<(), QueryError> {
        let (name, attached) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
        let flag = Flag::of_long(name).ok_or_else(|| invalid(word))?;
        match (flag.takes(), attached) {
            (Takes::Nothing, None) => self.plain(flag),
            (Takes::Nothing, Some(_)) => Err(invalid(word)),
            (_, Some(value)) => self.value(flag, value),
            (_, None) => self.value(flag, next(word, words)?),
        }
    }

    /// One or several flags of one letter; what follows one that takes a value is its value.
    fn short(&mut self, word: &str, letters: &str, words: Words<'_, '_>) -> Result<(), QueryError> {
        // a long name with one dash: its letters would be taken for other flags
        if letters.len() > 1 && Flag::of_long(letters).is_some() {
            return Err(QueryError::invalid_option(&format!("Invalid option: {word} (write -{word})")));
        }
        for (at, letter) in letters.char_indices() {
            let rest = &letters[at + letter.len_utf8()..];
            if letter == 'q' {
                let value = if rest.is_empty() { next(word, words)? } else { rest };
                return self.show(value);
            }
            let flag = Flag::of_short(letter).ok_or_else(|| invalid(word))?;
            match flag.takes() {
                Takes::Nothing => self.plain(flag)?,
                _ if rest.is_empty() => return self.value(flag, next(word, words)?),
                _ => return self.value(flag, rest),
            }
        }
        Ok(())
    }

    /// `-q sources`, `-q version`, `-q types`.
    fn show(&mut self, value: &str) -> Result<(), QueryError> {
        if std::mem::replace(&mut self.shown, true) {
            return Err(QueryError {
                detail: "The flag \"-q\" cannot be used multiple times.".to_owned(),
                ..QueryError::repeated(Flag::Types)
            });
        }
        let flag = match value.to_ascii_lowercase().as_str() {
            "sources" => Flag::ListSources,
            "version" => Flag::Version,
            "types" => Flag::Types,
            _ => return Err(invalid(value)),
        };
        self.plain(flag)
    }

    fn plain(&mut self, flag: Flag) -> Result<(), QueryError> {
        let ranges = [Flag::Exact, Flag::OneLess, Flag::AllLess, Flag::OneMore, Flag::AllMore];
        if ranges.contains(&flag) && ranges.iter().any(|&other| other != flag && self.query.flags.has(other))
        {
            return Err(QueryError::duplicate_ip_flags());
        }
        self.query.flags.add(flag);
        Ok(())
    }

    fn value(&mut self, flag: Flag, value: &str) -> Result<(), QueryError> {
        if matches!(flag.takes(), Takes::One(_)) {
            if self.once.has(flag) {
                return Err(QueryError::repeated(flag));
            }
            self.once.add(flag);
        }
        self.query.flags.add(flag);
        let bad = || QueryError::invalid_option(&format!("{value} does not go with --{}", flag.long()));
        // a list of nothing but commas is none
        if items(value).next().is_none() {
            return Err(bad());
        }
        let query = &mut self.query;
        match flag {
            Flag::SelectTypes => {
                for name in items(value) {
                    add(&mut query.classes, class(name)?);
                }
            }
            Flag::Inverse => {
                for name in items(value) {
                    inverse(&mut query.inverse, name)?;
                }
            }
            Flag::Sources => {
                for name in items(value) {
                    if !names::source(name) {
                        return Err(QueryError::unknown_source(name));
                    }
                    add(&mut query.sources, name.to_ascii_uppercase());
                }
            }
            Flag::Template => query.template = Some(class(value)?),
            Flag::Verbose => query.verbose = Some(class(value)?),
            Flag::Client => query.client = Some(client(value).ok_or_else(bad)?),
            Flag::ShowVersion => query.version = Some(version(value).ok_or_else(bad)?),
            Flag::DiffVersions => {
                let pair = value.split_once(':').and_then(|(a, b)| version(a).zip(version(b)));
                query.versions = Some(pair.filter(|(a, b)| a != b).ok_or_else(bad)?);
            }
            Flag::Charset => query.charset = Some(Charset::parse(value).ok_or_else(bad)?),
            // all others take nothing
            _ => return Err(bad()),
        }
        Ok(())
    }
}

fn invalid(word: &str) -> QueryError {
    QueryError::invalid_option(&format!("Invalid option: {word}"))
}

/// The value that must follow the flag.
fn next<'l>(word: &str, words: Words<'_, 'l>) -> Result<&'l str, QueryError> {
    let value = words.next_if(|next| !is_option(next) && *next != "--");
    value.ok_or_else(|| QueryError::invalid_option(&format!("{word} must be followed by a value.")))
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(|item| !item.is_empty())
}

fn add<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn class(name: &str) -> Result<&'static str, QueryError> {
    Template::of(name).map(Template::class).ok_or_else(|| QueryError::unknown_class(name))
}

fn inverse(list: &mut Vec<AttributeName>, name: &str) -> Result<(), QueryError> {
    let attribute = AttributeName::parse(name).ok_or_else(|| QueryError::unknown_attribute(name))?;
    if attribute == AttributeName::Person {
        PEOPLE.into_iter().for_each(|attribute| add(list, attribute));
        return Ok(());
    }
    let searchable =
        Template::all().any(|template| template.slot(attribute).is_some_and(|slot| slot.inverse));
    if !searchable {
        return Err(QueryError::not_searchable(name));
    }
    add(list, attribute);
    Ok(())
}

/// A tag, and for a proxy the address of its client.
fn client(value: &str) -> Option<Client> {
    let mut parts = items(value);
    let tag = parts.next()?.to_owned();
    let address = match parts.next() {
        Some(address) => Some(address.parse::<IpAddr>().ok()?),
        None => None,
    };
    parts.next().is_none().then_some(Client { tag, address })
}

fn version(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&number| digits && number >= 1)
}
