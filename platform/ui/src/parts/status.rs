//! Status: always a symbol, a word and a colour, so that none is needed to tell the others.

use askama::Template;

use super::Markup;
use crate::Asset;

/// A symbol of the sprite, 14 px, e.g. `icon("lock")`; it says nothing to a screen reader, so a word goes with it.
pub fn icon(name: &str) -> Markup {
    drawn(name, "ico")
}

/// The same, 20 px.
pub fn icon_big(name: &str) -> Markup {
    drawn(name, "ico big")
}

fn drawn(name: &str, class: &str) -> Markup {
    debug_assert!(has_symbol(name), "assets/icons.svg has no symbol i-{name}");
    Markup::of(Icon { sprite: Asset::Icons.path(), name, class })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<svg class="{{ class }}" viewBox="0 0 16 16" aria-hidden="true"><use href="{{ sprite }}#i-{{ name }}"/></svg>"##
)]
struct Icon<'a> {
    sprite: &'a str,
    name: &'a str,
    class: &'a str,
}

fn has_symbol(name: &str) -> bool {
    let wanted = format!("id=\"i-{name}\"");
    String::from_utf8_lossy(Asset::Icons.bytes()).contains(&wanted)
}

/// A status: `kind` is its colour (`ok`, `warn`, `bad`, `info`, `plain`, or empty), then symbol and word.
pub fn status(kind: &str, icon_name: &str, word: &str) -> Markup {
    debug_assert!(["", "ok", "warn", "bad", "info", "plain"].contains(&kind), "no status colour {kind}");
    Markup::of(Status { kind, icon: icon(icon_name), word })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<span class="st{% if !kind.is_empty() %} {{ kind }}{% endif %}">{{ icon }}{{ word }}</span>"#
)]
struct Status<'a> {
    kind: &'a str,
    icon: Markup,
    word: &'a str,
}

/// What is known of a mail's signature.
///
/// `verdict`: `good`, `domain` (DKIM, aligned), `none`, `broken`, `unknown` (key not known), `other` (good, but the
/// signer is not the sender), `expired`, `revoked`, `weak` (a digest or key that proves nothing any more),
/// `unreadable`. An unsigned mail is no alarm; only a broken or revoked signature is red.
pub fn signature(verdict: &str) -> Markup {
    match verdict {
        "good" => status("ok", "signed", "signed"),
        "domain" => status("", "dkim", "domain proved"),
        "broken" => status("bad", "badsig", "signature broken"),
        "revoked" => status("bad", "badsig", "key revoked"),
        "other" => status("warn", "signed", "signed by another"),
        "expired" => status("warn", "signed", "key expired"),
        "weak" => status("warn", "signed", "weak signature"),
        "unreadable" => status("warn", "badsig", "signature unreadable"),
        "unknown" => status("", "signed", "key not known"),
        _ => status("plain", "unsigned", "unsigned"),
    }
}

/// How a mail is protected on its way: `openpgp`, `smime`, `tls`, `signed` only, or nothing.
pub fn protection(kind: &str) -> Markup {
    match kind {
        "openpgp" => status("", "lock", "OpenPGP"),
        "smime" => status("", "lock", "S/MIME"),
        "tls" => status("", "lock", "RID, TLS"),
        "signed" => status("", "open", "signed, in clear"),
        _ => status("warn", "open", "in clear"),
    }
}

/// How far a mail of ours has got. `state`: `draft`, `held`, `queued`, `deferred`, `sent` (the other host took it),
/// `delivered`, `read`, `failed`, `told`, `answered`, `silent`. `detail` follows the word (`18:02`, `3rd try`, an
/// empty text for nothing).
pub fn delivery(state: &str, detail: &str) -> Markup {
    let (kind, icon_name, word) = match state {
        "held" => ("", "held", "held"),
        "queued" => ("plain", "clock", "queued"),
        "deferred" => ("warn", "clock", "queued"),
        "sent" => ("ok", "check", "taken"),
        "delivered" => ("ok", "check", "delivered"),
        "read" => ("ok", "check", "read"),
        "failed" => ("bad", "badsig", "failed"),
        "told" => ("info", "told", "told"),
        "answered" => ("ok", "answered", "answered"),
        "silent" => ("warn", "silent", "silent"),
        "draft" => ("plain", "edit", "draft"),
        _ => ("plain", "none", "not told"),
    };
    let comma = if state == "deferred" || state == "failed" { "," } else { "" };
    let words = if detail.is_empty() { word.to_owned() } else { format!("{word}{comma} {detail}") };
    status(kind, icon_name, &words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_symbol_word_and_colour() {
        let html = status("ok", "check", "<proved>").to_string();
        assert!(html.contains(r#"class="st ok""#) && html.contains("#i-check"), "{html}");
        assert!(html.contains("&#60;proved&#62;") && html.contains(r#"aria-hidden="true""#), "{html}");
    }

    #[test]
    fn every_delivery_state_says_its_word() {
        assert!(delivery("deferred", "3rd try").as_str().contains("queued, 3rd try"));
        assert!(delivery("sent", "18:02").as_str().contains("taken 18:02"));
        assert!(delivery("answered", "").as_str().contains("answered<"));
        assert!(delivery("", "").as_str().contains("not told"));
    }

    #[test]
    fn an_unsigned_mail_is_no_alarm() {
        assert!(signature("none").as_str().contains("st plain"));
        assert!(signature("broken").as_str().contains("st bad"));
    }
}
