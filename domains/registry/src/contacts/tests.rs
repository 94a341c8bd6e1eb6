//! What becomes of the contacts of a registry over the months.

use kit::clock::{DAY, HOUR};
use kit::testing::TestNode;
use mail::addresses::{self, REPLY};

use super::*;
use crate::Settings;
use crate::testing::{Sent, import, jobs_done, open, refused, sent, sent_since, settings};

const OBJECTS: &str = "\
irt: IRT-X
e-mail: Irt@X.example
irt-nfy: notify@x.example
source: WARD

role: Abuse of Y
nic-hdl: Y1-WARD
e-mail: people@y.example
abuse-mailbox: abuse@y.example
source: WARD

role: Somebody elsewhere
nic-hdl: Z1-OTHER
abuse-mailbox: abuse@z.example
source: OTHER
";

fn stands(registry: &Registry, address: &str) -> String {
    registry.contact_state(address).map_or_else(|| "no contact".into(), |state| state.to_string())
}

async fn later(node: &TestNode, registry: &Registry, time: Time) -> Vec<Sent> {
    let before = sent(registry);
    node.clock.advance(time);
    jobs_done(registry).await;
    let mut mails = sent_since(registry, &before);
    mails.sort_by(|a, b| a.to.cmp(&b.to));
    mails
}

fn token(mail: &Sent) -> String {
    mail.word("https://desk.example/registry/contact/").rsplit('/').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_contact_of_our_own_objects_is_asked_and_a_link_confirms_only_its_own_address() {
    let (node, registry) = open(settings(), OBJECTS);
    registry.start().await.unwrap();
    let mails = later(&node, &registry, 0).await;
    let to: Vec<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["abuse@y.example", "irt@x.example", "notify@x.example"]);
    assert_eq!(stands(&registry, "IRT@x.example"), "irt@x.example: not yet confirmed, asked 2026-11-21");
    assert_eq!(stands(&registry, "people@y.example"), "no contact");
    assert_eq!(stands(&registry, "abuse@z.example"), "no contact", "another registry's");
    let headers = &mails[1].mail.headers;
    assert_eq!(headers.auto_submitted.as_deref(), Some("auto-generated"));
    assert_eq!(headers.from[0].address, "auto-dbm@desk.example");

    let secret = token(&mails[1]);
    assert_eq!(registry.contact_of_link(&secret).await.unwrap().as_deref(), Some("irt@x.example"), "looking");
    assert!(stands(&registry, "irt@x.example").contains("not yet"), "changes nothing");
    assert_eq!(registry.confirm_by_token(&secret).await.unwrap().as_deref(), Some("irt@x.example"));
    assert_eq!(stands(&registry, "irt@x.example"), "irt@x.example: last confirmed 2026-11-21 by mail");
    assert!(stands(&registry, "notify@x.example").contains("not yet"));
    assert_eq!(registry.confirm_by_token(&secret).await.unwrap(), None, "a link works once");
    assert_eq!(registry.confirm_by_token("aaaaaaaaaaaaaaaaaaaaaaaa").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_answer_is_asked_after_7_and_14_days_and_then_shown_as_that() {
    let (node, registry) = open(settings(), "irt: IRT-X\ne-mail: irt@x.example\nsource: WARD\n");
    registry.start().await.unwrap();
    let mut asked = Vec::new();
    for hour in 0..24 * 25 {
        let mails = later(&node, &registry, if hour == 0 { 0 } else { HOUR }).await;
        if let Some(mail) = mails.first() {
            asked.push((hour / 24, token(mail)));
        }
    }
    assert_eq!(asked.iter().map(|(day, _)| *day).collect::<Vec<_>>(), [0, 7, 14]);
    assert_eq!(stands(&registry, "irt@x.example"), "Warning: irt@x.example did not answer since 2026-11-21");
    assert!(registry.contact_state("irt@x.example").unwrap().is_doubtful());
    assert_eq!(registry.confirm_by_token(&asked[0].1).await.unwrap(), None, "the link of an older mail");
    assert!(registry.confirm_by_token(&asked[2].1).await.unwrap().is_some(), "late, and good all the same");
    assert_eq!(stands(&registry, "irt@x.example"), "irt@x.example: last confirmed 2026-12-16 by mail");
    // Half a year later it is asked again, and is good until it does not answer.
    assert_eq!(later(&node, &registry, 179 * DAY).await.len(), 0);
    assert_eq!(later(&node, &registry, 2 * DAY).await.len(), 1);
    assert_eq!(stands(&registry, "irt@x.example"), "irt@x.example: last confirmed 2026-12-16 by mail");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_mail_cannot_be_delivered_to_is_shown_as_that() {
    let (node, registry) = open(settings(), "irt: IRT-X\ne-mail: irt@x.example\nsource: WARD\n");
    registry.start().await.unwrap();
    let mails = later(&node, &registry, 0).await;
    refused(&registry, &mails[0], "550 5.1.1 no such user");
    assert_eq!(later(&node, &registry, HOUR).await.len(), 0);
    assert_eq!(
        stands(&registry, "irt@x.example"),
        "Warning: irt@x.example could not be reached on 2026-11-21"
    );
    assert_eq!(registry.contact_state("irt@x.example").unwrap().failure, "550 5.1.1 no such user");
    assert_eq!(later(&node, &registry, 20 * DAY).await.len(), 0, "it is not asked over and over");
    assert_eq!(
        registry
            .ask_again(&Granted::for_node(), vec!["IRT@X.example".into(), "other@x.example".into()])
            .await
            .unwrap(),
        1
    );
    assert!(stands(&registry, "irt@x.example").contains("not yet confirmed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_leaves_the_registry_is_asked_no_more() {
    let (node, registry) = open(settings(), "irt: IRT-X\ne-mail: irt@x.example\nsource: WARD\n");
    registry.start().await.unwrap();
    assert_eq!(later(&node, &registry, 0).await.len(), 1);
    import(&node, &registry, "irt: IRT-X\ne-mail: cert@x.example\nsource: WARD\n");
    let mails = later(&node, &registry, 8 * DAY).await;
    assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["cert@x.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_may_not_ask_asks_nobody() {
    let nobody = Settings { contact_check: 0, ..settings() };
    let (node, registry) = open(nobody, OBJECTS);
    registry.start().await.unwrap();
    assert_eq!(later(&node, &registry, DAY).await.len(), 0);
    assert_eq!(stands(&registry, "irt@x.example"), "irt@x.example: not yet confirmed");
    assert_eq!(
        registry.confirm_by_hand(&Granted::for_node(), vec!["Irt@x.example".into()]).await.unwrap(),
        1
    );
    assert_eq!(stands(&registry, "irt@x.example"), "irt@x.example: last confirmed 2026-11-22 by hand");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_update_of_its_object_confirms_an_address() {
    let (_node, registry) = open(settings(), OBJECTS);
    let now = registry.now();
    let raw = b"irt: IRT-X\ne-mail: irt@x.example\nsource: WARD\n";
    registry.node().db.write(move |tx| saved_with_signature(tx, raw, now)).await.unwrap();
    registry.contacts_changed().await.unwrap();
    assert_eq!(
        stands(&registry, "irt@x.example"),
        "irt@x.example: last confirmed 2026-11-21 by a signed update"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn placeholders_are_shown_as_that_and_not_asked() {
    let (node, registry) = open(settings(), "irt: IRT-X\ne-mail: unread@ripe.net\nsource: WARD\n");
    registry.start().await.unwrap();
    assert_eq!(later(&node, &registry, 0).await.len(), 0);
    assert_eq!(
        stands(&registry, "Unread@ripe.net"),
        "Warning: unread@ripe.net is a placeholder that nobody reads"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_says_who_asks_for_what_and_what_to_do() {
    let (node, registry) = open(settings(), "irt: IRT-X\ne-mail: irt@x.example\nsource: WARD\n");
    registry.start().await.unwrap();
    let mail = later(&node, &registry, 0).await.remove(0);
    let reply = addresses::token(&mail.mail.headers.reply_to[0].address, REPLY).unwrap();
    assert_eq!(reply, token(&mail), "an answer carries the same secret");
    insta::assert_snapshot!(
        format!("{}\n\n{}", mail.mail.headers.subject, mail.text()).replace(&reply, "[secret]")
    );
}
