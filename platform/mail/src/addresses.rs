//! Addresses that carry a secret: where answers and bounces of one mail come to.
//!
//! `cert@team.example` becomes `cert+r<token>@team.example` for answers and `cert+b<token>@team.example` for the
//! envelope's return path (variable envelope return path). A token has 120 bits. What an answer to it means is the
//! domain's business.

/// Marks an address for answers.
pub const REPLY: char = 'r';
/// Marks a return path.
pub const BOUNCE: char = 'b';

/// Bytes of randomness in a token; 24 characters.
pub const BYTES: usize = 15;

/// `mailbox` with `token` in it.
pub fn with(mailbox: &str, mark: char, token: &str) -> String {
    match mailbox.rsplit_once('@') {
        Some((local, domain)) => format!("{local}+{mark}{token}@{domain}"),
        None => mailbox.to_owned(),
    }
}

/// `address` without what stands behind the last `+` of its local part.
pub fn base(address: &str) -> String {
    let parts =
        address.rsplit_once('@').and_then(|(local, domain)| Some((local.rsplit_once('+')?.0, domain)));
    parts.map_or_else(|| address.to_owned(), |(local, domain)| format!("{local}@{domain}"))
}

/// The token in `address`, if it carries one of this kind. Upper case is read too: some mail systems change it.
pub fn token(address: &str, mark: char) -> Option<String> {
    let (local, _) = address.rsplit_once('@')?;
    let (_, extension) = local.rsplit_once('+')?;
    let token = extension.strip_prefix([mark, mark.to_ascii_uppercase()])?;
    let whole = token.len() == BYTES * 8 / 5 && token.bytes().all(|b| b.is_ascii_alphanumeric());
    whole.then(|| token.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gives_its_token_back_and_no_other_address_does() {
        let secret = "abcdefghijklmnopqrstuvwx";
        let address = with("cert@team.example", REPLY, secret);
        assert_eq!(address, "cert+rabcdefghijklmnopqrstuvwx@team.example");
        assert_eq!(token(&address, REPLY).as_deref(), Some(secret));
        assert_eq!(token(&address.to_uppercase(), REPLY).as_deref(), Some(secret));
        assert_eq!(token(&address, BOUNCE), None);
        assert_eq!(base(&address), "cert@team.example");
        assert_eq!(base("cert@team.example"), "cert@team.example");
        for other in ["cert@team.example", "cert+r@team.example", "cert+rshort@team.example", "x", ""] {
            assert_eq!(token(other, REPLY), None, "{other}");
        }
    }
}
