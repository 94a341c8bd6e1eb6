use crate::error::{Error, Notes};
use crate::handle::Handle;
use crate::object::Object;
use crate::view::{Auth, Registration, fields, key, mailbox};

/// A `mntner` object: who may change the objects that name it in `mnt-by`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mntner {
    /// The handle (`EXAMPLE-MNT`).
    pub name: Handle,
    /// `descr`, line by line.
    pub descr: Vec<String>,
    /// `org`.
    pub org: Option<Handle>,
    /// `admin-c`.
    pub admin_c: Vec<Handle>,
    /// `tech-c`.
    pub tech_c: Vec<Handle>,
    /// `upd-to`: who is told when a change was refused.
    pub upd_to: Vec<String>,
    /// `mnt-nfy`: who is told when a change was made.
    pub mnt_nfy: Vec<String>,
    /// `auth`: how changes are authorised.
    pub auth: Vec<Auth>,
    /// `abuse-mailbox` (before 2013, and other registries).
    pub abuse_mailboxes: Vec<String>,
    /// Who keeps the object.
    pub registration: Registration,
}

impl Mntner {
    /// Reads a `mntner`.
    ///
    /// # Errors
    /// Another class, or no usable handle.
    pub fn read(object: &Object<'_>, notes: &mut Notes) -> Result<Self, Error> {
        let mut mntner = Self::named(fields::name(&fields::head(object, &["mntner"], "mntner")?)?);
        for line in object.lexer().skip(1) {
            let Some(attribute) = &fields::attribute(line, notes) else { continue };
            match attribute.name() {
                "descr" => fields::lines(&mut mntner.descr, attribute, notes),
                "org" => fields::handle(&mut mntner.org, attribute, notes),
                "admin-c" => fields::people(&mut mntner.admin_c, attribute, notes),
                "tech-c" => fields::people(&mut mntner.tech_c, attribute, notes),
                "upd-to" => mailbox::mailboxes(&mut mntner.upd_to, attribute, notes),
                "mnt-nfy" => mailbox::mailboxes(&mut mntner.mnt_nfy, attribute, notes),
                "auth" => key::auth(&mut mntner.auth, attribute, notes),
                "abuse-mailbox" => mailbox::mailboxes(&mut mntner.abuse_mailboxes, attribute, notes),
                _ => mntner.registration.take(attribute, notes),
            }
        }
        Ok(mntner)
    }

    fn named(name: Handle) -> Self {
        Self {
            name,
            descr: Vec::new(),
            org: None,
            admin_c: Vec::new(),
            tech_c: Vec::new(),
            upd_to: Vec::new(),
            mnt_nfy: Vec::new(),
            auth: Vec::new(),
            abuse_mailboxes: Vec::new(),
            registration: Registration::default(),
        }
    }
}
