//! The attributes: their long and short names, their syntax, and what they are for.

use std::fmt;

use super::syntax::{Routing, SetKind, Syntax};

/// What is known of an attribute wherever it stands.
struct Facts {
    name: &'static str,
    short: &'static str,
    syntax: Syntax,
    about: &'static str,
}

macro_rules! attributes {
    ($($variant:ident $name:literal $short:literal $syntax:expr, $about:literal;)*) => {
        /// The name of an attribute that one of the templates knows, in the order of the alphabet.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[allow(clippy::doc_markdown)]
        pub enum AttributeName {
            $(#[doc = concat!("`", $name, "` (`", $short, "`): ", $about)] $variant,)*
        }

        impl AttributeName {
            /// Every name, in the order of the alphabet.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
        }

        static FACTS: &[Facts] =
            &[$(Facts { name: $name, short: $short, syntax: $syntax, about: $about }),*];
    };
}

attributes! {
    AbuseC "abuse-c" "au" Syntax::NicHandle, "The role that answers reports of abuse; it must have an abuse-mailbox.";
    AbuseMailbox "abuse-mailbox" "am" Syntax::Mailbox, "The address that reports of abuse go to.";
    Address "address" "ad" Syntax::FreeText, "The postal address.";
    AdminC "admin-c" "ac" Syntax::NicHandle, "The person or role to ask about administrative matters.";
    AggrBndry "aggr-bndry" "ab" Syntax::Policy(Routing::AsExpression), "The ASes that form the boundary of an aggregation.";
    AggrMtd "aggr-mtd" "ag" Syntax::Policy(Routing::AggregationMethod), "How the aggregate comes about.";
    Alias "alias" "az" Syntax::HostName, "A further name of the router.";
    AsBlock "as-block" "ak" Syntax::AsBlock, "A range of AS numbers.";
    AsName "as-name" "aa" Syntax::ObjectName, "A name for people to know the AS by.";
    AsSet "as-set" "as" Syntax::Set(SetKind::As), "The name of a set of ASes.";
    AssignmentSize "assignment-size" "ae" Syntax::Number, "The prefix length of the blocks that are assigned out of this network.";
    AutNum "aut-num" "an" Syntax::AsNumber, "The number of the autonomous system.";
    Auth "auth" "at" Syntax::Auth, "Who may authorise: a key, an account or a certificate.";
    Author "author" "ah" Syntax::NicHandle, "The person or role that wrote the poem.";
    Certif "certif" "ce" Syntax::Certif, "The public key itself, line by line.";
    Changed "changed" "ch" Syntax::Changed, "Who changed the object, and on which day. Removed by RIPE; read in old objects, taken out of updates.";
    Components "components" "co" Syntax::Policy(Routing::Components), "The routes that the aggregate is made of.";
    Contact "contact" "con" Syntax::Uri, "Another way to reach the contact, as a URI.";
    Country "country" "cy" Syntax::Country, "The country.";
    Created "created" "cr" Syntax::Generated, "When the object was first written. Set by the registry.";
    Default "default" "df" Syntax::Policy(Routing::Default), "The default routing policy.";
    Descr "descr" "de" Syntax::FreeText, "A short description.";
    Domain "domain" "dn" Syntax::Domain, "The name of the domain.";
    DsRdata "ds-rdata" "ds" Syntax::DsRecord, "A delegation signer record of the domain (RFC 4034 section 5).";
    EMail "e-mail" "em" Syntax::Mailbox, "The mail address of the contact.";
    Encryption "encryption" "en" Syntax::KeyCert, "The key to encrypt to when writing to the team.";
    Export "export" "ex" Syntax::Policy(Routing::Export), "Which routes are announced to whom.";
    ExportComps "export-comps" "ec" Syntax::Policy(Routing::Filter), "Which of the component routes are announced beside the aggregate.";
    ExportVia "export-via" "ev" Syntax::Policy(Routing::ExportVia), "Which routes are announced to a network that is no neighbour.";
    FaxNo "fax-no" "fx" Syntax::Phone, "The fax number.";
    Filter "filter" "fi" Syntax::Policy(Routing::Filter), "The filter for routes of IPv4.";
    FilterSet "filter-set" "fs" Syntax::Set(SetKind::Filter), "The name of a filter.";
    Fingerpr "fingerpr" "fp" Syntax::Generated, "The fingerprint of the key. Set by the registry.";
    Form "form" "fr" Syntax::PoeticForm, "The form of the poem.";
    Geofeed "geofeed" "gf" Syntax::HttpsUrl, "Where the file with the locations of the addresses lies (RFC 8805).";
    Geoloc "geoloc" "gl" Syntax::Location, "The location of the network, as latitude and longitude.";
    Holes "holes" "ho" Syntax::Holes, "Prefixes within the route that cannot be reached through it.";
    Ifaddr "ifaddr" "if" Syntax::Policy(Routing::InterfaceAddress), "An address of the router's interface.";
    Import "import" "ip" Syntax::Policy(Routing::Import), "Which routes are accepted from whom.";
    ImportVia "import-via" "iv" Syntax::Policy(Routing::ImportVia), "Which routes are accepted from a network that is no neighbour.";
    InetRtr "inet-rtr" "ir" Syntax::RouterName, "The name of the router in the DNS.";
    Inet6num "inet6num" "i6" Syntax::Range6, "The prefix of IPv6 addresses.";
    Inetnum "inetnum" "in" Syntax::Range4, "The range of IPv4 addresses.";
    Inject "inject" "ij" Syntax::Policy(Routing::Inject), "Which routers aggregate, and when.";
    Interface "interface" "ie" Syntax::Policy(Routing::Interface), "An interface of the router, of any address family.";
    Irt "irt" "it" Syntax::Irt, "The name of the incident response team.";
    IrtNfy "irt-nfy" "iy" Syntax::Mailbox, "Who is told when an object takes up or drops the team.";
    KeyCert "key-cert" "kc" Syntax::KeyCert, "The name of the public key.";
    Language "language" "ln" Syntax::Language, "The language spoken.";
    LastModified "last-modified" "lm" Syntax::Generated, "When the object was last changed. Set by the registry.";
    LocalAs "local-as" "la" Syntax::AsNumber, "The AS that runs the router.";
    MbrsByRef "mbrs-by-ref" "mr" Syntax::MembersByReference, "Whose objects may join the set by naming it in member-of.";
    MemberOf "member-of" "mo" Syntax::MemberOf, "The set that the object wants to belong to.";
    Members "members" "ms" Syntax::Members, "What belongs to the set.";
    Method "method" "mh" Syntax::Generated, "The kind of the key. Set by the registry.";
    MntBy "mnt-by" "mb" Syntax::ObjectName, "The maintainer that may change the object.";
    MntDomains "mnt-domains" "md" Syntax::ObjectName, "The maintainer that may create reverse domains for the addresses.";
    MntIrt "mnt-irt" "mi" Syntax::Irt, "The incident response team of the network; that team must agree.";
    MntLower "mnt-lower" "ml" Syntax::ObjectName, "The maintainer that may create objects directly below.";
    MntNfy "mnt-nfy" "mn" Syntax::Mailbox, "Who is told when an object of this maintainer has changed.";
    MntRef "mnt-ref" "mz" Syntax::ObjectName, "The maintainer that may let others' objects refer to this one.";
    MntRoutes "mnt-routes" "mu" Syntax::MntRoutes, "The maintainer that may create routes for the addresses.";
    Mntner "mntner" "mt" Syntax::ObjectName, "The name of the maintainer.";
    MpDefault "mp-default" "ma" Syntax::Policy(Routing::Default), "The default routing policy, for any address family.";
    MpExport "mp-export" "me" Syntax::Policy(Routing::Export), "Which routes of any address family are announced to whom.";
    MpFilter "mp-filter" "mf" Syntax::Policy(Routing::Filter), "The filter for routes of any address family.";
    MpImport "mp-import" "my" Syntax::Policy(Routing::Import), "Which routes of any address family are accepted from whom.";
    MpMembers "mp-members" "mm" Syntax::MpMembers, "What belongs to the set, of any address family.";
    MpPeer "mp-peer" "mp" Syntax::Policy(Routing::Peer), "A peering of the router, of any address family.";
    MpPeering "mp-peering" "mg" Syntax::Policy(Routing::Peering), "A peering of the set, of any address family.";
    Netname "netname" "na" Syntax::Netname, "The name of the network.";
    NicHdl "nic-hdl" "nh" Syntax::NicHandle, "The handle of the person or role.";
    Notify "notify" "ny" Syntax::Mailbox, "Who is told when the object has changed.";
    Nserver "nserver" "ns" Syntax::NameServer, "A name server of the domain.";
    Org "org" "og" Syntax::Organisation, "The organisation that holds the resource.";
    OrgName "org-name" "on" Syntax::OrgName, "The name of the organisation.";
    OrgType "org-type" "ot" Syntax::OrgType, "The kind of the organisation.";
    Organisation "organisation" "oa" Syntax::Organisation, "The handle of the organisation.";
    Origin "origin" "or" Syntax::AsNumber, "The AS that announces the route.";
    Owner "owner" "ow" Syntax::Generated, "The owner of the key, as the key says. Set by the registry.";
    Peer "peer" "pe" Syntax::Policy(Routing::Peer), "A peering of the router.";
    Peering "peering" "pg" Syntax::Policy(Routing::Peering), "A peering of the set.";
    PeeringSet "peering-set" "ps" Syntax::Set(SetKind::Peering), "The name of a set of peerings.";
    Person "person" "pn" Syntax::PersonName, "The name of the person.";
    Phone "phone" "ph" Syntax::Phone, "The telephone number.";
    PingHdl "ping-hdl" "pc" Syntax::NicHandle, "The person or role to ask about the pingable address.";
    Pingable "pingable" "pa" Syntax::Address, "An address within the route that answers pings.";
    Poem "poem" "po" Syntax::Poem, "The name of the poem.";
    PoeticForm "poetic-form" "pf" Syntax::PoeticForm, "The name of the poetic form.";
    Prefixlen "prefixlen" "pl" Syntax::HttpsUrl, "Where the file that says how the prefix is divided lies.";
    RefNfy "ref-nfy" "rn" Syntax::Mailbox, "Who is told when an object begins or ceases to refer to the organisation.";
    RegNr "reg-nr" "re" Syntax::FreeText, "The organisation's number in the register of its country.";
    Remarks "remarks" "rm" Syntax::FreeText, "Remarks.";
    Role "role" "ro" Syntax::OrgName, "The name of the role.";
    Route "route" "rt" Syntax::Prefix4, "The prefix that is announced.";
    RouteSet "route-set" "rs" Syntax::Set(SetKind::Route), "The name of a set of routes.";
    Route6 "route6" "r6" Syntax::Prefix6, "The prefix of IPv6 that is announced.";
    RtrSet "rtr-set" "is" Syntax::Set(SetKind::Router), "The name of a set of routers.";
    Signature "signature" "sg" Syntax::KeyCert, "The key that the team signs with.";
    Source "source" "so" Syntax::Source, "The registry that the object belongs to.";
    SponsoringOrg "sponsoring-org" "sp" Syntax::Organisation, "The organisation through which the resource was obtained.";
    Status "status" "st" Syntax::Status, "The state of the resource in the hierarchy.";
    TechC "tech-c" "tc" Syntax::NicHandle, "The person or role to ask about technical matters.";
    Text "text" "tx" Syntax::FreeText, "The poem itself.";
    UpdTo "upd-to" "dt" Syntax::Mailbox, "Who is told when a change was tried without authorisation.";
    ZoneC "zone-c" "zc" Syntax::NicHandle, "The person or role to ask about the zone.";
}

impl AttributeName {
    /// Reads a long or short name, in any case (`mnt-irt`, `MI`).
    pub fn parse(name: &str) -> Option<Self> {
        Self::long(name).or_else(|| {
            let at = FACTS.iter().position(|facts| facts.short.eq_ignore_ascii_case(name))?;
            Self::ALL.get(at).copied()
        })
    }

    /// Reads a long name, in any case.
    pub fn long(name: &str) -> Option<Self> {
        let folded = |byte: u8| byte.to_ascii_lowercase();
        let at = FACTS.binary_search_by(|facts| facts.name.bytes().cmp(name.bytes().map(folded)));
        at.ok().and_then(|at| Self::ALL.get(at).copied())
    }

    /// The name as it stands in objects: lower case.
    pub fn as_str(self) -> &'static str {
        self.facts().name
    }

    /// The short name: of two letters, but for `con`.
    pub fn short(self) -> &'static str {
        self.facts().short
    }

    /// What a value must look like.
    pub fn syntax(self) -> Syntax {
        self.facts().syntax
    }

    /// One sentence on what the attribute is for.
    pub fn about(self) -> &'static str {
        self.facts().about
    }

    /// Whether one attribute may hold several values, separated by commas. RIPE's list; `admin-c` and its
    /// like, of which old objects hold several, are not in it.
    pub fn is_list(self) -> bool {
        use AttributeName as A;
        matches!(
            self,
            A::Form
                | A::Holes
                | A::MbrsByRef
                | A::MemberOf
                | A::Members
                | A::MntBy
                | A::MntDomains
                | A::MntIrt
                | A::MntLower
                | A::MntRef
                | A::MpMembers
        )
    }

    /// The classes that a value names, as `mnt-irt` names an `irt`. Empty where it names no object, and for
    /// `members`, whose names need not exist.
    pub fn references(self) -> &'static [&'static str] {
        use AttributeName as A;
        match self {
            A::AbuseC => &["role"],
            A::AdminC | A::Author | A::PingHdl | A::TechC | A::ZoneC => &["person", "role"],
            A::Auth | A::Encryption | A::Signature => &["key-cert"],
            A::Form => &["poetic-form"],
            A::MntIrt => &["irt"],
            A::MbrsByRef | A::MntBy | A::MntDomains | A::MntLower | A::MntRef | A::MntRoutes => &["mntner"],
            A::MemberOf => &["as-set", "route-set", "rtr-set"],
            A::Org | A::SponsoringOrg => &["organisation"],
            _ => &[],
        }
    }

    fn facts(self) -> &'static Facts {
        // Both tables come from one list, so that the number of the variant is the place of its facts.
        &FACTS[self as usize]
    }
}

impl fmt::Display for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_is_found_by_both_of_its_names_in_any_case() {
        for &attribute in AttributeName::ALL {
            assert_eq!(AttributeName::long(&attribute.as_str().to_uppercase()), Some(attribute));
            assert_eq!(AttributeName::parse(&attribute.short().to_uppercase()), Some(attribute));
        }
        assert_eq!(AttributeName::parse("mi"), Some(AttributeName::MntIrt));
        assert_eq!(AttributeName::parse("mnt-xyz"), None);
        assert_eq!(AttributeName::long("mi"), None);
    }
}
