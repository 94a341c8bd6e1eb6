//! Fields of forms: name, value, hint, and what is wrong with it.

use std::fmt::Display;

use askama::Template;

use super::{Markup, icon, prints_as_html};

/// A field with its label. Made by [`field`]; the methods add to it, and a template prints it.
#[derive(Clone, Debug)]
pub struct Field {
    name: String,
    label: String,
    value: String,
    kind: String,
    hint: String,
    error: String,
    rows: u32,
    size: u32,
    form: String,
    complete: String,
    grows: bool,
    required: bool,
    focused: bool,
}

/// A line of text called `name` in the form, under the words `label`. Its id is `f-` and the name.
pub fn field(name: impl Display, label: impl Display) -> Field {
    Field {
        name: name.to_string(),
        label: label.to_string(),
        value: String::new(),
        kind: "text".to_owned(),
        hint: String::new(),
        error: String::new(),
        rows: 0,
        size: 0,
        form: String::new(),
        complete: String::new(),
        grows: false,
        required: false,
        focused: false,
    }
}

impl Field {
    /// What stands in it.
    pub fn value(mut self, value: impl Display) -> Field {
        self.value = value.to_string();
        self
    }

    /// The type of the input: `email`, `password`, `search`, `number`, `date`.
    pub fn kind(mut self, kind: impl Display) -> Field {
        self.kind = kind.to_string();
        self
    }

    /// Several lines, at least so many.
    pub fn rows(mut self, rows: u32) -> Field {
        self.rows = rows;
        self
    }

    /// About how many characters it is wide.
    pub fn size(mut self, characters: u32) -> Field {
        self.size = characters;
        self
    }

    /// What to write in it, below.
    pub fn hint(mut self, hint: impl Display) -> Field {
        self.hint = hint.to_string();
        self
    }

    /// What is wrong with what was written and what to write instead; empty: nothing is.
    pub fn error(mut self, error: impl Display) -> Field {
        self.error = error.to_string();
        self
    }

    /// The form to which it belongs, if it does not stand in it.
    pub fn form(mut self, id: impl Display) -> Field {
        self.form = id.to_string();
        self
    }

    /// What a browser may fill in (`username`, `current-password`, `one-time-code`).
    pub fn autocomplete(mut self, token: impl Display) -> Field {
        self.complete = token.to_string();
        self
    }

    /// Takes the room that is left in its row.
    pub fn grow(mut self) -> Field {
        self.grows = true;
        self
    }

    /// Must not be empty.
    pub fn required(mut self) -> Field {
        self.required = true;
        self
    }

    /// The page opens with the cursor here; one a page.
    pub fn autofocus(mut self) -> Field {
        self.focused = true;
        self
    }

    fn markup(&self) -> Markup {
        Markup::of(FieldPart { f: self, common: Markup::of(Common { f: self }), warning: icon("badsig") })
    }

    /// The ids of hint and error, for `aria-describedby`.
    fn described(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("f-{}-hint", self.name));
        let error = (!self.error.is_empty()).then(|| format!("f-{}-error", self.name));
        [hint, error].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

prints_as_html!(Field);

#[derive(Template)]
#[template(
    ext = "html",
    source = r#" id="f-{{ f.name }}" name="{{ f.name }}"{% if !f.form.is_empty() %} form="{{ f.form }}"{% endif %}{% if !f.complete.is_empty() %} autocomplete="{{ f.complete }}"{% endif %}{% if f.required %} required{% endif %}{% if f.focused %} autofocus{% endif %}{% if !f.described().is_empty() %} aria-describedby="{{ f.described() }}"{% endif %}{% if !f.error.is_empty() %} aria-invalid="true"{% endif %}"#
)]
struct Common<'a> {
    f: &'a Field,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="field{% if f.grows %} grow{% endif %}"><label for="f-{{ f.name }}">{{ f.label }}</label>{% if f.rows > 0 %}<textarea{{ common }} rows="{{ f.rows }}">
{{ f.value }}</textarea>{% else %}<input{{ common }} type="{{ f.kind }}" value="{{ f.value }}"{% if f.size > 0 %} size="{{ f.size }}"{% endif %}>{% endif %}{% if !f.hint.is_empty() %}<span class="hint" id="f-{{ f.name }}-hint">{{ f.hint }}</span>{% endif %}{% if !f.error.is_empty() %}<span class="wrong" id="f-{{ f.name }}-error">{{ warning }}{{ f.error }}</span>{% endif %}</div>"#
)]
struct FieldPart<'a> {
    f: &'a Field,
    common: Markup,
    warning: Markup,
}

/// A choice of one among several. Made by [`select`].
#[derive(Clone, Debug)]
pub struct Select {
    name: String,
    label: String,
    options: Vec<(String, String)>,
    chosen: String,
    form: String,
    hides_label: bool,
}

/// A choice called `name`, under the words `label`. Its id is `f-` and the name.
pub fn select(name: impl Display, label: impl Display) -> Select {
    Select {
        name: name.to_string(),
        label: label.to_string(),
        options: Vec::new(),
        chosen: String::new(),
        form: String::new(),
        hides_label: false,
    }
}

impl Select {
    /// One more choice: the value sent, and the words shown.
    pub fn option(mut self, value: impl Display, words: impl Display) -> Select {
        self.options.push((value.to_string(), words.to_string()));
        self
    }

    /// Many choices: values and words.
    pub fn options(mut self, options: &[(String, String)]) -> Select {
        self.options.extend_from_slice(options);
        self
    }

    /// The value that is chosen.
    pub fn chosen(mut self, value: impl Display) -> Select {
        self.chosen = value.to_string();
        self
    }

    /// The form to which it belongs, if it does not stand in it.
    pub fn form(mut self, id: impl Display) -> Select {
        self.form = id.to_string();
        self
    }

    /// The label is for screen readers only.
    pub fn label_hidden(mut self) -> Select {
        self.hides_label = true;
        self
    }

    fn markup(&self) -> Markup {
        Markup::of(SelectPart { s: self })
    }
}

prints_as_html!(Select);

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="field"><label{% if s.hides_label %} class="sr"{% endif %} for="f-{{ s.name }}">{{ s.label }}</label><select id="f-{{ s.name }}" name="{{ s.name }}"{% if !s.form.is_empty() %} form="{{ s.form }}"{% endif %}>{% for (value, words) in s.options %}<option value="{{ value }}"{% if *value == s.chosen %} selected{% endif %}>{{ words }}</option>{% endfor %}</select></div>"#
)]
struct SelectPart<'a> {
    s: &'a Select,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_says_what_to_write_and_keeps_what_was_written() {
        let html = field("due", "Answer by")
            .value("soon")
            .error("“soon” is no time. Write 2026-11-21 20:02.")
            .to_string();
        assert!(html.contains(r#"value="soon""#) && html.contains(r#"aria-invalid="true""#), "{html}");
        assert!(
            html.contains(r#"aria-describedby="f-due-error""#) && html.contains(r#"id="f-due-error""#),
            "{html}"
        );
        assert!(html.contains(r#"<label for="f-due">Answer by</label>"#), "{html}");
    }

    #[test]
    fn a_text_keeps_its_first_empty_line() {
        // HTML drops one line feed after <textarea>: the template writes one to be dropped.
        let html = field("text", "Text").rows(6).value("\nDear").to_string();
        assert!(html.contains("rows=\"6\">\n\nDear</textarea>"), "{html}");
    }

    #[test]
    fn the_chosen_one_is_selected() {
        let html = select("tlp", "Handling")
            .option("AMBER", "TLP:AMBER")
            .option("GREEN", "TLP:GREEN")
            .chosen("GREEN");
        assert!(html.to_string().contains(r#"<option value="GREEN" selected>"#));
    }
}
