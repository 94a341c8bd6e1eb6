//! The entities of an answer with the places where they stand: what the answer says of itself follows from them.

use serde::Serialize;

use crate::{Autnum, Domain, Domains, Entities, Entity, Help, IpNetwork, Refusal};

/// Something that can be an answer.
pub trait Body: Serialize {
    /// Calls `each` with every entity in it and its JSONPath (RFC 9535), outer ones first.
    fn entities(&self, each: &mut dyn FnMut(&str, &Entity));

    /// Whether it has networks with their prefixes.
    fn has_cidrs(&self) -> bool {
        false
    }
}

/// How deep entities may stand in each other: those that entities name are told, theirs not.
const DEEPEST: usize = 4;

fn walk(path: &str, list: &[Entity], depth: usize, each: &mut dyn FnMut(&str, &Entity)) {
    for (place, entity) in list.iter().enumerate() {
        let path = format!("{path}[{place}]");
        each(&path, entity);
        if depth < DEEPEST {
            walk(&format!("{path}.entities"), &entity.entities, depth + 1, each);
        }
    }
}

impl Body for Entity {
    fn entities(&self, each: &mut dyn FnMut(&str, &Entity)) {
        each("$", self);
        walk("$.entities", &self.entities, 0, each);
    }
}

impl Body for IpNetwork {
    fn entities(&self, each: &mut dyn FnMut(&str, &Entity)) {
        walk("$.entities", &self.entities, 0, each);
    }

    fn has_cidrs(&self) -> bool {
        !self.cidrs.is_empty()
    }
}

impl Body for Autnum {
    fn entities(&self, each: &mut dyn FnMut(&str, &Entity)) {
        walk("$.entities", &self.entities, 0, each);
    }
}

impl Body for Domain {
    fn entities(&self, each: &mut dyn FnMut(&str, &Entity)) {
        walk("$.entities", &self.entities, 0, each);
    }

    fn has_cidrs(&self) -> bool {
        self.network.as_ref().is_some_and(|network| network.has_cidrs())
    }
}

impl Body for Entities {
    fn entities(&self, each: &mut dyn FnMut(&str, &Entity)) {
        walk("$.entitySearchResults", &self.results, 0, each);
    }
}

impl Body for Domains {
    fn entities(&self, each: &mut dyn FnMut(&str, &Entity)) {
        for (place, domain) in self.results.iter().enumerate() {
            walk(&format!("$.domainSearchResults[{place}].entities"), &domain.entities, 0, each);
        }
    }
}

impl Body for Help {
    fn entities(&self, _: &mut dyn FnMut(&str, &Entity)) {}
}

impl Body for Refusal {
    fn entities(&self, _: &mut dyn FnMut(&str, &Entity)) {}
}
