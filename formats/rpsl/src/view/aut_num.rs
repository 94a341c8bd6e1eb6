use crate::error::{Error, Notes};
use crate::handle::Handle;
use crate::object::Object;
use crate::range::parse_as_number;
use crate::view::{Registration, fields};

/// An `aut-num` object: who runs an autonomous system. Routing policy is passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutNum {
    /// The AS number.
    pub asn: u32,
    /// `as-name`.
    pub as_name: Option<String>,
    /// `descr`, line by line.
    pub descr: Vec<String>,
    /// `country` (APNIC), as written (two letters).
    pub country: Vec<String>,
    /// `org`: the holder.
    pub org: Option<Handle>,
    /// `sponsoring-org`.
    pub sponsoring_org: Option<Handle>,
    /// `abuse-c`: the role with the abuse mailbox.
    pub abuse_c: Option<Handle>,
    /// `mnt-irt` (APNIC): the incident response teams.
    pub mnt_irt: Vec<Handle>,
    /// `admin-c`.
    pub admin_c: Vec<Handle>,
    /// `tech-c`.
    pub tech_c: Vec<Handle>,
    /// Who keeps the object.
    pub registration: Registration,
}

impl AutNum {
    /// Reads an `aut-num`.
    ///
    /// # Errors
    /// Another class, or a key that is no AS number.
    pub fn read(object: &Object<'_>, notes: &mut Notes) -> Result<Self, Error> {
        let head = fields::head(object, &["aut-num"], "aut-num")?;
        let why = || fields::not("an AS number such as AS64496", &head.value());
        let asn = parse_as_number(&head.value()).ok_or_else(|| Error::of(head.name(), head.line(), why()))?;
        let mut aut_num = Self::numbered(asn);
        for line in object.lexer().skip(1) {
            let Some(attribute) = &fields::attribute(line, notes) else { continue };
            match attribute.name() {
                "as-name" => fields::text(&mut aut_num.as_name, attribute, notes),
                "descr" => fields::lines(&mut aut_num.descr, attribute, notes),
                "country" => fields::texts(&mut aut_num.country, attribute, notes),
                "org" => fields::handle(&mut aut_num.org, attribute, notes),
                "sponsoring-org" => fields::handle(&mut aut_num.sponsoring_org, attribute, notes),
                "abuse-c" => fields::handle(&mut aut_num.abuse_c, attribute, notes),
                "mnt-irt" => fields::handles(&mut aut_num.mnt_irt, attribute, notes),
                "admin-c" => fields::people(&mut aut_num.admin_c, attribute, notes),
                "tech-c" => fields::people(&mut aut_num.tech_c, attribute, notes),
                _ => aut_num.registration.take(attribute, notes),
            }
        }
        Ok(aut_num)
    }

    fn numbered(asn: u32) -> Self {
        Self {
            asn,
            as_name: None,
            descr: Vec::new(),
            country: Vec::new(),
            org: None,
            sponsoring_org: None,
            abuse_c: None,
            mnt_irt: Vec::new(),
            admin_c: Vec::new(),
            tech_c: Vec::new(),
            registration: Registration::default(),
        }
    }
}
