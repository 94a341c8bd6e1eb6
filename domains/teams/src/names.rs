//! Names that people can tell apart: without letters that nobody sees, and not those of another team.

use crate::{Directory, Team, TeamRecord};

/// Whether the character steers how others are drawn and is not drawn itself: the general category Cf, and what is
/// ignored by default (Unicode 16.0, `DefaultIgnorableCodePoint`).
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{890}'..='\u{891}'
        | '\u{8E2}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{110BD}' | '\u{110CD}'
        | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// What a reader takes the text for: two texts with the same skeleton look alike, whatever letters they are written with
/// (UTS 39, section 4), in capitals or not, however they are spaced.
pub fn skeleton(text: &str) -> String {
    // Capitals of other scripts look like ours where their small letters do not.
    let lower = unicode_security::skeleton(text).collect::<String>().to_lowercase();
    unicode_security::skeleton(&lower).filter(|char| char.is_alphanumeric()).collect()
}

impl Directory {
    /// The team whose name is that of `record`, or looks like it, and the field in which it stands. Names that
    /// the team `own` has already are not looked at.
    pub fn same_name(&self, own: Option<&Team>, record: &TeamRecord) -> Option<(&'static str, &Team)> {
        let names = |record: &TeamRecord| [skeleton(&record.name), skeleton(&record.official_name)];
        let had = own.map(|own| names(own)).unwrap_or_default();
        let new = ["name", "official_name"].into_iter().zip(names(record));
        let new: Vec<_> = new.filter(|(_, name)| !name.is_empty() && !had.contains(name)).collect();
        if new.is_empty() {
            return None;
        }
        self.teams().iter().filter(|other| own.is_none_or(|own| own.id != other.id)).find_map(|other| {
            let others = names(other);
            new.iter().find(|(_, name)| others.contains(name)).map(|(field, _)| (*field, &**other))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_look_alike_make_the_same_skeleton_and_others_do_not() {
        for name in ["CERT Skerry", "cert-skerry", "\u{421}ERT Sk\u{435}rry", "C E R T  Skerry"] {
            assert_eq!(skeleton(name), skeleton("CERT Skerry"), "{name}");
        }
        assert_ne!(skeleton("CERT Skerries"), skeleton("CERT Skerry"));
        assert_eq!(skeleton("\u{202E}"), "");
    }

    #[test]
    fn what_steers_the_drawing_is_unseen_and_what_people_write_is_not() {
        assert!("\u{202E}\u{200B}\u{FEFF}\u{2066}\u{AD}\u{E0041}".chars().all(is_unseen));
        assert!(!"Ålborg CSIRT – 情報 ١٢٣ é".chars().any(is_unseen));
    }
}
