//! Who is responsible, and how we know.

mod detail;
mod network;
mod resolve;
#[cfg(test)]
mod tests;
mod view;

use std::net::IpAddr;
use std::sync::Arc;

use kit::named;
use serde::Serialize;
use utoipa::ToSchema;

use crate::index::Netname;

pub use network::range_text;
pub(crate) use network::{prefixes, push_address, push_range};
pub(crate) use resolve::Found;
pub(crate) use view::View;

named! {
    /// What was asked.
    pub enum Asked {
        /// One address.
        Address = "address",
        /// A range of addresses.
        Range = "range",
        /// A domain name.
        Domain = "domain",
        /// An AS number.
        AsNumber = "as",
    }
}

named! {
    /// By what the answer was found.
    pub enum Basis {
        /// A network names an incident response team.
        Irt = "irt",
        /// No network names a team, but one, or its organisation, has an abuse contact.
        AbuseContact = "abuse-c",
        /// The registry knows nobody; a team of the directory counts it among its constituency.
        Claim = "claim",
        /// Nobody was found.
        Nobody = "nobody",
    }
}

named! {
    /// What one step of a chain is.
    pub enum StepKind {
        /// The address asked for.
        Address = "address",
        /// The range asked for.
        Range = "range",
        /// The name asked for.
        Domain = "domain",
        /// The most specific IPv4 network.
        Inetnum = "inetnum",
        /// The most specific IPv6 network.
        Inet6num = "inet6num",
        /// The object of an AS number.
        AutNum = "aut-num",
        /// No object was found.
        NoObject = "not in the registry",
        /// The object before names no team.
        NoIrt = "no mnt-irt",
        /// The object before names only teams that nothing is known of.
        UnknownIrt = "unknown mnt-irt",
        /// No network up to the largest names a team.
        NoIrtAtAll = "no mnt-irt up to the top",
        /// A network around it.
        Above = "above it",
        /// The name of the team in the network's object.
        MntIrt = "mnt-irt",
        /// The team's object.
        Irt = "irt",
        /// The organisation of the network.
        Org = "org",
        /// The role that answers for abuse.
        AbuseC = "abuse-c",
        /// Its mailbox.
        AbuseMailbox = "abuse-mailbox",
        /// What a team counts among its constituency.
        Claim = "constituency",
        /// The team in the directory.
        Team = "team",
        /// Nobody is responsible.
        Nobody = "nobody",
    }
}

impl StepKind {
    /// Whether something is missing at this step.
    pub fn is_gap(self) -> bool {
        matches!(self, Self::NoObject | Self::NoIrt | Self::UnknownIrt | Self::NoIrtAtAll | Self::Nobody)
    }
}

/// One step of the chain by which the answer was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
pub struct Step {
    /// What it is.
    #[schema(value_type = String, example = "mnt-irt")]
    pub kind: StepKind,
    /// What stands there: an address, a network, an object's name. Empty for a gap.
    pub key: String,
    /// A remark; empty when there is none.
    pub note: String,
}

/// A network around what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Network {
    /// The range: a prefix, or both ends when it is none.
    #[schema(example = "192.0.2.0/25")]
    pub range: String,
    /// Its first address.
    #[schema(value_type = String)]
    pub first: IpAddr,
    /// Its last address.
    #[schema(value_type = String)]
    pub last: IpAddr,
    /// `netname`.
    pub netname: String,
    /// `status`, such as `ASSIGNED PA`.
    pub status: String,
    /// Two letters.
    pub country: String,
    /// The teams it names.
    pub mnt_irt: Vec<String>,
    /// The registry.
    pub source: String,
    /// Whether the answer comes from this network.
    pub found: bool,
    /// Row of the object; 0 when it came from a file.
    #[serde(skip)]
    pub row: i64,
}

/// The `irt` object that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IrtView {
    /// Its name.
    #[schema(example = "IRT-EXAMPLE")]
    pub name: String,
    /// The registry; empty when a network names it, but no such object exists.
    pub source: String,
    /// Where to write to, the best first.
    pub mailboxes: Vec<String>,
    /// Telephone numbers, as written.
    pub phones: Vec<String>,
    /// Names of the keys to encrypt to.
    pub encryption: Vec<String>,
    /// Names of the keys it signs with.
    pub signature: Vec<String>,
    /// Row of the object; 0 when there is none.
    #[serde(skip)]
    pub row: i64,
}

/// A team of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TeamView {
    /// Its handle in the directory.
    #[schema(example = "skerry")]
    pub handle: String,
    /// Its name.
    pub name: String,
    /// Its trust status: `listed`, `candidate`, `accredited`, `certified`, `suspended`, `withdrawn`, `not listed`.
    #[schema(example = "accredited")]
    pub trust: String,
    /// Country, two letters.
    pub country: String,
    /// Where it wants incident reports.
    pub report_to: Option<String>,
    /// Its telephone number for emergencies.
    pub emergency: Option<String>,
    /// How it wants to be told, the preferred way first.
    pub channels: Vec<String>,
    /// Languages (ISO 639-1), the preferred one first.
    pub languages: Vec<String>,
    /// Whether this node runs its desk.
    pub own: bool,
}

/// The key to encrypt to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyView {
    /// Its fingerprint: hexadecimal digits.
    pub fingerprint: String,
    /// `directory` or `registry`. Of the latter nobody has looked into the key itself.
    pub from: String,
}

/// Whom to write to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Contact {
    /// Name of the team, organisation or role.
    pub name: String,
    /// The mail address.
    pub address: String,
    /// Where the address stands: `directory`, or an object such as `irt IRT-EXAMPLE`.
    pub source: String,
    /// Whether and when somebody answered there, where this node's own registry knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<crate::ContactState>,
}

/// Who is responsible for a resource, and how we know.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Answer {
    /// What was asked, in its canonical form.
    #[schema(example = "192.0.2.77")]
    pub asked: String,
    /// What kind of thing that is.
    #[schema(value_type = String, example = "address")]
    pub kind: Asked,
    /// By what the answer was found.
    #[schema(value_type = String, example = "irt")]
    pub basis: Basis,
    /// The steps by which it was found, the first one first.
    pub chain: Vec<Step>,
    /// The networks around it, the largest first.
    pub networks: Vec<Network>,
    /// The team's object in the registry.
    pub irt: Option<IrtView>,
    /// Other teams that the same network names.
    pub other_irts: Vec<String>,
    /// The team in the directory.
    pub team: Option<TeamView>,
    /// Whom to write to; without one nobody was found.
    pub contact: Option<Contact>,
    /// The key to encrypt to.
    pub key: Option<KeyView>,
    /// Teams of the directory that count it among their constituency although the registry names another.
    pub claimed_by: Vec<String>,
    /// Country of the most specific network that tells one.
    pub country: String,
    /// Name of the most specific network, or of the AS.
    pub netname: String,
    /// The team itself, with its keys.
    #[serde(skip)]
    #[schema(ignore)]
    pub record: Option<Arc<teams::Team>>,
}

impl Answer {
    /// The answer with what `reader` may see of the team's record, such as its emergency number.
    pub fn seen_by(mut self, reader: &teams::Reader) -> Self {
        if let (Some(view), Some(record)) = (&mut self.team, &self.record) {
            *view = TeamView::seen(&reader.sees(record));
        }
        self
    }

    /// Rows of the objects that it rests on, for [`crate::Registry::records`]: the network, and the team's object.
    pub fn rows(&self) -> Vec<i64> {
        let network = self.networks.iter().find(|network| network.found).or(self.networks.last());
        let rows = [network.map(|network| network.row), self.irt.as_ref().map(|irt| irt.row)];
        rows.into_iter().flatten().filter(|row| *row != 0).collect()
    }

    /// Why this network and not another, in a sentence or two for people.
    pub fn summary(&self) -> String {
        detail::summary(self)
    }
}

/// The answer for one address without its reasons: what a list of thousands shows.
#[derive(Debug, Clone, Copy)]
pub struct Brief<'a> {
    /// By what it was found.
    pub basis: Basis,
    /// The team in the directory.
    pub team: Option<&'a TeamView>,
    /// The name of its object in the registry.
    pub irt: Option<&'a str>,
    /// Whom to write to.
    pub contact: Option<&'a str>,
    /// The fingerprint of the key to encrypt to.
    pub fingerprint: Option<&'a str>,
    /// First and last address of the network that the answer comes from, or of the most specific.
    pub network: Option<(IpAddr, IpAddr)>,
    /// Country of the most specific network that tells one.
    pub country: &'a str,
    /// Name of the most specific network.
    pub netname: Netname,
}
