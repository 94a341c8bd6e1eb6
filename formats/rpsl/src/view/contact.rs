use crate::error::{Error, Notes, Why};
use crate::handle::Handle;
use crate::object::Object;
use crate::view::{Registration, fields, mailbox};

/// Which of the two classes a [`Contact`] was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactKind {
    /// `person`: a human being; personal data.
    Person,
    /// `role`: a function, such as an abuse desk; `abuse-c` points at these.
    Role,
}

/// A `person` or `role` object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[doc(alias = "person")]
#[doc(alias = "role")]
pub struct Contact {
    /// Person or role.
    pub kind: ContactKind,
    /// `nic-hdl`, by which others refer to it.
    pub nic_hdl: Handle,
    /// The name.
    pub name: String,
    /// `address`, line by line.
    pub address: Vec<String>,
    /// `phone`, as written.
    pub phones: Vec<String>,
    /// `fax-no`, as written.
    pub fax: Vec<String>,
    /// `e-mail`.
    pub emails: Vec<String>,
    /// `abuse-mailbox`: where complaints go.
    pub abuse_mailboxes: Vec<String>,
    /// `contact`: other ways, as URIs.
    pub contact: Vec<String>,
    /// `org`.
    pub org: Option<Handle>,
    /// `admin-c`, of a role.
    pub admin_c: Vec<Handle>,
    /// `tech-c`, of a role.
    pub tech_c: Vec<Handle>,
    /// Who keeps the object.
    pub registration: Registration,
}

impl Contact {
    /// Reads a `person` or `role`.
    ///
    /// # Errors
    /// Another class, or no usable `nic-hdl`, without which nothing refers to it.
    pub fn read(object: &Object<'_>, notes: &mut Notes) -> Result<Self, Error> {
        let head = fields::head(object, &["person", "role"], "person or role")?;
        let missing = || Error::of("nic-hdl", object.line(), Why::Missing);
        let nic_hdl = fields::name(&object.get("nic-hdl").ok_or_else(missing)?)?;
        let kind = if head.name() == "person" { ContactKind::Person } else { ContactKind::Role };
        let mut contact = Self::new(kind, nic_hdl, head.value().into_owned());
        for line in object.lexer().skip(1) {
            let Some(attribute) = &fields::attribute(line, notes) else { continue };
            match attribute.name() {
                "address" => fields::lines(&mut contact.address, attribute, notes),
                "phone" => fields::texts(&mut contact.phones, attribute, notes),
                "fax-no" => fields::texts(&mut contact.fax, attribute, notes),
                "e-mail" => mailbox::mailboxes(&mut contact.emails, attribute, notes),
                "abuse-mailbox" => mailbox::mailboxes(&mut contact.abuse_mailboxes, attribute, notes),
                "contact" => fields::texts(&mut contact.contact, attribute, notes),
                "org" => fields::handle(&mut contact.org, attribute, notes),
                "admin-c" => fields::people(&mut contact.admin_c, attribute, notes),
                "tech-c" => fields::people(&mut contact.tech_c, attribute, notes),
                _ => contact.registration.take(attribute, notes),
            }
        }
        Ok(contact)
    }

    fn new(kind: ContactKind, nic_hdl: Handle, name: String) -> Self {
        Self {
            kind,
            nic_hdl,
            name,
            address: Vec::new(),
            phones: Vec::new(),
            fax: Vec::new(),
            emails: Vec::new(),
            abuse_mailboxes: Vec::new(),
            contact: Vec::new(),
            org: None,
            admin_c: Vec::new(),
            tech_c: Vec::new(),
            registration: Registration::default(),
        }
    }
}
