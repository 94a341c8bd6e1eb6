//! The syntaxes of values: which there are, and their description for people. What they demand is in
//! [`crate::check`].

/// What a value must look like. Some depend on the class: the set of `member-of`, the words of `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Syntax {
    /// Anything printable.
    FreeText,
    /// What the registry sets by itself.
    Generated,
    /// `192.0.2.0 - 192.0.2.255`.
    Range4,
    /// `2001:db8::/32`.
    Range6,
    /// `192.0.2.0/24`, of a route.
    Prefix4,
    /// `2001:db8::/32`, of a route.
    Prefix6,
    /// One address of either family.
    Address,
    /// Prefixes within the route.
    Holes,
    /// `AS64496`.
    AsNumber,
    /// `AS64496 - AS64511`.
    AsBlock,
    /// The name of a set, with or without a hierarchy (`AS64496:AS-CUSTOMERS`).
    Set(SetKind),
    /// The name of a set of the kind that the class can join.
    MemberOf,
    /// Members of a set, of IPv4.
    Members,
    /// Members of a set, of any family.
    MpMembers,
    /// A maintainer's name, or `ANY`.
    MembersByReference,
    /// A name of letters, digits, `-`, `_` that is no reserved word.
    ObjectName,
    /// A maintainer's name and the prefixes that it stands for.
    MntRoutes,
    /// `IRT-…`.
    Irt,
    /// `EX1-TEST`.
    NicHandle,
    /// `ORG-EX1-TEST`.
    Organisation,
    /// The name of a network.
    Netname,
    /// The name of a registry.
    Source,
    /// Two to ten words.
    PersonName,
    /// One to thirty words.
    OrgName,
    /// `LIR`, `OTHER`, …
    OrgType,
    /// A mail address.
    Mailbox,
    /// `+386 1 555 01 00`.
    Phone,
    /// Two letters (ISO 3166), or `EU`.
    Country,
    /// Two letters (ISO 639-1).
    Language,
    /// An address on the web, by https.
    HttpsUrl,
    /// Latitude and longitude.
    Location,
    /// Any URI with a scheme.
    Uri,
    /// The name of a `key-cert`.
    KeyCert,
    /// How to authorise.
    Auth,
    /// A line of a key block.
    Certif,
    /// A mail address and a day.
    Changed,
    /// One of the words of the class.
    Status,
    /// A number.
    Number,
    /// The name of a domain, forward or reverse.
    Domain,
    /// The name of a host and perhaps its address.
    NameServer,
    /// Key tag, algorithm, digest type, digest.
    DsRecord,
    /// The name of a host.
    HostName,
    /// The name of a router, which may have `_`.
    RouterName,
    /// `POEM-…`.
    Poem,
    /// `FORM-…`.
    PoeticForm,
    /// Routing policy (RFC 2622, RFC 4012): only looked at loosely.
    Policy(Routing),
}

/// The kinds of sets, which are told by the first letters of their names (RFC 2622 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetKind {
    /// `AS-…`
    As,
    /// `RS-…`
    Route,
    /// `RTRS-…`
    Router,
    /// `FLTR-…`
    Filter,
    /// `PRNG-…`
    Peering,
}

impl SetKind {
    /// The first letters, in upper case: `AS-`.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::As => "AS-",
            Self::Route => "RS-",
            Self::Router => "RTRS-",
            Self::Filter => "FLTR-",
            Self::Peering => "PRNG-",
        }
    }
}

/// The expressions of routing policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the names are those of RFC 2622 and RFC 4012
pub enum Routing {
    AggregationMethod,
    AsExpression,
    Components,
    Default,
    Export,
    ExportVia,
    Filter,
    Import,
    ImportVia,
    Inject,
    Interface,
    InterfaceAddress,
    Peer,
    Peering,
}

impl Syntax {
    /// What a value looks like, for people; one or two lines.
    pub fn about(self, class: &str) -> &'static str {
        match self {
            Self::FreeText => "Free text.",
            Self::Generated => "Set by the registry; leave it out.",
            Self::Range4 => "<ipv4-address> - <ipv4-address>, or <ipv4-address>/<length>",
            Self::Range6 | Self::Prefix6 => "<ipv6-address>/<length>",
            Self::Prefix4 => "<ipv4-address>/<length>, with all four numbers",
            Self::Address => "<ipv4-address> or <ipv6-address>",
            Self::Holes if class == "route6" => "A list of <ipv6-address>/<length> within the route",
            Self::Holes => "A list of <ipv4-address>/<length> within the route",
            Self::AsNumber => "AS and a number from 0 to 4294967295",
            Self::AsBlock => "<as-number> - <as-number>",
            Self::Set(kind) => match kind {
                SetKind::As => "AS-<name>, or names and AS numbers joined by colons (AS64496:AS-NAME)",
                SetKind::Route => "RS-<name>, or names and AS numbers joined by colons (AS64496:RS-NAME)",
                SetKind::Router => "RTRS-<name>, or names and AS numbers joined by colons",
                SetKind::Filter => "FLTR-<name>, or names and AS numbers joined by colons",
                SetKind::Peering => "PRNG-<name>, or names and AS numbers joined by colons",
            },
            Self::MemberOf => match class {
                "aut-num" => "A list of as-set names",
                "inet-rtr" => "A list of rtr-set names",
                _ => "A list of route-set names",
            },
            Self::Members | Self::MpMembers => match class {
                "as-set" => "A list of AS numbers and as-set names",
                "rtr-set" => "A list of router names, rtr-set names and addresses",
                _ => {
                    "A list of prefixes, route-set names, AS numbers and as-set names,\nwhich a range operator such as ^24-26 may follow"
                }
            },
            Self::MembersByReference => "A list of maintainers, or ANY",
            Self::ObjectName => {
                "Letters, digits, - and _, from 2 to 80; the first is a letter, the last a letter\nor digit; no reserved word of RPSL"
            }
            Self::MntRoutes => "<maintainer> and perhaps { <list of prefixes> } or ANY",
            Self::Irt => "IRT- and letters, digits, - and _; the last is a letter or digit",
            Self::NicHandle => {
                "2 to 4 letters, a number of up to 6 digits, - and the registry (EX1-TEST);\nAUTO-1 lets the registry choose"
            }
            Self::Organisation => {
                "ORG-, 2 to 4 letters, a number, - and the registry (ORG-EX1-TEST);\nAUTO-1 lets the registry choose"
            }
            Self::Netname => {
                "Letters, digits, - and _, up to 80; the first is a letter, the last a letter or digit"
            }
            Self::Source => {
                "Letters, digits, - and _, from 2 to 80; the first is a letter, the last a letter or digit"
            }
            Self::PersonName => {
                "2 to 10 words of letters, digits and . ` ' _ -; the first and one other begin\nwith a letter"
            }
            Self::OrgName => "1 to 30 words of letters, digits and ] [ ) ( . _ \" * @ , & : ! ' ` + / -",
            Self::OrgType => "IANA, RIR, NIR, LIR, DIRECT_ASSIGNMENT or OTHER",
            Self::Mailbox => "name@domain",
            Self::Phone => "+ and numbers, up to 30 characters (+386 1 555 01 00); an extension as ext. 12",
            Self::Country => "Two letters (ISO 3166), or EU",
            Self::Language => "Two letters (ISO 639-1)",
            Self::HttpsUrl => "https://…",
            Self::Location => "Latitude from -90 to 90 and longitude from -180 to 180, in degrees",
            Self::Uri => "A URI with its scheme (https:, sip:, tel:, …)",
            Self::KeyCert => {
                "PGPKEY- and the whole fingerprint of 40 or 64 hexadecimal digits (8 or 16 digits\nare an alias), or X509-<number>; AUTO-1 lets the registry choose"
            }
            Self::Auth => "PGPKEY-<fingerprint>, X509-<number> or SSO <account>; passwords are not taken",
            Self::Certif => {
                "The lines of the key as exported, with its first and last line; each in an attribute\nof its own, or all in one with continuation lines"
            }
            Self::Changed => "<mail address> <YYYYMMDD>",
            Self::Status => match class {
                "inetnum" => {
                    "ALLOCATED PA, ALLOCATED UNSPECIFIED, ALLOCATED-ASSIGNED PA, LIR-PARTITIONED PA,\nSUB-ALLOCATED PA, AGGREGATED-BY-LIR, ASSIGNED PA, ASSIGNED PI, ASSIGNED ANYCAST\nor LEGACY"
                }
                "inet6num" => {
                    "ALLOCATED-BY-RIR, ALLOCATED-BY-LIR, AGGREGATED-BY-LIR, ASSIGNED, ASSIGNED ANYCAST\nor ASSIGNED PI"
                }
                _ => "ASSIGNED, LEGACY or OTHER; set by the registry",
            },
            Self::Number => "A number",
            Self::Domain => {
                "The name of a domain (RFC 1034), up to 254 characters; for reverse domains under\nin-addr.arpa and ip6.arpa the numbers must be right"
            }
            Self::NameServer => {
                "The name of a host, and perhaps its address when it lies in the domain itself"
            }
            Self::DsRecord => "<key tag> <algorithm> <digest type> <digest in hexadecimal digits> (RFC 4034)",
            Self::HostName => "The name of a host (RFC 1034), up to 254 characters",
            Self::RouterName => "The name of a host (RFC 1034), which may have _, up to 254 characters",
            Self::Poem => "POEM- and letters, digits, - and _",
            Self::PoeticForm => "FORM- and letters, digits, - and _",
            Self::Policy(routing) => routing.about(),
        }
    }
}

impl Routing {
    fn about(self) -> &'static str {
        match self {
            Self::AggregationMethod => "inbound, or outbound [<as-expression>]",
            Self::AsExpression => "[<as-expression>]",
            Self::Components => "[ATOMIC] [[<filter>] [protocol <protocol> <filter> …]]",
            Self::Default => "[afi <afi-list>] to <peering> [action <action>] [networks <filter>]",
            Self::Export => {
                "[protocol <protocol>] [into <protocol>] [afi <afi-list>]\nto <peering> [action <action>] … announce <filter>"
            }
            Self::ExportVia => {
                "[protocol <protocol>] [into <protocol>] [afi <afi-list>]\n<peering> to <peering> [action <action>] … announce <filter>"
            }
            Self::Filter => "An expression over routes (RFC 2622 section 5.4)",
            Self::Import => {
                "[protocol <protocol>] [into <protocol>] [afi <afi-list>]\nfrom <peering> [action <action>] … accept <filter>"
            }
            Self::ImportVia => {
                "[protocol <protocol>] [into <protocol>] [afi <afi-list>]\n<peering> from <peering> [action <action>] … accept <filter>"
            }
            Self::Inject => "[at <router-expression>] [action <action>] [upon <condition>]",
            Self::Interface => {
                "[afi <afi>] <address> masklen <length> [action <action>] [tunnel <address>,<encapsulation>]"
            }
            Self::InterfaceAddress => "<ipv4-address> masklen <length> [action <action>]",
            Self::Peer => "<protocol> [afi <afi>] <address or router or set> [<options>]",
            Self::Peering => "<as-expression> [<router>] [at <router>], or the name of a peering-set",
        }
    }
}
