//! What happens to accounts: who may do what, and how they came in.
//!
//! Failed attempts are not here but in the log: a stranger must not be able to fill the record.

use crate::Event;
use serde::{Deserialize, Serialize};

fn account_stream(account: &str) -> String {
    format!("account:{account}")
}

/// An account was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountCreated {
    /// Its id.
    pub account: String,
    /// The name it logs in with.
    pub login: String,
    /// Its roles at first.
    pub roles: Vec<String>,
}

impl Event for AccountCreated {
    const KIND: &'static str = "identity.account_created";

    fn stream(&self) -> String {
        account_stream(&self.account)
    }
}

/// An account's roles, or whether it may log in at all, were changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessChanged {
    /// Its id.
    pub account: String,
    /// Its roles from now on.
    pub roles: Vec<String>,
    /// Whether it is shut out.
    pub disabled: bool,
}

impl Event for AccessChanged {
    const KIND: &'static str = "identity.access_changed";

    fn stream(&self) -> String {
        account_stream(&self.account)
    }
}

/// Somebody logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedIn {
    /// The account's id.
    pub account: String,
    /// From which network address.
    pub peer: String,
    /// With what: `password`, `link`, `passkey`, `certificate`, `institute NAME`; `code` or `passkey` when a second
    /// factor came after one of the first.
    pub by: String,
}

impl Event for LoggedIn {
    const KIND: &'static str = "identity.logged_in";

    fn stream(&self) -> String {
        account_stream(&self.account)
    }
}

/// What an account proves itself with was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialsChanged {
    /// The account's id.
    pub account: String,
    /// In words, such as `password set`, `second factor removed`, `passkey "key ring" added`.
    pub what: String,
}

impl Event for CredentialsChanged {
    const KIND: &'static str = "identity.credentials_changed";

    fn stream(&self) -> String {
        account_stream(&self.account)
    }
}

/// Somebody proved themselves again, for what asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SteppedUp {
    /// The account's id.
    pub account: String,
    /// With what: `passkey`, `code`, `password`, `certificate`.
    pub by: String,
}

impl Event for SteppedUp {
    const KIND: &'static str = "identity.stepped_up";

    fn stream(&self) -> String {
        account_stream(&self.account)
    }
}

/// A token for programs was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenCreated {
    /// Its id.
    pub token: String,
    /// What people call it.
    pub name: String,
    /// The account it belongs to; `None`: the team itself.
    pub account: Option<String>,
    /// The permissions it carries.
    pub scopes: Vec<String>,
}

impl Event for TokenCreated {
    const KIND: &'static str = "identity.token_created";

    fn stream(&self) -> String {
        format!("token:{}", self.token)
    }
}

/// A token for programs was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRevoked {
    /// Its id.
    pub token: String,
}

impl Event for TokenRevoked {
    const KIND: &'static str = "identity.token_revoked";

    fn stream(&self) -> String {
        format!("token:{}", self.token)
    }
}
