//! Answers as JSON.

#![allow(clippy::unwrap_used)]

use rdap::{
    Cidr, Entities, Entity, Help, IpNetwork, Kind, Notice, Property, Refusal, Response, Role, Trust, Withheld,
};
use serde_json::{Value, json};

fn written<T: rdap::Body>(body: T) -> Value {
    serde_json::to_value(Response::new(body, vec![Notice::new("Terms", ["Be kind."])])).unwrap()
}

fn person(handle: &str) -> Entity {
    let mut entity = Entity::new(handle);
    entity.vcard.push(Property::name("Mira Aldane"));
    entity.withheld.push(Withheld::Email);
    entity
}

#[test]
fn a_network_says_which_extensions_it_uses_and_what_was_left_out_where() {
    let mut network = IpNetwork::new(
        "192.0.2.0 - 192.0.2.127",
        "192.0.2.0".parse().unwrap(),
        "192.0.2.127".parse().unwrap(),
    );
    network.cidrs.push(Cidr::new("192.0.2.0".parse().unwrap(), 25));
    let mut team = Entity::new("IRT-SKERRY");
    team.roles.push(Role::Abuse);
    team.trust = Some(Trust { status: "accredited".to_owned(), ..Trust::default() });
    team.entities.push(person("JV1-WARD"));
    network.entities.push(team);
    let answer = written(network);
    assert_eq!(answer["rdapConformance"], json!(["rdap_level_0", "cidr0", "redacted", "wardmote_trust"]));
    assert_eq!(answer["cidr0_cidrs"], json!([{"v4prefix": "192.0.2.0", "length": 25}]));
    assert_eq!(answer["entities"][0]["wardmote_trust"], json!({"status": "accredited"}));
    assert_eq!(answer["redacted"][0]["prePath"], "$.entities[0].entities[0].vcardArray[1][?(@[0]=='email')]");
    assert_eq!((&answer["ipVersion"], &answer["objectClassName"]), (&json!("v4"), &json!("ip network")));
}

#[test]
fn an_answer_that_uses_nothing_special_declares_nothing_special() {
    let network =
        IpNetwork::new("2001:db8::/32", "2001:db8::".parse().unwrap(), "2001:db8::1".parse().unwrap());
    let answer = written(network);
    assert_eq!(answer["rdapConformance"], json!(["rdap_level_0"]));
    assert_eq!(answer.get("redacted"), None);
}

#[test]
fn a_card_is_a_jcard() {
    let mut entity = Entity::new("IRT-SKERRY");
    for property in [
        Property::name("IRT-SKERRY"),
        Property::kind(Kind::Group),
        Property::address(&["Pier 4".to_owned(), "Skerry".to_owned()]),
        Property::voice("+00 5550 0223"),
        Property::email("duty@skerry.example", 1),
    ] {
        entity.vcard.push(property);
    }
    assert_eq!(
        written(entity)["vcardArray"],
        json!(["vcard", [
            ["version", {}, "text", "4.0"],
            ["fn", {}, "text", "IRT-SKERRY"],
            ["kind", {}, "text", "group"],
            ["adr", {"label": "Pier 4\nSkerry"}, "text", ["", "", "", "", "", "", ""]],
            ["tel", {"type": "voice"}, "text", "+00 5550 0223"],
            ["email", {"pref": "1"}, "text", "duty@skerry.example"],
        ]])
    );
}

#[test]
fn marks_in_a_search_name_the_place_of_the_result() {
    let answer = written(Entities { results: vec![Entity::new("BW1-WARD"), person("MA1-WARD")] });
    assert_eq!(answer["redacted"][0]["prePath"], "$.entitySearchResults[1].vcardArray[1][?(@[0]=='email')]");
}

#[test]
fn help_declares_all_and_an_error_is_one() {
    let help = serde_json::to_value(Response::new(Help {}, Vec::new()).declaring_all()).unwrap();
    assert_eq!(help["rdapConformance"], json!(rdap::EXTENSIONS));
    let refusal = Refusal {
        error_code: 404,
        title: "Not found".to_owned(),
        description: vec!["Nothing here.".to_owned()],
    };
    let answer = written(refusal);
    assert_eq!((&answer["errorCode"], &answer["notices"][0]["title"]), (&json!(404), &json!("Terms")));
}
