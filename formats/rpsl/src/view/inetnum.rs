use crate::error::{Error, Notes};
use crate::handle::Handle;
use crate::object::Object;
use crate::range::{AddressRange, parse_inet6num, parse_inetnum};
use crate::view::{Registration, fields};

/// An `inetnum` or `inet6num` object: who holds a range of addresses, and which team answers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[doc(alias = "inet6num")]
pub struct Inetnum {
    /// The range; IPv4 for an `inetnum`, IPv6 for an `inet6num`.
    pub range: AddressRange,
    /// `netname`.
    pub netname: Option<String>,
    /// `descr`, line by line.
    pub descr: Vec<String>,
    /// `country`, as written (two letters).
    pub country: Vec<String>,
    /// `status`, such as `ASSIGNED PA`.
    pub status: Option<String>,
    /// `org`: the holder.
    pub org: Option<Handle>,
    /// `sponsoring-org`.
    pub sponsoring_org: Option<Handle>,
    /// `abuse-c`: the role with the abuse mailbox.
    pub abuse_c: Option<Handle>,
    /// `mnt-irt`: the incident response teams.
    pub mnt_irt: Vec<Handle>,
    /// `mnt-lower`: who may register ranges inside.
    pub mnt_lower: Vec<Handle>,
    /// `admin-c`.
    pub admin_c: Vec<Handle>,
    /// `tech-c`.
    pub tech_c: Vec<Handle>,
    /// Who keeps the object.
    pub registration: Registration,
}

impl Inetnum {
    /// Reads an `inetnum` or `inet6num`.
    ///
    /// # Errors
    /// Another class, or a key that is no range. The rest goes into `notes`.
    pub fn read(object: &Object<'_>, notes: &mut Notes) -> Result<Self, Error> {
        let head = fields::head(object, &["inetnum", "inet6num"], "inetnum")?;
        let parse = if head.name() == "inetnum" { parse_inetnum } else { parse_inet6num };
        let range =
            parse(&head.value()).map_err(|error| Error::of(head.name(), head.line(), error.into()))?;
        let mut inetnum = Self::over(range);
        for line in object.lexer().skip(1) {
            let Some(attribute) = &fields::attribute(line, notes) else { continue };
            match attribute.name() {
                "netname" => fields::text(&mut inetnum.netname, attribute, notes),
                "descr" => fields::lines(&mut inetnum.descr, attribute, notes),
                "country" => fields::texts(&mut inetnum.country, attribute, notes),
                "status" => fields::text(&mut inetnum.status, attribute, notes),
                "org" => fields::handle(&mut inetnum.org, attribute, notes),
                "sponsoring-org" => fields::handle(&mut inetnum.sponsoring_org, attribute, notes),
                "abuse-c" => fields::handle(&mut inetnum.abuse_c, attribute, notes),
                "mnt-irt" => fields::handles(&mut inetnum.mnt_irt, attribute, notes),
                "mnt-lower" => fields::handles(&mut inetnum.mnt_lower, attribute, notes),
                "admin-c" => fields::people(&mut inetnum.admin_c, attribute, notes),
                "tech-c" => fields::people(&mut inetnum.tech_c, attribute, notes),
                _ => inetnum.registration.take(attribute, notes),
            }
        }
        Ok(inetnum)
    }

    fn over(range: AddressRange) -> Self {
        Self {
            range,
            netname: None,
            descr: Vec::new(),
            country: Vec::new(),
            status: None,
            org: None,
            sponsoring_org: None,
            abuse_c: None,
            mnt_irt: Vec::new(),
            mnt_lower: Vec::new(),
            admin_c: Vec::new(),
            tech_c: Vec::new(),
            registration: Registration::default(),
        }
    }
}
