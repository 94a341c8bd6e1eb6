//! What happens at the incident desk.

use serde::{Deserialize, Serialize};

use crate::Event;

macro_rules! events {
    ($($(#[$meta:meta])* $name:ident $kind:literal $stream:literal { $($(#[$fmeta:meta])* $field:ident: $ty:ty,)* })+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Serialize, Deserialize)]
            pub struct $name {
                /// The identifier of what it happened to.
                pub id: String,
                $($(#[$fmeta])* pub $field: $ty,)*
            }

            impl Event for $name {
                const KIND: &'static str = $kind;

                fn stream(&self) -> String {
                    format!(concat!($stream, ":{}"), self.id)
                }
            }
        )+
    };
}

events! {
    /// A mail, or a program through the API, made a report.
    ReportReceived "incidents.report_received" "report" {
        /// `IR-…`
        number: String,
        /// The reporter's address.
        from: String,
        /// SHA-256 of the mail's bytes; empty for a report by API.
        original: String,
    }
    /// The same message came again.
    ReportRepeated "incidents.report_repeated" "report" {
        /// SHA-256 of the bytes as they came this time.
        original: String,
    }
    /// A report's status, owner or label changed.
    ReportChanged "incidents.report_changed" "report" {
        /// What was done, in words.
        words: String,
        /// The status before and after.
        status: (String, String),
    }
    /// A report was linked to an incident, or taken from it.
    ReportLinked "incidents.report_linked" "report" {
        /// `INC-…`
        incident: String,
        /// Linked, or taken away.
        linked: bool,
    }
    /// A mail joined a case, or a note was written.
    MessageAdded "incidents.message_added" "message" {
        /// The stream of the case.
        case: String,
        /// `mail`, `bounce`, `auto-reply`, `note`.
        kind: String,
        /// By what it was known to belong there: `reply address`, `references`, `subject tag`.
        by: String,
    }
    /// An incident was opened.
    IncidentOpened "incidents.incident_opened" "incident" {
        /// `INC-…`
        number: String,
        /// What it is called.
        title: String,
    }
    /// Something about an incident changed.
    IncidentChanged "incidents.incident_changed" "incident" {
        /// What was done, in words.
        words: String,
        /// The status before and after.
        status: (String, String),
    }
    /// A responsible contact was asked.
    InvestigationLaunched "incidents.investigation_launched" "investigation" {
        /// `INV-…`
        number: String,
        /// `INC-…`
        incident: String,
        /// The address asked.
        recipient: String,
        /// How many rows went out.
        addresses: u64,
        /// TLP label of the mail.
        tlp: String,
        /// Whether it was encrypted.
        encrypted: bool,
    }
    /// Something about an investigation changed.
    InvestigationChanged "incidents.investigation_changed" "investigation" {
        /// What was done, in words.
        words: String,
        /// The status before and after.
        status: (String, String),
    }
    /// What the relay or a notice said about a mail.
    DeliveryNoted "incidents.delivery_noted" "investigation" {
        /// The recipient.
        recipient: String,
        /// The new delivery state.
        state: String,
        /// What was said.
        words: String,
    }
    /// An action was taken back.
    ActionUndone "incidents.action_undone" "undo" {
        /// What the action was, in words.
        words: String,
    }
    /// The rules of what is left out of lists changed.
    ExclusionsChanged "incidents.exclusions_changed" "team" {
        /// The new rules.
        rules: String,
    }
}
