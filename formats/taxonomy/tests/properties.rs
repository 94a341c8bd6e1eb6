//! Whatever the text is: no panic, and the strictest label wins.

use proptest::prelude::*;
use taxonomy::{Pap, Tlp, rsit::Type};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(text in any::<String>(), mixed in "(TLP|tlp|PAP|RED|AMBER|STRICT|[ :+=\"_-]|ä|rsit:|fraud){0,12}") {
        for text in [text, mixed] {
            if let Some(tlp) = Tlp::parse(&text) {
                prop_assert_eq!(Tlp::parse(tlp.label()), Some(tlp));
            }
            Tlp::find_in(&text);
            Pap::parse(&text);
            Pap::find_in(&text);
            Type::parse(&text);
            Type::from_ecsirt(&text);
            Type::search(&text);
        }
    }

    #[test]
    fn the_strictest_label_wins_wherever_it_stands(
        labels in prop::collection::vec(prop::sample::select(Tlp::ALL.to_vec()), 1..5),
        lower in any::<bool>(),
        words in "[ a-z.,äé\n]{0,20}",
    ) {
        let mut text: String = labels.iter().map(|tlp| format!("{words} [{tlp}] ")).collect();
        if lower {
            text = text.to_lowercase();
        }
        prop_assert_eq!(Tlp::find_in(&text), Tlp::strictest(labels));
    }
}
