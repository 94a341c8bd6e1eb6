//! Who a team is to us, and how far a thing may be passed on.

use askama::Template;

use super::{Markup, status};

/// A team's trust status: `certified`, `accredited`, `candidate`, `listed`, `suspended`; anything else is *not listed*.
pub fn trust(standing: &str) -> Markup {
    match standing {
        "certified" => status("ok", "accredited", "certified"),
        "accredited" => status("ok", "accredited", "accredited"),
        "candidate" => status("info", "candidate", "candidate"),
        "listed" => status("", "listed", "listed"),
        "suspended" => status("warn", "suspended", "suspended"),
        _ => status("plain", "none", "not listed"),
    }
}

/// Whether something lies in our own constituency.
pub fn whose(ours: impl std::borrow::Borrow<bool>) -> Markup {
    if *ours.borrow() { status("warn", "ours", "ours") } else { status("plain", "abroad", "other") }
}

/// The handling mark (FIRST TLP 2.0). Takes the label with or without `TLP:`; an unknown label is shown as it is,
/// an empty one is nothing.
pub fn tlp(label: &str) -> Markup {
    let bare = label.trim();
    let bare = bare.get(..4).filter(|head| head.eq_ignore_ascii_case("TLP:")).map_or(bare, |_| &bare[4..]);
    if bare.is_empty() {
        return Markup::default();
    }
    let word = bare.to_ascii_uppercase();
    let class = match word.as_str() {
        "RED" => "red",
        "AMBER" | "AMBER+STRICT" => "amber",
        "GREEN" => "green",
        _ => "clear",
    };
    Markup::of(Tlp { class, word: &word })
}

#[derive(Template)]
#[template(ext = "html", source = r#"<span class="tlp {{ class }}">TLP:{{ word }}</span>"#)]
struct Tlp<'a> {
    class: &'a str,
    word: &'a str,
}

/// A team's name, as a link when it has a page of its own.
pub fn team_link(name: &str, href: &Option<String>) -> Markup {
    Markup::of(TeamLink { name, href: href.as_deref() })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if let Some(href) = href %}<a class="team" href="{{ href }}">{{ name }}</a>{% else %}<span class="team">{{ name }}</span>{% endif %}"#
)]
struct TeamLink<'a> {
    name: &'a str,
    href: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handling_marks_are_written_as_first_writes_them() {
        for (given, class, shown) in [
            ("TLP:AMBER+STRICT", "amber", "TLP:AMBER+STRICT"),
            ("amber", "amber", "TLP:AMBER"),
            ("tlp:red", "red", "TLP:RED"),
            ("CLEAR", "clear", "TLP:CLEAR"),
        ] {
            assert_eq!(tlp(given).as_str(), format!(r#"<span class="tlp {class}">{shown}</span>"#));
        }
        assert!(tlp("").is_empty() && tlp(" TLP: ").is_empty());
        assert!(tlp("é<").as_str().contains("&#60;"));
    }

    #[test]
    fn an_unknown_standing_is_not_listed() {
        assert!(trust("accredited").as_str().contains("#i-accredited"));
        assert!(trust("level 7").as_str().contains("not listed"));
    }
}
