//! What was said and done in a case, in one line of time.

use kit::events::Recorded;
use kit::{Id, Time};
use taxonomy::Tlp;

use super::mail_text::{clean, short};
use crate::model::{Number, SignatureState};

/// A message as the line shows it.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) id: Id,
    pub(crate) at: Time,
    pub(crate) incoming: bool,
    pub(crate) kind: String,
    pub(crate) from_address: String,
    pub(crate) from_name: String,
    pub(crate) recipients: String,
    pub(crate) subject: String,
    /// The beginning of its text.
    pub(crate) text: String,
    pub(crate) tlp: Tlp,
    pub(crate) signature: SignatureState,
    pub(crate) encrypted: bool,
    pub(crate) author: String,
    pub(crate) has_original: bool,
    /// The case it belongs to.
    pub(crate) case: Number,
}

impl Said {
    /// Who said it: the sender's name as he writes it, or who wrote it here.
    pub(crate) fn who(&self) -> String {
        let name = if !self.incoming && !self.author.is_empty() {
            &self.author
        } else if self.from_name.is_empty() {
            &self.from_address
        } else {
            &self.from_name
        };
        clean(name)
    }

    /// What it is and to whom.
    pub(crate) fn what(&self) -> String {
        match (self.kind.as_str(), self.incoming) {
            ("note", _) => "note for the desk".into(),
            ("bounce", _) => "delivery notice".into(),
            ("auto-reply", _) => "automatic reply, changes nothing".into(),
            ("reminder", _) => format!("reminder to {}", clean(&self.recipients)),
            ("closing", _) => format!("closing words to {}", clean(&self.recipients)),
            ("acknowledgement", _) => format!("acknowledgement to {}", clean(&self.recipients)),
            (_, true) => "to us".into(),
            (_, false) => format!("to {}", clean(&self.recipients)),
        }
    }

    /// The symbol at its stop.
    pub(crate) fn icon(&self) -> &'static str {
        match (self.kind.as_str(), self.incoming) {
            ("note", _) => "note",
            ("auto-reply" | "bounce", _) => "robot",
            (_, true) => "in",
            (_, false) => "out",
        }
    }

    /// The beginning of its text in one paragraph; of a mail without text its subject.
    pub(crate) fn beginning(&self) -> String {
        let text = if self.text.trim().is_empty() { &self.subject } else { &self.text };
        let text = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
        short(&text, 280)
    }

    /// The verdict on its signature, for the pages.
    pub(crate) fn verdict(&self) -> &'static str {
        super::verdict(self.signature)
    }
}

/// Something the desk did that nobody said.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) at: Time,
    pub(crate) words: String,
}

/// A stop on the line.
#[derive(Debug, Clone)]
pub(crate) enum Stop {
    /// A message.
    Said(Box<Said>),
    /// Changes between two messages, folded.
    Done(Vec<Done>),
}

/// One line of messages and changes, the newest first; changes between two messages are one stop.
pub(crate) fn line(said: Vec<Said>, mut done: Vec<Done>) -> Vec<Stop> {
    done.sort_by_key(|one| std::cmp::Reverse(one.at));
    let mut stops = Vec::new();
    let mut done = done.into_iter().peekable();
    for message in said {
        let mut between = Vec::new();
        while let Some(one) = done.next_if(|one| one.at >= message.at) {
            between.push(one);
        }
        if !between.is_empty() {
            stops.push(Stop::Done(between));
        }
        stops.push(Stop::Said(Box::new(message)));
    }
    let rest: Vec<Done> = done.collect();
    if !rest.is_empty() {
        stops.push(Stop::Done(rest));
    }
    stops
}

/// What an event of the record says, in words; who did it follows in brackets.
pub(crate) fn words(event: &Recorded) -> String {
    let text =
        |name: &str| event.body.as_ref().and_then(|body| body.get(name)).and_then(|value| value.as_str());
    let what = match (event.kind.as_str(), event.body.as_ref()) {
        (_, None) => "erased".to_owned(),
        ("incidents.report_received", _) => format!("came from {}", text("from").unwrap_or("a program")),
        ("incidents.report_repeated", _) => "came again".into(),
        ("incidents.report_linked", Some(body)) => {
            let linked = body.get("linked").and_then(serde_json::Value::as_bool).unwrap_or(true);
            let incident = text("incident").unwrap_or("an incident");
            if linked { format!("linked to {incident}") } else { format!("taken from {incident}") }
        }
        ("incidents.incident_opened", _) => format!("opened as {}", text("number").unwrap_or("an incident")),
        ("incidents.investigation_launched", _) => {
            format!("asked {}", text("recipient").unwrap_or("a contact"))
        }
        ("incidents.delivery_noted", _) => {
            format!(
                "{}: {} {}",
                text("recipient").unwrap_or(""),
                text("state").unwrap_or(""),
                text("words").unwrap_or("")
            )
        }
        (kind, _) => text("words").map_or_else(|| kind.replace(['.', '_'], " "), str::to_owned),
    };
    format!("{} ({})", clean(&what), event.actor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CaseKind;

    fn said(at: Time) -> Said {
        Said {
            id: Id::from_bytes([0; 16]),
            at,
            incoming: true,
            kind: "mail".into(),
            from_address: "a@b.example".into(),
            from_name: String::new(),
            recipients: String::new(),
            subject: String::new(),
            text: "x ".repeat(1_000),
            tlp: Tlp::Clear,
            signature: SignatureState::Unsigned,
            encrypted: false,
            author: String::new(),
            has_original: true,
            case: Number { kind: CaseKind::Report, number: 1 },
        }
    }

    #[test]
    fn changes_between_two_messages_are_one_stop() {
        let done = |at| Done { at, words: at.to_string() };
        let stops = line(vec![said(20), said(10)], vec![done(5), done(12), done(15), done(30)]);
        let shape: Vec<String> = stops
            .iter()
            .map(|stop| match stop {
                Stop::Said(said) => format!("said {}", said.at),
                Stop::Done(done) => done.iter().map(|one| one.words.clone()).collect::<Vec<_>>().join("+"),
            })
            .collect();
        assert_eq!(shape, ["30", "said 20", "15+12", "said 10", "5"]);
    }

    #[test]
    fn a_long_text_is_begun_only() {
        assert!(said(1).beginning().chars().count() <= 281);
        assert_eq!(said(1).who(), "a@b.example");
    }
}
