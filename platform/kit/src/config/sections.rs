//! The sections `[node]` and `[database]`, and what sections have in common.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::db::Place;
use crate::{Error, Result};

/// The section `[node]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeSection {
    /// Public name: it stands in Message-IDs, in SMTP greetings and in the foot of each page.
    pub name: String,
    /// Folder for database, blobs and the key of secrets.
    pub data: PathBuf,
}

impl NodeSection {
    /// Looks for what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if self.name.is_empty() || !self.name.chars().all(fits) {
            let advice = format!("{:?} is no host's name: write one such as desk.team.example", self.name);
            return Err(Error::invalid("[node] name", advice));
        }
        Ok(())
    }
}

/// The section `[database]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSection {
    /// PostgreSQL (`postgres://user@host/name`); SQLite in the data folder when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl DatabaseSection {
    /// Where the database of a node is that has its data in the folder `data`.
    ///
    /// # Errors
    /// [`Error::Invalid`]: the URL is none of PostgreSQL's.
    pub fn place(&self, data: &Path) -> Result<Place> {
        let Some(url) = &self.url else { return Ok(Place::Sqlite(data.join("wardmote.db"))) };
        match url.parse::<postgres::Config>() {
            Ok(_) => Ok(Place::Postgres(url.clone())),
            Err(_) => {
                let advice = "it is no address of a PostgreSQL: write postgres://user@host/name, or leave it out for SQLite";
                Err(Error::invalid("[database] url", advice))
            }
        }
    }

    /// The same for people: `***` in place of the password, or of all when it cannot be told where it stands.
    pub fn masked(&self) -> Self {
        let shown = |url: &String| {
            let masked = masked(url);
            let read = masked.parse::<postgres::Config>();
            let hidden =
                |read: postgres::Config| read.get_password().is_none_or(|password| password == b"***");
            if read.is_ok_and(hidden) { masked } else { "***".to_owned() }
        };
        Self { url: self.url.as_ref().map(shown) }
    }
}

/// Makes a relative `path` count from `folder`, that of the file in which it was read.
pub fn beside(folder: &Path, path: &mut PathBuf) {
    if path.is_relative() && !path.as_os_str().is_empty() {
        *path = folder.join(&path);
    }
}

/// Looks whether each of `listeners`, setting and address, has a port for itself. Port 0 is any that is free.
///
/// # Errors
/// [`Error::Invalid`] names both settings.
pub fn no_port_twice(listeners: &[(&str, SocketAddr)]) -> Result<()> {
    for (at, (setting, one)) in listeners.iter().enumerate() {
        // The unspecified address takes a port at all others.
        let meets = |other: &SocketAddr| {
            one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified()
        };
        let taken = listeners[..at].iter().find(|(_, other)| other.port() == one.port() && meets(other));
        if let Some((other, _)) = taken.filter(|_| one.port() != 0) {
            let advice = format!("{one} is taken by {other}: give one of them another port");
            return Err(Error::invalid(*setting, advice));
        }
    }
    Ok(())
}

/// `text` of a configuration with `***` for each password within an address (`scheme://user:password@host`,
/// `password=…`).
pub fn masked(text: &str) -> String {
    text.split_inclusive('\n').map(masked_line).collect()
}

fn masked_line(line: &str) -> String {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | ',');
    let mut masked = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        masked += before;
        let whole = &after[..after.find(ends).unwrap_or(after.len())];
        // In a query there may be a password, too, and nothing before it may be taken for one.
        let authority = &whole
            [..whole.find(['/', '?']).filter(|at| whole[*at..].find('@').is_none()).unwrap_or(whole.len())];
        rest = match authority.rfind('@') {
            Some(end) => {
                let user = authority[..end].split(':').next().unwrap_or_default();
                masked += user;
                if user.len() < end {
                    masked += ":***";
                }
                &after[end..]
            }
            None => after,
        };
    }
    masked += rest;
    for word in ["password=", "password ="] {
        if let Some(at) = masked.find(word) {
            let begin = at + word.len();
            let value = masked[begin..].trim_start();
            let end = match value.strip_prefix('\'') {
                Some(quoted) => quoted.find('\'').map_or(value.len(), |end| end + 2),
                None => value.find(|c: char| ends(c) || c == '&').unwrap_or(value.len()),
            };
            let after = value[end..].to_owned();
            masked.truncate(begin);
            masked += "***";
            masked += &after;
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_none_of_ours_is_told_by_its_key() {
        let place = |url: &str| DatabaseSection { url: Some(url.into()) }.place(Path::new("data"));
        assert!(place("mysql://desk@db.example/desk").unwrap_err().to_string().contains("[database] url"));
        for good in
            ["postgres://desk@db.example/desk", "postgresql:///desk", "host=/run/postgresql user=desk"]
        {
            assert_eq!(place(good).unwrap(), Place::Postgres(good.into()));
        }
        let own = DatabaseSection::default().place(Path::new("data")).unwrap();
        assert_eq!(own, Place::Sqlite("data/wardmote.db".into()));
    }

    #[test]
    fn a_node_without_a_name_is_told() {
        for (name, good) in [("desk.example", true), ("localhost", true), ("", false), ("my desk", false)] {
            let section = NodeSection { name: name.into(), data: "data".into() };
            assert_eq!(section.check().is_ok(), good, "{name:?}");
        }
    }

    #[test]
    fn two_listeners_on_one_port_are_told_with_both_settings() {
        let told = |first: &str, second: &str| {
            let pair = [("[web] listen", first.parse().unwrap()), ("[smtp] listen", second.parse().unwrap())];
            no_port_twice(&pair).err().map(|error| error.to_string())
        };
        let words = told("127.0.0.1:8080", "127.0.0.1:8080").unwrap();
        assert!(words.contains("[web] listen") && words.contains("[smtp] listen"), "{words}");
        assert!(told("0.0.0.0:25", "192.0.2.1:25").is_some() && told("[::]:25", "127.0.0.1:25").is_some());
        assert_eq!(told("192.0.2.2:25", "192.0.2.1:25"), None);
        assert_eq!(told("127.0.0.1:0", "127.0.0.1:0"), None);
    }

    #[test]
    fn a_password_of_the_database_is_not_shown_however_it_is_spelt() {
        for (url, shown) in [
            ("host=db user=desk password=secret", "host=db user=desk password=***"),
            ("host=db user=desk", "host=db user=desk"),
            ("host=db user=desk password  =  secret", "***"),
            ("host=db user=desk password\t='se cret'", "***"),
            ("host=db password=sec,ret user=desk", "***"),
            ("host=db password='it\\'s secret' user=desk", "***"),
            ("postgres://desk:secret@db/desk", "postgres://desk:***@db/desk"),
            ("postgres://db/desk?user=a&passwor%64=b", "***"),
        ] {
            let section = DatabaseSection { url: Some(url.into()) };
            assert_eq!(section.masked().url.unwrap(), shown, "{url}");
        }
    }

    #[test]
    fn passwords_in_addresses_are_not_shown() {
        for (text, shown) in [
            ("url = \"postgres://desk:secret@db/desk\"\n", "url = \"postgres://desk:***@db/desk\"\n"),
            ("url = \"postgres://desk:sec/r@et@db/desk\"", "url = \"postgres://desk:***@db/desk\""),
            ("url = \"postgres://desk@db/desk\"", "url = \"postgres://desk@db/desk\""),
            (
                "url = \"host=db user=desk password=secret dbname=x\"",
                "url = \"host=db user=desk password=*** dbname=x\"",
            ),
            ("url = \"host=db password = 'se cret' user=x\"", "url = \"host=db password =*** user=x\""),
            (
                "url = \"postgres://db/desk?user=a&password=b&x=c\"",
                "url = \"postgres://db/desk?user=a&password=***&x=c\"",
            ),
            ("a = \"https://a:b@c\", \"https://d:e@f\"", "a = \"https://a:***@c\", \"https://d:***@f\""),
            ("password_file = \"relay.password\"\n", "password_file = \"relay.password\"\n"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }
}
