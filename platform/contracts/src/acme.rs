//! What happens around certificates for servers by ACME; the certificates themselves are told of by their authority.

use crate::Event;
use serde::{Deserialize, Serialize};

macro_rules! acme_event {
    ($($(#[$meta:meta])* $name:ident $kind:literal { $($(#[$field_meta:meta])* $field:ident),* $(,)? })*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// The team's id.
            pub organisation: String,
            $($(#[$field_meta])* pub $field: String,)*
        }

        impl Event for $name {
            const KIND: &'static str = $kind;

            fn stream(&self) -> String {
                format!("acme:{}", self.organisation)
            }
        }
    )* };
}

acme_event! {
    /// A team got a credential, with which it binds the accounts of its servers.
    CredentialMade "acme.credential_made" {
        /// Its key identifier.
        kid,
        /// What people call it.
        label,
        /// Until when it binds accounts, as a date.
        until,
    }
    /// A credential was withdrawn, and with it the accounts that it had bound.
    CredentialWithdrawn "acme.credential_withdrawn" {
        /// Its key identifier.
        kid,
    }
    /// A program became an account of a team.
    AccountBound "acme.account_bound" {
        /// Its id.
        account,
        /// The credential that bound it.
        credential,
        /// The thumbprint of its key (RFC 7638).
        thumbprint,
    }
    /// An account has another key.
    KeyChanged "acme.key_changed" {
        /// Its id.
        account,
        /// The thumbprint of the key before.
        from,
        /// The thumbprint of the key now.
        to,
    }
    /// An account was ended by its holder.
    AccountEnded "acme.account_ended" {
        /// Its id.
        account,
    }
}
