//! Primary keys in one spelling.

use crate::error::{Error, Quoted, Why};
use crate::handle::Handle;
use crate::object::Object;
use crate::range::{AddressRange, parse_as_number, parse_inet6num, parse_inetnum};
use crate::view::KeyReference;

/// The one spelling of an object's primary key, or of one that was asked for:
///
/// | class | spelling |
/// |---|---|
/// | `inetnum` | `192.0.2.0 - 192.0.2.255` |
/// | `inet6num` | `2001:db8::/32` |
/// | `route`, `route6` | `192.0.2.0/24AS64496` |
/// | `aut-num` | `AS64496`, in one number |
/// | `as-block` | `AS64496 - AS64511` |
/// | `key-cert` | `PGPKEY-` and digits in upper case |
/// | `domain` | upper case, without the last dot |
/// | all others | upper case, blanks as one |
///
/// # Errors
/// The text is no key of the class.
pub fn normal_key(class: &str, text: &str) -> Result<String, Why> {
    let text = text.trim();
    let not = |expected| Why::Syntax { expected, found: Quoted::new(text) };
    Ok(match class {
        "inetnum" => parse_inetnum(text)?.to_string(),
        "inet6num" => parse_inet6num(text)?.to_string(),
        "route" | "route6" => {
            let (prefix, origin) = route(text).ok_or_else(|| not("a prefix and its origin"))?;
            let range = if class == "route" { parse_inetnum(prefix)? } else { parse_inet6num(prefix)? };
            let prefix = prefix_text(range).ok_or_else(|| not("a prefix and its origin"))?;
            format!("{prefix}AS{origin}")
        }
        "aut-num" => as_number(text).ok_or_else(|| not("an AS number such as AS64496"))?,
        "as-block" => {
            let block = parse_as_block(text).ok_or_else(|| not("a range such as AS64496 - AS64511"))?;
            format!("AS{} - AS{}", block.0, block.1)
        }
        "key-cert" => KeyReference::parse(text)
            .ok_or_else(|| not("the name of a key such as PGPKEY-… or X509-1"))?
            .to_string(),
        "domain" => {
            let text = text.trim_end_matches(|char: char| char == '.' || char.is_whitespace());
            let word = Some(text).filter(|text| !text.contains(char::is_whitespace));
            word.and_then(name).ok_or_else(|| not("the name of a domain"))?
        }
        _ if text.is_empty() => return Err(Why::Missing),
        _ => name(text).ok_or_else(|| not("a name"))?,
    })
}

impl Object<'_> {
    /// The primary key in its one spelling; see [`normal_key`]. Of an object of a class without a template, the first
    /// attribute's value is taken.
    ///
    /// # Errors
    /// The key is missing or is none; with the line and attribute to blame.
    pub fn primary_key(&self) -> Result<String, Error> {
        let class = self.class();
        normal_key(&class, &self.key()).map_err(|why| {
            let name = if matches!(&*class, "person" | "role") { "nic-hdl" } else { &*class };
            Error::of(name, self.get(name).map_or(self.line(), |attribute| attribute.line()), why)
        })
    }
}

/// Splits the key of a route: `192.0.2.0/24AS64496`, with or without a blank between.
pub(crate) fn route(text: &str) -> Option<(&str, u32)> {
    let at = text.bytes().position(|byte| byte.eq_ignore_ascii_case(&b's'))?.checked_sub(1)?;
    let (prefix, origin) = text.split_at_checked(at)?;
    let prefixed = origin.as_bytes().first()?.eq_ignore_ascii_case(&b'a');
    (prefixed && prefix.contains('/')).then(|| Some((prefix.trim(), parse_as_number(origin)?)))?
}

/// Reads a range of AS numbers, `AS1 - AS10`; the first is not larger than the last.
pub(crate) fn parse_as_block(text: &str) -> Option<(u32, u32)> {
    let (first, last) = text.split_once('-')?;
    let number = |text: &str| {
        let text = text.trim();
        text.get(..2).filter(|prefix| prefix.eq_ignore_ascii_case("AS")).and_then(|_| parse_as_number(text))
    };
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some((first, last))
}

fn as_number(text: &str) -> Option<String> {
    parse_as_number(text).map(|number| format!("AS{number}"))
}

/// `192.0.2.0/24`, of either family; none when the range is no prefix.
pub(crate) fn prefix_text(range: AddressRange) -> Option<String> {
    range.prefix_length().map(|length| format!("{}/{length}", range.first()))
}

/// Upper case, with one blank wherever there are some.
pub(super) fn name(text: &str) -> Option<String> {
    let text = text.trim();
    if text.contains(char::is_whitespace) {
        let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
        return Handle::new(&joined).map(|handle| handle.to_key());
    }
    // as Handle::new has it, without writing the name down twice
    let fits = (1..=Handle::LONGEST).contains(&text.len()) && !text.contains(char::is_control);
    fits.then(|| text.to_ascii_uppercase())
}
