//! Configuration: one TOML file, `WARDMOTE_SECTION__KEY` in the environment over it; a mistake names key and line.

mod sections;

use std::path::Path;

pub use sections::{DatabaseSection, NodeSection, beside, masked, no_port_twice};
use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// Reads `T` from the file at `path` with `overrides` over it (pairs of an environment variable's name and value;
/// only names that begin with `WARDMOTE_` and hold `__` count). Unknown keys are errors if `T` denies them; of those that are
/// `gone` it is told what to do.
///
/// # Errors
/// [`Error::Invalid`] with the file, line and key, and what was expected there.
pub fn load<T: DeserializeOwned>(
    path: &Path,
    gone: &[(&str, &str)],
    overrides: impl Iterator<Item = (String, String)>,
) -> Result<T> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::unreadable(path, error))?;
    parse(&text, &path.display().to_string(), overrides).map_err(|error| match error {
        Error::Invalid { field, message } => {
            let found = gone.iter().find(|(key, _)| message.contains(&format!("unknown field `{key}`")));
            let message = found.map_or(message, |(key, advice)| format!("`{key}`: {advice}"));
            Error::Invalid { field, message }
        }
        other => other,
    })
}

/// [`load`] from `text`; `name` is what messages call it.
///
/// # Errors
/// As [`load`].
pub fn parse<T: DeserializeOwned>(
    text: &str,
    name: &str,
    overrides: impl Iterator<Item = (String, String)>,
) -> Result<T> {
    // The file alone is read first, so that its mistakes are told with their line.
    let from_file = toml::from_str::<T>(text).map_err(|error| {
        let line =
            error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        Error::invalid(format!("{name}, line {line}"), error.message().to_owned())
    })?;
    let mut overrides =
        overrides.filter_map(|(variable, value)| Some((setting(&variable)?, variable, value))).peekable();
    if overrides.peek().is_none() {
        return Ok(from_file);
    }
    let mut table: toml::Table =
        toml::from_str(text).map_err(|error| Error::invalid(name, error.message().to_owned()))?;
    let mut named = Vec::new();
    for ((section, key), variable, value) in overrides {
        let entry = table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        let Some(section) = entry.as_table_mut() else {
            return Err(Error::invalid(variable, "names a section that is not one in the file"));
        };
        section.insert(key, scalar(&value));
        named.push(variable);
    }
    table.try_into().map_err(|error: toml::de::Error| {
        Error::invalid(named.join(", "), format!("{} (set in the environment)", error.message()))
    })
}

/// `WARDMOTE_SMTP__LISTEN` → (`smtp`, `listen`).
fn setting(variable: &str) -> Option<(String, String)> {
    let (section, key) = variable.strip_prefix("WARDMOTE_")?.split_once("__")?;
    Some((section.to_ascii_lowercase(), key.to_ascii_lowercase()))
}

/// `true`, `25`, `["a"]` mean what they mean in the file; anything else is text.
fn scalar(value: &str) -> toml::Value {
    let as_written = toml::from_str::<toml::Table>(&format!("v = {value}"));
    as_written.ok().and_then(|mut table| table.remove("v")).unwrap_or_else(|| value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        web: Web,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Web {
        listen: String,
        port: u16,
    }

    fn read(text: &str, env: &[(&str, &str)]) -> Result<Sample> {
        parse(text, "wardmote.toml", env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let text = "[web]\nlisten = \"localhost\"\nport = 8080\n";
        let env = [
            ("WARDMOTE_WEB__PORT", "81"),
            ("WARDMOTE_WEB__LISTEN", "::1"),
            ("HOME", "x"),
            ("WARDMOTE_LOG", "x"),
        ];
        assert_eq!(read(text, &env).unwrap().web, Web { listen: "::1".into(), port: 81 });
    }

    #[test]
    fn a_mistake_names_key_and_line() {
        let error = read("[web]\nlisten = \"x\"\nprot = 8080\n", &[]).unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("prot") && error.contains("port"), "{error}");
        let error = read("[web]\nlisten = \"x\"\nport = \"many\"\n", &[]).unwrap_err().to_string();
        assert!(error.contains("line 3"), "{error}");
        let error = read("[web]\nlisten = \"x\"\nport = 1\n", &[("WARDMOTE_WEB__PORT", "many")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("WARDMOTE_WEB__PORT"), "{error}");
    }
}
