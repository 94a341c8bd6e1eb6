//! What the desk's mails say, in the recipient's language.

use askama::Template;

/// The languages in which the desk writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language<'a> {
    English,
    German,
    Slovene,
    /// Whichever somebody writes whose subject and text these are.
    Read(&'a str, &'a str),
}

impl Language<'_> {
    /// The first of a team's languages (`de`, `sl`, …) in which the desk writes; English when there is none.
    pub(crate) fn of(codes: &[String]) -> Language<'static> {
        codes.iter().find_map(|code| Self::by_code(code)).unwrap_or(Language::English)
    }

    /// The language with this ISO 639-1 code.
    pub(crate) fn by_code(code: &str) -> Option<Language<'static>> {
        Some(match code {
            "en" => Language::English,
            "de" => Language::German,
            "sl" => Language::Slovene,
            _ => return None,
        })
    }

    /// Its ISO 639-1 code.
    pub(crate) fn code(self) -> &'static str {
        match self.choose() {
            Language::German => "de",
            Language::Slovene => "sl",
            _ => "en",
        }
    }

    /// Settles [`Language::Read`] by the commonest small words; English when in doubt.
    pub(crate) fn choose(self) -> Language<'static> {
        let (subject, text) = match self {
            Language::Read(subject, text) => (subject, text),
            Language::German => return Language::German,
            Language::Slovene => return Language::Slovene,
            Language::English => return Language::English,
        };
        let text = format!("{subject} {text}").to_lowercase();
        let count =
            |words: &[&str]| text.split(|c: char| !c.is_alphabetic()).filter(|w| words.contains(w)).count();
        let german = count(&["und", "der", "die", "das", "nicht", "bitte", "wir", "ist", "mit", "von"]);
        let slovene = count(&["in", "je", "na", "smo", "ki", "se", "prosimo", "lep", "pozdrav", "za", "da"]);
        let english = count(&["the", "and", "is", "we", "of", "please", "your", "to", "from", "has", "in"]);
        match () {
            () if german >= 3 && german > english && german > slovene => Language::German,
            () if slovene >= 3 && slovene > english && slovene > german => Language::Slovene,
            () => Language::English,
        }
    }
}

/// What a question to a responsible contact needs.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) tlp: String,
    pub(crate) recipient: String,
    pub(crate) title: String,
    pub(crate) class: String,
    pub(crate) words: String,
    pub(crate) answer_by: String,
    pub(crate) rows: Vec<String>,
    pub(crate) csv: String,
    pub(crate) chain: String,
    pub(crate) handling: String,
    pub(crate) signature: String,
}

/// What a reminder needs.
#[derive(Debug)]
pub(crate) struct Remind {
    pub(crate) tlp: String,
    pub(crate) recipient: String,
    pub(crate) title: String,
    pub(crate) asked: String,
    pub(crate) count: i64,
    pub(crate) answer_by: String,
    pub(crate) signature: String,
}

macro_rules! texts {
    ($($template:ident $letter:ident $path:literal;)*) => {$(
        #[derive(Template)]
        #[template(path = $path, escape = "none")]
        struct $template<'a> { letter: &'a $letter }
    )*};
}

texts! {
    AskEnglish Ask "mails/ask.en.txt";
    AskGerman Ask "mails/ask.de.txt";
    AskSlovene Ask "mails/ask.sl.txt";
    RemindEnglish Remind "mails/remind.en.txt";
    RemindGerman Remind "mails/remind.de.txt";
    RemindSlovene Remind "mails/remind.sl.txt";
}

impl Ask {
    /// The text in `language`.
    pub(crate) fn text(&self, language: Language<'_>) -> String {
        let letter = self;
        let text = match language.choose() {
            Language::German => AskGerman { letter }.render(),
            Language::Slovene => AskSlovene { letter }.render(),
            _ => AskEnglish { letter }.render(),
        };
        text.unwrap_or_default()
    }
}

impl Remind {
    /// The text in `language`.
    pub(crate) fn text(&self, language: Language<'_>) -> String {
        let letter = self;
        let text = match language.choose() {
            Language::German => RemindGerman { letter }.render(),
            Language::Slovene => RemindSlovene { letter }.render(),
            _ => RemindEnglish { letter }.render(),
        };
        text.unwrap_or_default()
    }
}

/// Tells a person that a mail has come, and under which number.
pub(crate) fn acknowledgement(language: Language<'_>, team: &str, number: &str) -> String {
    match language.choose() {
        Language::German => format!(
            "Vielen Dank. Ihre Meldung ist bei uns angekommen und hat die Nummer {number}.\nJemand sieht sie sich an. \
             Wenn Sie etwas hinzufügen wollen, antworten Sie auf diese Mail.\n\n{team}\n"
        ),
        Language::Slovene => format!(
            "Hvala. Vaše sporočilo smo prejeli pod številko {number}.\nNekdo ga bo pregledal. Če želite kaj dodati, \
             odgovorite na to sporočilo.\n\n{team}\n"
        ),
        _ => format!(
            "Thank you. Your report has reached us and has the number {number}.\nSomebody will look at it. If you want \
             to add something, answer this mail.\n\n{team}\n"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_read_off_the_small_words() {
        let read = |text| Language::Read("", text).code();
        assert_eq!(
            read(
                "wir sehen seit heute Anmeldeversuche von Ihrem Netz und bitten um Prüfung, das ist nicht normal"
            ),
            "de"
        );
        assert_eq!(
            read("Prosimo, da preverite naslov, ki se je danes prijavil na naš strežnik. Lep pozdrav"),
            "sl"
        );
        assert_eq!(read("please have a look at the host in your network"), "en");
        assert_eq!(read("203.0.113.7"), "en");
        assert_eq!(Language::of(&["cs".into(), "de".into()]).code(), "de");
    }

    #[test]
    fn a_question_says_what_why_and_until_when_in_each_language() {
        let ask = Ask {
            tlp: "TLP:AMBER".into(),
            recipient: "CERT Skerry".into(),
            title: "password guessing".into(),
            class: "brute force".into(),
            words: "Their log is kept.".into(),
            answer_by: "2026-11-24 20:00".into(),
            rows: (0..23).map(|n| format!("192.0.2.{n}")).collect(),
            csv: "inc-1.csv".into(),
            chain: "inetnum 192.0.2.0/25".into(),
            handling: "only those who need it".into(),
            signature: "Aldermark CERT".into(),
        };
        for language in [Language::English, Language::German, Language::Slovene] {
            let text = ask.text(language);
            for part in [
                "TLP:AMBER",
                "CERT Skerry",
                "23",
                "2026-11-24 20:00",
                "192.0.2.19",
                "3 ",
                "inc-1.csv",
                "Their log",
            ] {
                assert!(text.contains(part), "{part} in {text}");
            }
            assert!(text.starts_with("TLP:AMBER") && !text.contains("192.0.2.20\n"), "{text}");
        }
    }
}
