//! Clients that say nothing, too much, or the wrong things.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::conversation::answer;
use super::world::world;
use crate::whois::{Config, Limits};

/// Longer than anything here may take.
const LONG: Duration = Duration::from_secs(20);

async fn talk(address: std::net::SocketAddr, bytes: &[u8]) -> String {
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(bytes).await.unwrap();
    rest(&mut client).await
}

async fn rest(client: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    timeout(LONG, client.read_to_end(&mut answer)).await.unwrap().unwrap();
    rpsl::decode(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_clients_are_sent_away_and_others_do_not_notice() {
    let config = Config { first_query: Duration::from_millis(50), ..Config::default() };
    let world = world(config).await;
    let mut persistent = TcpStream::connect(world.address).await.unwrap();
    persistent.write_all(b"-k 198.18.5.1\n").await.unwrap();
    let mut unread = Vec::new();
    answer(&mut persistent, &mut unread, "first").await;
    let mut silent = TcpStream::connect(world.address).await.unwrap();
    assert!(rest(&mut silent).await.contains("%ERROR:305"));
    persistent.write_all(b"198.18.5.1\n").await.unwrap();
    assert!(answer(&mut persistent, &mut unread, "second").await.contains("SMALL"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_reads_is_cut_off() {
    let config = Config { write: Duration::from_millis(100), ..Config::default() };
    let world = world(config).await;
    let mut greedy = TcpStream::connect(world.address).await.unwrap();
    let asks = b"-k -v inetnum\n".repeat(1_000); // long answers: the system keeps some megabytes for the client
    let wrote = async { while greedy.write_all(&asks).await.is_ok() {} };
    assert!(timeout(LONG, wrote).await.is_ok(), "the server keeps answering somebody who does not listen");
}

#[tokio::test(flavor = "multi_thread")]
async fn crowds_are_told_to_come_again_and_places_are_given_back() {
    let world = world(Config { max_connections: 2, ..Config::default() }).await;
    let one = TcpStream::connect(world.address).await.unwrap();
    let _two = TcpStream::connect(world.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut third = TcpStream::connect(world.address).await.unwrap();
    third.write_all(b"198.18.5.1\n").await.unwrap(); // what nobody reads must not cost the words
    let refused = rest(&mut third).await;
    assert!(refused.contains("%ERROR:306") && refused.ends_with("\n\n\n"), "{refused}");
    drop(one);
    let again = async {
        while !talk(world.address, b"198.18.5.1\n").await.contains("SMALL") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG, again).await.expect("the place is free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_idle_connections_do_not_stop_it() {
    let world = world(Config::default()).await;
    let mut idle = Vec::new();
    // As many as this process may open, a thousand at most: both ends are here.
    for _ in 0..400 {
        idle.push(TcpStream::connect(world.address).await.unwrap());
    }
    assert!(talk(world.address, b"198.18.5.1\n").await.contains("SMALL"));
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_closes_those_that_wait() {
    let world = world(Config::default()).await;
    let mut client = TcpStream::connect(world.address).await.unwrap();
    client.write_all(b"-k\n").await.unwrap();
    client.read_exact(&mut [0]).await.unwrap();
    world.stop.send(true).unwrap();
    assert_eq!(rest(&mut client).await, "");
    timeout(LONG, world.done).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_is_slowed_then_left_out_and_everything_else_is_answered_as_ever() {
    let limits =
        Limits { per_address: 2, per_account: 1_000, patience: 2, slowest: Duration::from_millis(20) };
    let world = world(Config { limits, ..Config::default() }).await;
    let ask = b"KES1-WARD\n";
    assert!(talk(world.address, ask).await.contains("person:         Kes Example"));
    talk(world.address, ask).await;
    let slowed = talk(world.address, ask).await;
    assert!(slowed.contains("more slowly") && slowed.contains("Kes Example"), "{slowed}");
    talk(world.address, ask).await;
    let denied = talk(world.address, ask).await;
    assert!(denied.contains("%ERROR:201") && !denied.contains("Kes Example"), "{denied}");
    let network = talk(world.address, b"-c 198.18.5.1\n").await;
    assert!(network.contains("cert@middle.example") && !network.contains("Kes Example"), "{network}");

    let (_, actor) =
        identity::testing::sign_in(&world.identity, "big", "kes", &[identity::Role::Reader]).await;
    let own = identity::Granted::check(&actor).unwrap();
    let request =
        identity::TokenRequest { name: "whois".into(), scopes: vec!["lookup".into()], ..Default::default() };
    let token = world.identity.create_token(&own, request).await.unwrap();
    let asked = format!("--token {token} KES1-WARD\n");
    assert!(
        talk(world.address, asked.as_bytes()).await.contains("Kes Example"),
        "an account has its own number"
    );
    let wrong = talk(world.address, b"--token nonsense KES1-WARD\n").await;
    assert!(wrong.contains("%ERROR:111") && !wrong.contains("Kes Example"), "{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_seen_by_the_next_query_of_every_connection() {
    let world = world(Config::default()).await;
    let mut client = TcpStream::connect(world.address).await.unwrap();
    let mut unread = Vec::new();
    for number in 0..20 {
        let (own, raw) = (
            world.registry.clone(),
            format!("irt: IRT-MIDDLE\ne-mail: cert{number}@middle.example\nmnt-by: X-MNT\nsource: WARD\n"),
        );
        tokio::task::spawn_blocking(move || super::world::change(&own, "irt", "IRT-MIDDLE", Some(&raw)))
            .await
            .unwrap();
        client.write_all(b"-k -c 198.18.5.1\n").await.unwrap();
        let answer = answer(&mut client, &mut unread, "after the change").await;
        assert!(answer.contains(&format!("cert{number}@middle.example")), "{answer}");
    }
}
