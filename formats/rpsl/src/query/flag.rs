//! The flags of a query: their names, what they take, what they do. One table for parsing, for writing and for the help.

use std::fmt;

/// What follows a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    /// A value; the flag may stand once. Its name for the help.
    One(&'static str),
    /// A list, separated by commas; the flag may stand again and adds to it.
    List(&'static str),
}

struct Facts {
    short: Option<char>,
    long: &'static str,
    takes: Takes,
    about: &'static str,
}

macro_rules! flags {
    ($($variant:ident $short:expr, $long:literal, $takes:expr, $about:literal;)*) => {
        /// A flag of a query.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Flag {
            $(#[doc = concat!("`--", $long, "`: ", $about)] $variant,)*
        }

        impl Flag {
            /// Every flag, in the order of the help.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
        }

        static FACTS: &[Facts] =
            &[$(Facts { short: $short, long: $long, takes: $takes, about: $about }),*];
    };
}

flags! {
    Exact Some('x'), "exact", Takes::Nothing, "Only the network that is exactly the one asked for.";
    OneLess Some('l'), "one-less", Takes::Nothing, "The network next above it, without itself.";
    AllLess Some('L'), "all-less", Takes::Nothing, "All networks above it and itself, the largest first.";
    OneMore Some('m'), "one-more", Takes::Nothing, "The networks directly within it, without itself.";
    AllMore Some('M'), "all-more", Takes::Nothing, "All networks within it, without itself.";
    Irt Some('c'), "irt", Takes::Nothing, "The most specific network that names an incident response team, and the team.";
    NoIrt Some('C'), "no-irt", Takes::Nothing, "Takes -c back.";
    AbuseContact Some('b'), "abuse-contact", Takes::Nothing, "Only the network's key and the address for reports of abuse.";
    ReverseDomain Some('d'), "reverse-domain", Takes::Nothing, "Reverse domains, too, with the flags for networks.";
    Inverse Some('i'), "inverse", Takes::List("attributes"), "The objects that refer to what is asked for, in these attributes.";
    Brief Some('F'), "brief", Takes::Nothing, "Short names of attributes.";
    PrimaryKeys Some('K'), "primary-keys", Takes::Nothing, "Only the keys of the objects, and the members of sets.";
    Persistent Some('k'), "persistent-connection", Takes::Nothing, "The connection stays open; -k alone closes it.";
    NoGrouping Some('G'), "no-grouping", Takes::Nothing, "Objects are not grouped by what they belong to.";
    NoFiltering Some('B'), "no-filtering", Takes::Nothing, "Mail addresses are not left out.";
    ValidSyntax None, "valid-syntax", Takes::Nothing, "Only objects whose syntax is right.";
    NoValidSyntax None, "no-valid-syntax", Takes::Nothing, "Only objects whose syntax is wrong.";
    NoReferenced Some('r'), "no-referenced", Takes::Nothing, "Without the contacts that the objects name.";
    NoPersonal None, "no-personal", Takes::Nothing, "Without persons and roles.";
    ShowPersonal None, "show-personal", Takes::Nothing, "With persons and roles.";
    SelectTypes Some('T'), "select-types", Takes::List("classes"), "Only objects of these classes.";
    AllSources Some('a'), "all-sources", Takes::Nothing, "In all sources.";
    Sources Some('s'), "sources", Takes::List("sources"), "In these sources, in this order.";
    Resource None, "resource", Takes::Nothing, "In all sources, the one that is responsible for the resource.";
    ListSources None, "list-sources", Takes::Nothing, "The sources, and how they can be mirrored (-q sources).";
    Version None, "version", Takes::Nothing, "The version of the server (-q version).";
    Types None, "types", Takes::Nothing, "The classes of objects (-q types).";
    Template Some('t'), "template", Takes::One("class"), "The template of a class.";
    Verbose Some('v'), "verbose", Takes::One("class"), "The template of a class, with explanations.";
    Client Some('V'), "client", Takes::One("tag"), "Who is asking: the name of a program, and for a proxy its client's address.";
    ListVersions None, "list-versions", Takes::Nothing, "The versions of an object.";
    ShowVersion None, "show-version", Takes::One("number"), "One version of an object.";
    DiffVersions None, "diff-versions", Takes::One("number:number"), "What changed between two versions of an object.";
    Charset Some('Z'), "charset", Takes::One("name"), "The character set of the answer: utf-8, latin-1, us-ascii.";
}

impl Flag {
    /// The flag of one letter, if it has one; letters are told apart by case.
    pub fn short(self) -> Option<char> {
        self.facts().short
    }

    /// The long name, without its dashes.
    pub fn long(self) -> &'static str {
        self.facts().long
    }

    /// What the flag does, in one sentence.
    pub fn about(self) -> &'static str {
        self.facts().about
    }

    pub(super) fn takes(self) -> Takes {
        self.facts().takes
    }

    pub(super) fn of_short(short: char) -> Option<Self> {
        Self::ALL.iter().copied().find(|flag| flag.short() == Some(short))
    }

    pub(super) fn of_long(long: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|flag| flag.long().eq_ignore_ascii_case(long))
    }

    fn facts(self) -> &'static Facts {
        // Both tables come from one list, so that the number of the variant is the place of its facts.
        &FACTS[self as usize]
    }
}

impl fmt::Display for Flag {
    /// As messages name it: `-x, --exact`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(short) = self.short() {
            write!(f, "-{short}, ")?;
        }
        write!(f, "--{}", self.long())
    }
}

/// A set of flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(u64);

impl Flags {
    /// Whether the flag is in the set.
    pub fn has(self, flag: Flag) -> bool {
        self.0 & Self::bit(flag) != 0
    }

    /// The flags, in the order of the help.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.iter().copied().filter(move |&flag| self.has(flag))
    }

    pub(super) fn add(&mut self, flag: Flag) {
        self.0 |= Self::bit(flag);
    }

    fn bit(flag: Flag) -> u64 {
        1 << flag as u8
    }
}

/// All flags with their explanation, for the query `help`; each line ends with `\n`.
pub fn help() -> String {
    Flag::ALL.iter().fold(String::new(), |mut text, flag| {
        let value = match flag.takes() {
            Takes::Nothing => String::new(),
            Takes::One(value) | Takes::List(value) => format!(" <{value}>"),
        };
        text.push_str(&format!("  {:<38}{}\n", format!("{flag}{value}"), flag.about()));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_has_names_of_its_own_and_a_place_in_the_set() {
        assert!(Flag::ALL.len() <= 64);
        for &flag in Flag::ALL {
            assert_eq!(Flag::of_long(flag.long()), Some(flag));
            assert!(flag.short().is_none_or(|short| Flag::of_short(short) == Some(flag)));
            let mut flags = Flags::default();
            flags.add(flag);
            assert_eq!(flags.iter().collect::<Vec<_>>(), [flag]);
        }
        assert_eq!(help().lines().count(), Flag::ALL.len());
        assert!(help().lines().all(|line| line.len() <= 130), "{}", help());
    }
}
