//! Buttons: each a link or a form of its own, so that it works without the script.

use std::fmt::Display;

use askama::Template;

use super::{Markup, icon, prints_as_html};

/// A button. Made by [`go`], [`post`] or [`submit`]; the methods add to it, and a template prints it:
/// `{{ ui::post("/reports/IR-2041/link", "Link to INC-217").with("incident", "217").key("l").primary() }}`.
#[derive(Clone, Debug)]
pub struct Button {
    kind: Kind,
    target: String,
    label: String,
    key: String,
    look: &'static str,
    before: Option<Markup>,
    after: Option<Markup>,
    hides_label: bool,
    fields: Vec<(String, String)>,
    form: Option<String>,
    swap: Option<String>,
    disabled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Link,
    Form,
    Submit,
}

/// A link that looks like a button: it opens a page and changes nothing.
pub fn go(href: impl Display, label: impl Display) -> Button {
    Button::new(Kind::Link, href, label)
}

/// A form with one button: it changes something at `action`.
pub fn post(action: impl Display, label: impl Display) -> Button {
    Button::new(Kind::Form, action, label)
}

/// A button that sends the form in which it stands, or the one named by [`Button::form`].
pub fn submit(label: impl Display) -> Button {
    Button::new(Kind::Submit, "", label)
}

impl Button {
    fn new(kind: Kind, target: impl Display, label: impl Display) -> Button {
        Button {
            kind,
            target: target.to_string(),
            label: label.to_string(),
            key: String::new(),
            look: "",
            before: None,
            after: None,
            hides_label: false,
            fields: Vec::new(),
            form: None,
            swap: None,
            disabled: false,
        }
    }

    /// The key that presses it, named as in `aria-keyshortcuts` (WAI-ARIA 1.2): `l`, `Escape`, `Control+Enter`.
    pub fn key(mut self, key: impl Display) -> Button {
        self.key = key.to_string();
        self
    }

    /// The one thing to do next; one a page.
    pub fn primary(mut self) -> Button {
        self.look = "primary";
        self
    }

    /// Without a border, for what is seldom needed.
    pub fn quiet(mut self) -> Button {
        self.look = "quiet";
        self
    }

    /// A symbol before the words.
    pub fn icon(mut self, name: &str) -> Button {
        self.before = Some(icon(name));
        self
    }

    /// A symbol after the words.
    pub fn icon_after(mut self, name: &str) -> Button {
        self.after = Some(icon(name));
        self
    }

    /// Shows only the symbol; the words are for screen readers.
    pub fn only_icon(mut self) -> Button {
        self.hides_label = true;
        self
    }

    /// A value sent with it: a hidden field of its form, or the button's own name and value.
    pub fn with(mut self, name: impl Display, value: impl Display) -> Button {
        self.fields.push((name.to_string(), value.to_string()));
        self
    }

    /// The id of the form that it sends; for [`submit`].
    pub fn form(mut self, id: impl Display) -> Button {
        self.form = Some(id.to_string());
        self
    }

    /// Where the form goes when sent by this button; for [`submit`].
    pub fn to(mut self, action: impl Display) -> Button {
        self.target = action.to_string();
        self
    }

    /// With the script, only these parts of the page are replaced: selectors by id, e.g. `#preview #dock`.
    pub fn swap(mut self, parts: impl Display) -> Button {
        self.swap = Some(parts.to_string());
        self
    }

    /// Cannot be pressed if `condition` holds.
    pub fn disabled(mut self, condition: impl std::borrow::Borrow<bool>) -> Button {
        self.disabled = *condition.borrow();
        self
    }

    fn markup(&self) -> Markup {
        match self.kind {
            Kind::Link => Markup::of(Go { b: self }),
            Kind::Form => Markup::of(Post { b: self }),
            Kind::Submit => Markup::of(Submit { b: self }),
        }
    }

    fn face(&self) -> Markup {
        Markup::of(Face { b: self })
    }

    /// The key as it is printed on the button.
    fn cap(&self) -> String {
        match self.key.as_str() {
            "Escape" => "Esc".to_owned(),
            "Plus" => "+".to_owned(),
            key => key.replace("Control+", "^"),
        }
    }

    /// Single letters are marked, so that they can be hidden when the reader has turned them off.
    fn is_single(&self) -> bool {
        self.key.chars().count() == 1 || self.key == "Plus"
    }
}

prints_as_html!(Button);

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if let Some(symbol) = b.before %}{{ symbol }}{% endif %}{% if b.hides_label %}<span class="sr">{{ b.label }}</span>{% else %}{{ b.label }}{% endif %}{% if !b.key.is_empty() %} <kbd{% if b.is_single() %} class="single"{% endif %} aria-hidden="true">{{ b.cap() }}</kbd>{% endif %}{% if let Some(symbol) = b.after %}{{ symbol }}{% endif %}"#
)]
struct Face<'a> {
    b: &'a Button,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<a class="btn{% if !b.look.is_empty() %} {{ b.look }}{% endif %}" href="{{ b.target }}"{% if !b.key.is_empty() %} aria-keyshortcuts="{{ b.key }}"{% endif %}{% if let Some(parts) = b.swap %} data-swap="{{ parts }}"{% endif %}>{{ b.face() }}</a>"#
)]
struct Go<'a> {
    b: &'a Button,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<form class="one" method="post" action="{{ b.target }}"{% if let Some(parts) = b.swap %} data-swap="{{ parts }}"{% endif %}>{% for (name, value) in b.fields %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}<button class="btn{% if !b.look.is_empty() %} {{ b.look }}{% endif %}"{% if !b.key.is_empty() %} aria-keyshortcuts="{{ b.key }}"{% endif %}{% if b.disabled %} disabled{% endif %}>{{ b.face() }}</button></form>"#
)]
struct Post<'a> {
    b: &'a Button,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<button class="btn{% if !b.look.is_empty() %} {{ b.look }}{% endif %}"{% if let Some(id) = b.form %} form="{{ id }}"{% endif %}{% if !b.target.is_empty() %} formaction="{{ b.target }}"{% endif %}{% for (name, value) in b.fields %} name="{{ name }}" value="{{ value }}"{% endfor %}{% if !b.key.is_empty() %} aria-keyshortcuts="{{ b.key }}"{% endif %}{% if b.disabled %} disabled{% endif %}>{{ b.face() }}</button>"#
)]
struct Submit<'a> {
    b: &'a Button,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_that_changes_something_is_a_form_of_its_own() {
        let html = post("/reports/IR-2041/link", "Link to INC-217")
            .with("incident", 217)
            .key("l")
            .primary()
            .to_string();
        assert_eq!(
            html,
            r#"<form class="one" method="post" action="/reports/IR-2041/link"><input type="hidden" name="incident" value="217"><button class="btn primary" aria-keyshortcuts="l">Link to INC-217 <kbd class="single" aria-hidden="true">l</kbd></button></form>"#
        );
    }

    #[test]
    fn keys_are_printed_short_and_named_in_full() {
        let html = submit("Send 5").form("send").to("/send").key("Control+Enter").to_string();
        assert!(html.contains(r#"aria-keyshortcuts="Control+Enter""#), "{html}");
        assert!(html.contains(">^Enter<") && html.contains(r#"formaction="/send""#), "{html}");
    }

    #[test]
    fn what_others_wrote_cannot_leave_its_attribute() {
        let html = go("/x?q=\"><script>", "<b>").key("\" onclick=\"x").to_string();
        assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("\" onclick"), "{html}");
    }
}
