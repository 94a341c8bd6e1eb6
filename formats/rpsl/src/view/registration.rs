use crate::error::Notes;
use crate::handle::Handle;
use crate::object::Attribute;
use crate::view::{fields, mailbox};

/// What every object tells about itself: who keeps it, in which registry, since when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registration {
    /// `mnt-by`: the maintainers.
    pub mnt_by: Vec<Handle>,
    /// `mnt-ref`: the maintainers who may refer to it.
    pub mnt_ref: Vec<Handle>,
    /// `notify`: who is told of changes.
    pub notify: Vec<String>,
    /// `remarks`, line by line.
    pub remarks: Vec<String>,
    /// `changed`, the form before 2015: mail address and date (`YYYYMMDD`), as written.
    pub changed: Vec<String>,
    /// `created`, as written (RFC 3339).
    pub created: Option<String>,
    /// `last-modified`, as written (RFC 3339).
    pub last_modified: Option<String>,
    /// `source`: the registry.
    pub source: Option<Handle>,
    /// The registry left something out (`source: RIPE # Filtered`): missing mail addresses may exist.
    pub filtered: bool,
}

impl Registration {
    pub(super) fn take(&mut self, attribute: &Attribute<'_>, notes: &mut Notes) {
        match attribute.name() {
            "mnt-by" => fields::handles(&mut self.mnt_by, attribute, notes),
            "mnt-ref" => fields::handles(&mut self.mnt_ref, attribute, notes),
            "notify" => mailbox::mailboxes(&mut self.notify, attribute, notes),
            "remarks" => fields::lines(&mut self.remarks, attribute, notes),
            "changed" => fields::texts(&mut self.changed, attribute, notes),
            "created" => fields::text(&mut self.created, attribute, notes),
            "last-modified" => fields::text(&mut self.last_modified, attribute, notes),
            "source" => {
                fields::handle(&mut self.source, attribute, notes);
                self.filtered |=
                    attribute.comment().is_some_and(|note| note.eq_ignore_ascii_case("filtered"));
            }
            _ => {}
        }
    }
}
