//! Routing policy (RFC 2622, RFC 4012), looked at loosely: whether the words stand without which an expression means
//! nothing, and whether brackets close. Whether it means what its author wants is for routers' tools to say.

use crate::template::Routing;

/// Why an expression cannot be one; nothing when it may.
pub(super) fn wrong(routing: Routing, text: &str) -> Option<&'static str> {
    if let Some(unbalanced) = unbalanced(text) {
        return Some(unbalanced);
    }
    let has = |word: &str| {
        text.split(|char: char| !char.is_alphanumeric() && char != '-')
            .any(|other| other.eq_ignore_ascii_case(word))
    };
    match routing {
        Routing::Import | Routing::ImportVia if !has("from") => Some("it does not say \"from\" whom"),
        Routing::Import | Routing::ImportVia if !has("accept") => Some("it does not say what to \"accept\""),
        Routing::Export | Routing::ExportVia if !has("to") => Some("it does not say \"to\" whom"),
        Routing::Export | Routing::ExportVia if !has("announce") => {
            Some("it does not say what to \"announce\"")
        }
        Routing::Default if !has("to") => Some("it does not say \"to\" whom"),
        Routing::AggregationMethod if !(has("inbound") || has("outbound")) => {
            Some("it says neither \"inbound\" nor \"outbound\"")
        }
        Routing::Interface | Routing::InterfaceAddress if !has("masklen") => {
            Some("it does not say the prefix length by \"masklen\"")
        }
        _ => None,
    }
}

fn unbalanced(text: &str) -> Option<&'static str> {
    /// Brackets within brackets; nobody writes more.
    const DEEPEST: usize = 64;
    let mut open = Vec::new();
    for byte in text.bytes() {
        let opening = match byte {
            b'(' | b'{' => {
                open.push(byte);
                if open.len() > DEEPEST {
                    return Some("its brackets stand too deep in each other");
                }
                continue;
            }
            b')' => b'(',
            b'}' => b'{',
            _ => continue,
        };
        if open.pop() != Some(opening) {
            return Some("a bracket closes that was not opened");
        }
    }
    (!open.is_empty()).then_some("a bracket opens that is not closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_without_their_words_or_brackets_are_told() {
        assert_eq!(wrong(Routing::Import, "from AS64496 action pref=100; accept ANY"), None);
        assert_eq!(
            wrong(Routing::Import, "{ from AS64496 accept AS-A; } refine { from ANY accept <^AS1+$>; }"),
            None
        );
        assert!(wrong(Routing::Import, "to AS64496 announce ANY").is_some());
        assert!(wrong(Routing::Export, "to AS64496 announce (AS1").is_some());
        assert!(wrong(Routing::Filter, "{ 192.0.2.0/24 ))").is_some());
        assert!(wrong(Routing::Filter, &"(".repeat(1000)).is_some());
    }
}
