use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::*;

/// A record of which every text is a word that stands nowhere else, with the word's field.
fn marked() -> (TeamRecord, Vec<(Field, String)>) {
    let mut words = Vec::new();
    let mut n = 0;
    let mut word = |field: Field| {
        n += 1;
        let word = format!("word{n:03}x");
        words.push((field, word.clone()));
        word
    };
    let contact =
        |role: ContactRole, name: String, email: String| Contact { role, name, email, ..Contact::default() };
    let record = TeamRecord {
        handle: word(Field::Identity),
        name: word(Field::Identity),
        official_name: word(Field::Identity),
        country: Country { code: word(Field::Identity), name: word(Field::Identity) },
        established: word(Field::Established),
        host_organisation: word(Field::HostOrganisation),
        postal_address: word(Field::PostalAddress),
        types: vec![word(Field::Constituency)],
        description: word(Field::Constituency),
        asns: vec![64496],
        domains: vec![word(Field::Domains)],
        countries: vec![Country { code: word(Field::Constituency), name: word(Field::Constituency) }],
        mission: word(Field::Charter),
        sponsorship: word(Field::Charter),
        authority: word(Field::Charter),
        remit: BTreeMap::new(),
        support_level: word(Field::Remit),
        services_reactive: word(Field::Services),
        services_proactive: word(Field::Services),
        business_hours: word(Field::Hours),
        time_zone: word(Field::Hours),
        hours: vec![ServiceHours { from: word(Field::Hours), ..ServiceHours::default() }],
        languages: vec![word(Field::Languages)],
        channels: vec![Channel::Misp],
        rid_endpoint: word(Field::RidEndpoint),
        misp: Some(Misp { org_uuid: word(Field::Channels), ..Misp::default() }),
        emails: vec![
            Email { address: word(Field::Emails), usage: Usage::Report },
            Email { address: word(Field::Emergency), usage: Usage::Emergency },
            Email { address: word(Field::Emails), usage: Usage::Team },
        ],
        phones: vec![
            Phone { number: word(Field::Emergency), usage: Usage::Emergency, ..Phone::default() },
            Phone { number: word(Field::Phones), comment: word(Field::Phones), ..Phone::default() },
        ],
        contacts: vec![
            contact(ContactRole::Head, word(Field::Offices), word(Field::Offices)),
            contact(ContactRole::Emergency, word(Field::Emergency), word(Field::Emergency)),
            contact(ContactRole::Press, word(Field::Contacts), word(Field::Contacts)),
            contact(ContactRole::SecurityOfficer, word(Field::Offices), word(Field::Offices)),
        ],
        people: vec![
            Person {
                name: word(Field::People),
                function: word(Field::People),
                account: word(Field::People),
                key: word(Field::People),
                email: word(Field::PeoplePhones),
                phone: word(Field::PeoplePhones),
            },
            Person { name: word(Field::People), phone: word(Field::PeoplePhones), ..Person::default() },
        ],
        other_telecommunication: word(Field::Practice),
        customer_contact: word(Field::Practice),
        other_information: word(Field::Practice),
        policy_disclosure: word(Field::Policies),
        policy_communication: word(Field::Policies),
        reporting_forms: word(Field::Policies),
        disclaimer: word(Field::Policies),
        irt: Some(word(Field::Irt)),
        references: CrossReferences { first: word(Field::References), ..CrossReferences::default() },
        document: Document { locations: word(Field::Document), ..Document::default() },
        team_notes: word(Field::TeamNotes),
        operator_notes: word(Field::OperatorNotes),
        visibility: BTreeMap::new(),
        networks: vec!["192.0.2.0/25".parse().unwrap()],
    };
    (record, words)
}

fn visibility() -> impl Strategy<Value = BTreeMap<Field, Audience>> {
    proptest::collection::btree_map(
        proptest::sample::select(Field::ALL),
        proptest::sample::select(Audience::ALL.to_vec()),
        0..Field::ALL.len(),
    )
}

proptest! {
    #[test]
    fn nothing_above_the_audience_is_in_what_it_sees(visibility in visibility(), audience in proptest::sample::select(Audience::ALL.to_vec())) {
        let (mut record, words) = marked();
        record.visibility = visibility;
        let seen = serde_json::to_string(&record.view_for(audience)).unwrap();
        let hides = |field| record.audience_of(field) > audience;
        for (field, word) in words {
            // A person who is not shown has no telephone that could be.
            let hidden = hides(field) || field == Field::PeoplePhones && hides(Field::People);
            prop_assert_eq!(seen.contains(&word), !hidden, "{:?} {}", field, word);
        }
        prop_assert_eq!(seen.contains("64496"), !hides(Field::Asns));
        prop_assert_eq!(seen.contains("192.0.2.0"), !hides(Field::Networks));
    }

    #[test]
    fn whoever_saves_what_they_see_loses_nothing_of_what_they_do_not_see(visibility in visibility(), audience in proptest::sample::select(Audience::ALL.to_vec())) {
        let (mut record, _) = marked();
        record.visibility = visibility;
        let back = record.view_for(audience).with_hidden_from(audience, &record);
        // Entries that are hidden and come back stand behind those that were seen.
        let sorted = |record: &TeamRecord| {
            let mut record = record.clone();
            record.emails.sort_by(|a, b| a.address.cmp(&b.address));
            record.phones.sort_by(|a, b| a.number.cmp(&b.number));
            record.contacts.sort_by(|a, b| a.name.cmp(&b.name));
            record
        };
        prop_assert_eq!(sorted(&back), sorted(&record));
    }
}

#[test]
fn the_public_does_not_see_emergency_numbers_people_and_notes() {
    let (record, words) = marked();
    let seen = serde_json::to_string(&record.view_for(Audience::Public)).unwrap();
    for (field, word) in &words {
        let expected = !matches!(
            field,
            Field::Emergency
                | Field::Offices
                | Field::People
                | Field::PeoplePhones
                | Field::RidEndpoint
                | Field::TeamNotes
                | Field::OperatorNotes
        );
        assert_eq!(seen.contains(word), expected, "{field:?}");
    }
    let members = serde_json::to_string(&record.view_for(Audience::Members)).unwrap();
    let hidden: Vec<_> =
        words.iter().filter(|(_, word)| !members.contains(word)).map(|(field, _)| *field).collect();
    assert_eq!(hidden, [Field::TeamNotes, Field::OperatorNotes]);
}

#[test]
fn a_team_cannot_hide_its_name_nor_read_the_operators_notes() {
    let (mut record, _) = marked();
    record.visibility =
        [(Field::Identity, Audience::Operator), (Field::OperatorNotes, Audience::Public)].into();
    assert_eq!(record.view_for(Audience::Public).name, record.name);
    assert_eq!(record.view_for(Audience::Team).operator_notes, "");
    assert_eq!(record.view_for(Audience::Operator).operator_notes, record.operator_notes);
}
