use crate::error::{Error, Notes};
use crate::handle::Handle;
use crate::object::Object;
use crate::view::{Registration, fields, mailbox};

/// An `organisation` object. Its `abuse_c` answers for all ranges of the organisation that name no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// The handle (`ORG-EX1-TEST`).
    pub handle: Handle,
    /// `org-name`.
    pub name: Option<String>,
    /// `org-type`: `LIR`, `RIR`, `OTHER`, …
    pub org_type: Option<String>,
    /// `descr`, line by line.
    pub descr: Vec<String>,
    /// `address`, line by line.
    pub address: Vec<String>,
    /// `country` of the legal seat, as written (two letters).
    pub country: Option<String>,
    /// `phone`, as written.
    pub phones: Vec<String>,
    /// `fax-no`, as written.
    pub fax: Vec<String>,
    /// `e-mail`.
    pub emails: Vec<String>,
    /// `abuse-mailbox` (before 2013, and other registries).
    pub abuse_mailboxes: Vec<String>,
    /// `abuse-c`: the role with the abuse mailbox.
    pub abuse_c: Option<Handle>,
    /// `mnt-irt` (not at RIPE).
    pub mnt_irt: Vec<Handle>,
    /// `admin-c`.
    pub admin_c: Vec<Handle>,
    /// `tech-c`.
    pub tech_c: Vec<Handle>,
    /// Who keeps the object.
    pub registration: Registration,
}

impl Organisation {
    /// Reads an `organisation`.
    ///
    /// # Errors
    /// Another class, or no usable handle.
    pub fn read(object: &Object<'_>, notes: &mut Notes) -> Result<Self, Error> {
        let head = fields::head(object, &["organisation"], "organisation")?;
        let mut organisation = Self::named(fields::name(&head)?);
        for line in object.lexer().skip(1) {
            let Some(attribute) = &fields::attribute(line, notes) else { continue };
            match attribute.name() {
                "org-name" => fields::text(&mut organisation.name, attribute, notes),
                "org-type" => fields::text(&mut organisation.org_type, attribute, notes),
                "descr" => fields::lines(&mut organisation.descr, attribute, notes),
                "address" => fields::lines(&mut organisation.address, attribute, notes),
                "country" => fields::text(&mut organisation.country, attribute, notes),
                "phone" => fields::texts(&mut organisation.phones, attribute, notes),
                "fax-no" => fields::texts(&mut organisation.fax, attribute, notes),
                "e-mail" => mailbox::mailboxes(&mut organisation.emails, attribute, notes),
                "abuse-mailbox" => mailbox::mailboxes(&mut organisation.abuse_mailboxes, attribute, notes),
                "abuse-c" => fields::handle(&mut organisation.abuse_c, attribute, notes),
                "mnt-irt" => fields::handles(&mut organisation.mnt_irt, attribute, notes),
                "admin-c" => fields::people(&mut organisation.admin_c, attribute, notes),
                "tech-c" => fields::people(&mut organisation.tech_c, attribute, notes),
                _ => organisation.registration.take(attribute, notes),
            }
        }
        Ok(organisation)
    }

    fn named(handle: Handle) -> Self {
        Self {
            handle,
            name: None,
            org_type: None,
            descr: Vec::new(),
            address: Vec::new(),
            country: None,
            phones: Vec::new(),
            fax: Vec::new(),
            emails: Vec::new(),
            abuse_mailboxes: Vec::new(),
            abuse_c: None,
            mnt_irt: Vec::new(),
            admin_c: Vec::new(),
            tech_c: Vec::new(),
            registration: Registration::default(),
        }
    }
}
