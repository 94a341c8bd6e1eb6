use crate::error::{Error, Notes};
use crate::handle::Handle;
use crate::object::Object;
use crate::view::{Auth, KeyReference, Registration, fields, key, mailbox};

/// An `irt` object: the incident response team that ranges of addresses name in `mnt-irt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Irt {
    /// The team's handle (`IRT-EXAMPLE`).
    pub name: Handle,
    /// `address`, line by line.
    pub address: Vec<String>,
    /// `phone`, as written.
    pub phones: Vec<String>,
    /// `fax-no`, as written.
    pub fax: Vec<String>,
    /// `e-mail`.
    pub emails: Vec<String>,
    /// `abuse-mailbox` (APNIC).
    pub abuse_mailboxes: Vec<String>,
    /// `contact`: other ways to reach the team, as URIs (RIPE, since 2025).
    pub contact: Vec<String>,
    /// `signature`: the keys that the team signs with.
    pub signature: Vec<KeyReference>,
    /// `encryption`: the keys to encrypt to.
    pub encryption: Vec<KeyReference>,
    /// `auth`: who may attach the team to a range.
    pub auth: Vec<Auth>,
    /// `irt-nfy`: who is told when a range takes up or drops the team.
    pub irt_nfy: Vec<String>,
    /// `org`.
    pub org: Option<Handle>,
    /// `admin-c`.
    pub admin_c: Vec<Handle>,
    /// `tech-c`.
    pub tech_c: Vec<Handle>,
    /// Who keeps the object.
    pub registration: Registration,
}

impl Irt {
    /// Reads an `irt` of any of the three shapes.
    ///
    /// # Errors
    /// Another class, or no usable name. The rest goes into `notes`.
    pub fn read(object: &Object<'_>, notes: &mut Notes) -> Result<Self, Error> {
        let mut irt = Self::named(fields::name(&fields::head(object, &["irt"], "irt")?)?);
        for line in object.lexer().skip(1) {
            let Some(attribute) = &fields::attribute(line, notes) else { continue };
            match attribute.name() {
                "address" => fields::lines(&mut irt.address, attribute, notes),
                "phone" => fields::texts(&mut irt.phones, attribute, notes),
                "fax-no" => fields::texts(&mut irt.fax, attribute, notes),
                "e-mail" => mailbox::mailboxes(&mut irt.emails, attribute, notes),
                "abuse-mailbox" => mailbox::mailboxes(&mut irt.abuse_mailboxes, attribute, notes),
                "contact" => fields::texts(&mut irt.contact, attribute, notes),
                "signature" => key::keys(&mut irt.signature, attribute, notes),
                "encryption" => key::keys(&mut irt.encryption, attribute, notes),
                "auth" => key::auth(&mut irt.auth, attribute, notes),
                "irt-nfy" => mailbox::mailboxes(&mut irt.irt_nfy, attribute, notes),
                "org" => fields::handle(&mut irt.org, attribute, notes),
                "admin-c" => fields::people(&mut irt.admin_c, attribute, notes),
                "tech-c" => fields::people(&mut irt.tech_c, attribute, notes),
                _ => irt.registration.take(attribute, notes),
            }
        }
        Ok(irt)
    }

    /// Where to write to: `abuse-mailbox` before `e-mail`, each address once.
    pub fn mailboxes(&self) -> Vec<&str> {
        let mut mailboxes: Vec<&str> = Vec::new();
        for mailbox in self.abuse_mailboxes.iter().chain(&self.emails) {
            if !mailboxes.iter().any(|known| known.eq_ignore_ascii_case(mailbox)) {
                mailboxes.push(mailbox);
            }
        }
        mailboxes
    }

    fn named(name: Handle) -> Self {
        Self {
            name,
            address: Vec::new(),
            phones: Vec::new(),
            fax: Vec::new(),
            emails: Vec::new(),
            abuse_mailboxes: Vec::new(),
            contact: Vec::new(),
            signature: Vec::new(),
            encryption: Vec::new(),
            auth: Vec::new(),
            irt_nfy: Vec::new(),
            org: None,
            admin_c: Vec::new(),
            tech_c: Vec::new(),
            registration: Registration::default(),
        }
    }
}
