//! Whatever the text is: no panic, spans that can be used, and defanging that loses nothing.

use observables::{Kind, Limits, defang, extract, refang};
use proptest::prelude::*;

/// Texts in which the interesting bytes are frequent.
fn hostile() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        "[0-9.:/\\[\\]() @-]{0,12}",
        "[a-f0-9:.]{0,20}",
        "\\PC{0,6}",
        prop::sample::select(vec![
            "hxxp://",
            "http://",
            "[.]",
            "[:]",
            "[://]",
            "(dot)",
            " [at] ",
            "\\.",
            "evil",
            ".example",
            ".com",
            "192.0.2.1",
            "2001:db8::1",
            "AS",
            "64496",
            "CVE-2021-",
            "1234",
            "@",
            "/24",
            " - ",
            "-",
            "_",
            "ä",
            "…",
            "\n",
            "_.",
            "' ",
            "=",
            "ASN ",
            ",",
            "://",
            "prvs=",
            "d41d8cd98f00b204e9800998ecf8427e",
            "\u{300}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat())
}

/// One plain observable.
fn plain() -> impl Strategy<Value = String> {
    let v4 = any::<[u8; 4]>().prop_map(|[_, b, c, d]| format!("198.{b}.{c}.{d}"));
    let v6 = any::<[u16; 2]>().prop_map(|[a, b]| format!("2001:db8:{a:x}::{b:x}"));
    let name = "[a-z]{1,8}(-[a-z0-9]{1,4})?\\.(example|com|org|co\\.uk)";
    prop_oneof![
        v4.clone(),
        v6,
        v4.prop_map(|ip| format!("{ip}/28")),
        name,
        name.prop_map(|name| format!("https://{name}/a/b.php?c=1.2")),
        name.prop_map(|name| format!("HTTP://{name}:8080")),
        name.prop_map(|name| format!("joe.doe@{name}")),
        (1000u32..99_999).prop_map(|n| format!("CVE-2024-{n}")),
        (10u32..4_000_000).prop_map(|n| format!("AS{n}")),
    ]
}

fn values(text: &str) -> Vec<(Kind, String)> {
    extract(text, &Limits::default()).found.into_iter().map(|one| (one.kind, one.value)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spans_can_be_used_and_values_are_canonical(text in hostile()) {
        for one in extract(&text, &Limits::default()).found {
            prop_assert!(text.get(one.span.clone()).is_some_and(|part| !part.is_empty()), "{one:?}");
            prop_assert_eq!(one.range.is_some(), matches!(one.kind, Kind::Ip | Kind::IpRange));
            prop_assert!(one.range.is_none_or(|(first, last)| first <= last));
            // what is canonical is found again as itself
            if !matches!(one.kind, Kind::Domain | Kind::Email | Kind::Url) {
                prop_assert!(values(&one.value).contains(&(one.kind, one.value.clone())), "{}", one.value);
            }
        }
        refang(&text);
        defang(&text);
    }

    #[test]
    fn any_text_is_survived(text in any::<String>(), limit in 0usize..64) {
        let limits = Limits { max_text_bytes: limit, max_observables: 2, max_url_bytes: limit };
        extract(&text, &limits);
        defang(&text);
    }

    #[test]
    fn defanging_loses_nothing(tokens in prop::collection::vec(plain(), 1..6)) {
        let text = tokens.join(" ");
        prop_assert!(!values(&text).is_empty());
        let harmless = defang(&text);
        prop_assert_eq!(values(&harmless), values(&text), "{}", harmless);
        prop_assert_eq!(values(&refang(&harmless)), values(&text), "{}", harmless);
        prop_assert_eq!(defang(&harmless), harmless.clone());
        prop_assert!(!harmless.contains("http://") && !harmless.contains("https://"));
    }
}

#[test]
fn defanged_text_is_harmless() {
    assert_eq!(
        defang(
            "at 12:30 v3.14 https://evil.example/a.b, joe@evil.example, hxxp://bad[.]example and 192.0.2.1."
        ),
        "at 12:30 v3.14 hxxps://evil[.]example/a[.]b, joe[@]evil[.]example, hxxp://bad[.]example and 192[.]0[.]2[.]1."
    );
}
