//! Who may read a thing, and by which way it may leave: TLP 2.0 (FIRST, August 2022) in one place.
//!
//! A label binds whoever was told. Here the ones told are teams: the owner of a record, and its *audience*, those to
//! whom it was sent or opened. Between persons of one team the label does not divide; roles do
//! ([`ReadCases`](crate::ReadCases)).

use kit::Id;
use taxonomy::Tlp;

/// Whether the team `reader` may read what carries `tlp`, belongs to the team `owner`, and was sent or opened to the
/// teams of `audience`. All of them are teams of this community: who is not logged in reads nothing but
/// [`Tlp::Clear`], see [`may_publish`].
///
/// CLEAR and GREEN are for the whole community; AMBER, AMBER+STRICT and RED for owner and audience alone.
pub fn may_read(reader: Id, tlp: Tlp, owner: Id, audience: &[Id]) -> bool {
    match tlp {
        Tlp::Clear | Tlp::Green => true,
        Tlp::Amber | Tlp::AmberStrict | Tlp::Red => reader == owner || audience.contains(&reader),
    }
}

/// Whether it may stand where anybody can read it.
pub fn may_publish(tlp: Tlp) -> bool {
    tlp == Tlp::Clear
}

/// The label of a document made of parts with these labels: the strictest. Without parts it is the owner's default,
/// `otherwise`.
pub fn label_of(parts: impl IntoIterator<Item = Tlp>, otherwise: Tlp) -> Tlp {
    Tlp::strictest(parts).unwrap_or(otherwise)
}

/// How a mail is protected on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// To a key of the recipient that is valid today.
    Encrypted,
    /// Not at all, or by TLS between servers only: every server on the way can read it.
    Clear,
}

/// Whether a mail may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// It may.
    Allowed,
    /// It may once the handler has said that everyone on the way may read it.
    NeedsConfirmation,
    /// It may not, whoever confirms: encrypt it, or have the originator lower the label.
    NeedsEncryption,
}

/// Whether what carries `tlp` may leave by mail protected like this; `confirmed` when the handler has confirmed for
/// this recipient. RED and AMBER+STRICT never leave unencrypted.
pub fn may_send(tlp: Tlp, protection: Protection, confirmed: bool) -> Sending {
    match (tlp, protection) {
        (_, Protection::Encrypted) | (Tlp::Clear | Tlp::Green, Protection::Clear) => Sending::Allowed,
        (Tlp::Amber, Protection::Clear) if confirmed => Sending::Allowed,
        (Tlp::Amber, Protection::Clear) => Sending::NeedsConfirmation,
        (Tlp::AmberStrict | Tlp::Red, Protection::Clear) => Sending::NeedsEncryption,
    }
}

/// Who will be able to read a mail to `recipient` (a team's or person's name), in words for the one who sends it.
pub fn readers(tlp: Tlp, protection: Protection, recipient: &str) -> String {
    let told = match tlp {
        Tlp::Clear => format!("{recipient} may tell anybody"),
        Tlp::Green => format!("{recipient} may tell the community, but not in public"),
        Tlp::Amber => {
            format!("{recipient} may tell its organisation and its clients, as far as they need to know")
        }
        Tlp::AmberStrict => {
            format!("{recipient} may tell its own organisation only, as far as it needs to know")
        }
        Tlp::Red => format!("only those at {recipient} to whom it is addressed may know; they tell nobody"),
    };
    match may_send(tlp, protection, false) {
        Sending::Allowed if protection == Protection::Encrypted => {
            format!(
                "Only the holders of {recipient}'s key can open it; {told}. Subject and addresses travel in clear."
            )
        }
        Sending::Allowed => format!("Every mail server on the way can read it; {told}."),
        Sending::NeedsConfirmation => format!(
            "Every mail server on the way can read it, though {told}. Send it only if you accept that for this recipient."
        ),
        Sending::NeedsEncryption => format!(
            "It does not leave in clear: {told}, and every mail server on the way could read it. Find a valid key of \
             {recipient}, tell them by telephone, or ask the originator to lower the label."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn team() -> impl Strategy<Value = Id> {
        (1_u8..6).prop_map(|n| Id::from_bytes([n; 16]))
    }

    fn label() -> impl Strategy<Value = Tlp> {
        proptest::sample::select(Tlp::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn a_stricter_label_never_shows_more(reader in team(), owner in team(),
            audience in proptest::collection::vec(team(), 0..4), a in label(), b in label())
        {
            let (freer, stricter) = if a <= b { (a, b) } else { (b, a) };
            if may_read(reader, stricter, owner, &audience) {
                prop_assert!(may_read(reader, freer, owner, &audience));
            }
            prop_assert!(!may_publish(stricter) || may_publish(freer));
        }

        #[test]
        fn from_amber_on_only_owner_and_audience_read(reader in team(), owner in team(),
            audience in proptest::collection::vec(team(), 0..4), tlp in label())
        {
            let is_told = reader == owner || audience.contains(&reader);
            prop_assert_eq!(may_read(reader, tlp, owner, &audience), is_told || tlp < Tlp::Amber);
        }

        #[test]
        fn red_and_strict_never_leave_in_clear_whoever_confirms(tlp in label(), confirmed: bool) {
            let sending = may_send(tlp, Protection::Clear, confirmed);
            prop_assert_eq!(sending == Sending::NeedsEncryption, tlp >= Tlp::AmberStrict);
            prop_assert_eq!(sending == Sending::NeedsConfirmation, tlp == Tlp::Amber && !confirmed);
            prop_assert_eq!(may_send(tlp, Protection::Encrypted, confirmed), Sending::Allowed);
        }

        #[test]
        fn a_document_is_as_strict_as_its_strictest_part(parts in proptest::collection::vec(label(), 0..6), reader in team(),
            owner in team())
        {
            let whole = label_of(parts.iter().copied(), Tlp::Amber);
            if may_read(reader, whole, owner, &[]) {
                prop_assert!(parts.iter().all(|part| may_read(reader, *part, owner, &[])));
            }
        }
    }

    #[test]
    fn the_words_say_who_reads_and_what_to_do() {
        let red = readers(Tlp::Red, Protection::Clear, "Brackwater Hosting");
        assert!(
            red.starts_with("It does not leave in clear")
                && red.contains("Find a valid key of Brackwater Hosting")
        );
        let amber = readers(Tlp::Amber, Protection::Clear, "Brackwater Hosting");
        assert!(amber.contains("Send it only if you accept"), "{amber}");
        let sealed = readers(Tlp::AmberStrict, Protection::Encrypted, "CERT Skerry");
        assert!(sealed.starts_with("Only the holders of CERT Skerry's key can open it"), "{sealed}");
    }
}
