//! What was kept comes back, and what is broken is not taken.

use proptest::prelude::*;
use rpsl::{Notes, Object, Record};

use super::Unusable;
use crate::index::{Builder, Index};
use crate::store::state::{Serial, State};

const OBJECTS: &str = "inetnum: 192.0.2.0 - 192.0.2.255\nnetname: CAMPUS\ncountry: SI\nstatus: ASSIGNED PA\nmnt-irt: IRT-SKERRY\nmnt-irt: IRT-GONE\nsource: WARD\n\n\
    inetnum: 192.0.2.16 - 192.0.2.99\nnetname: Škofja Loka\norg: ORG-Q1-WARD\nsource: OTHER\n\n\
    inet6num: 2001:db8::/32\nnetname: SIX\nabuse-c: Q1-WARD\nsource: WARD\n\n\
    inetnum: 192.0.2.200 - 192.0.3.7\nsource: WARD\n\n\
    irt: IRT-SKERRY\ne-mail: cert@skerry.example\nphone: +000 1\nencryption: PGPKEY-01234567\nsource: WARD\n\n\
    organisation: ORG-Q1-WARD\nabuse-c: Q1-WARD\nsource: WARD\n\n\
    role: Quay desk\nnic-hdl: Q1-WARD\nabuse-mailbox: abuse@quay.example\nsource: WARD\n\n\
    key-cert: PGPKEY-01234567\ncertif: -----BEGIN PGP PUBLIC KEY BLOCK-----\ncertif:\ncertif: mDMEZg==\ncertif: -----END PGP PUBLIC KEY BLOCK-----\nfingerpr: 0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567\nsource: WARD\n\n\
    aut-num: AS64500\nas-name: QUAY\nmnt-irt: IRT-SKERRY\nsource: WARD\n";

fn index(first_row: i64) -> Index {
    let mut builder = Builder::default();
    for (row, object) in (first_row..).zip(rpsl::objects(OBJECTS.as_bytes())) {
        let object: Object<'_> = object.unwrap();
        builder.add(Record::read(&object, &mut Notes::default()).unwrap(), row);
    }
    builder.build()
}

fn state() -> State {
    let digest = vec![7; 32];
    State {
        imports: 3,
        latest: Some(1_234),
        serials: vec![Serial { source: "WARD".into(), serial: 9, digest }],
    }
}

fn kept(index: &Index) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    index.save(&path, &state()).unwrap();
    (folder, path)
}

#[test]
fn an_index_comes_back_with_all_it_had() {
    for first_row in [0, 1, i64::from(u32::MAX) - 2] {
        let index = index(first_row);
        let (_folder, path) = kept(&index);
        let (back, from) = Index::restore(&path).unwrap();
        assert_eq!(from, state());
        assert_eq!(back.report(), index.report());
        assert_eq!(back.sources(), index.sources());
        assert_eq!(index.report().overlapping, 1);
        let whole = ["192.0.2.20", "192.0.2.1", "2001:db8::1", "192.0.3.1"].map(|text| text.parse().unwrap());
        for address in whole {
            let told = |index: &Index| {
                let chain = index
                    .covering(address, address)
                    .into_iter()
                    .flat_map(|range| index.chain(range).collect::<Vec<_>>());
                let words = chain.map(|range| {
                    let network = index.network(range);
                    let abuse =
                        network.abuse().map(|abuse| (abuse.handle, &abuse.contact.mailbox, abuse.org));
                    format!(
                        "{:?} {} {} {} {} {:?} {} {abuse:?}",
                        index.ends(range),
                        network.netname(),
                        network.country(),
                        network.status(),
                        network.source(),
                        network.irt_names().collect::<Vec<_>>(),
                        network.place().row
                    )
                });
                words.collect::<Vec<_>>()
            };
            assert_eq!(told(&back), told(&index));
        }
        assert_eq!(back.irt("irt-skerry", 0).unwrap().object, index.irt("IRT-SKERRY", 0).unwrap().object);
        let key = rpsl::KeyReference::parse("PGPKEY-01234567").unwrap();
        assert!(back.key(&key).is_some());
        assert_eq!(back.key(&key), index.key(&key));
        assert_eq!(back.as_number(64_500).unwrap().netname(), "QUAY");
    }
}

#[test]
fn a_file_that_is_not_there_is_told_apart_from_a_broken_one() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Index::restore(&folder.path().join("none")), Err(Unusable::Missing)));
    std::fs::write(folder.path().join("empty"), b"").unwrap();
    assert!(matches!(Index::restore(&folder.path().join("empty")), Err(Unusable::Damaged(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_turned_bit_and_no_missing_end_is_overlooked(place in any::<prop::sample::Index>(), bit in 0u8..8, cut in any::<bool>()) {
        let (_folder, path) = kept(&index(1));
        let mut bytes = std::fs::read(&path).unwrap();
        let place = place.index(bytes.len());
        if cut {
            bytes.truncate(place);
        } else {
            bytes[place] ^= 1 << bit;
        }
        std::fs::write(&path, &bytes).unwrap();
        prop_assert!(matches!(Index::restore(&path), Err(Unusable::Damaged(_))));
    }
}
