use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_credential_binds_nobody_and_shuts_out_whom_it_has_bound() {
    let world = World::new().await;
    let (client, (kid, key)) = (Client::p256(), world.credential().await);
    let made = world.new_account(&client, &world.wish(&client, &kid, &key)).await;
    let bound = Account { world: &world, client, url: made.header("location") };
    let other = world.account().await;

    assert_eq!(world.pki.withdraw_acme_credential(&world.admin, &kid).await.unwrap(), 1);
    assert_eq!(bound.ask(&bound.url, "").await.status, 401);
    assert_eq!(other.ask(&other.url, "").await.status, 200);
    let late = Client::p256();
    assert_eq!(world.new_account(&late, &world.wish(&late, &kid, &key)).await.problem(), "unauthorized");
    assert!(world.pki.withdraw_acme_credential(&world.admin, &kid).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_is_its_teams_own_and_its_key_is_nowhere_to_be_read() {
    let world = World::new().await;
    let made = world.pki.make_acme_credential(&world.admin, "www", 30).await.unwrap();
    assert!(!format!("{made:?}").contains(&made.key));
    let (_, stranger) =
        identity::testing::sign_in(world.pki.identity(), "other", "jor", &[Role::TeamAdmin]).await;
    let stranger = Granted::check(&stranger).unwrap();
    assert!(world.pki.acme_credentials(&stranger).await.unwrap().is_empty());
    assert!(world.pki.withdraw_acme_credential(&stranger, &made.kid).await.is_err());
    for (label, days) in [("", 30), ("www", 0), ("www", 366)] {
        assert!(world.pki.make_acme_credential(&world.admin, label, days).await.is_err(), "{label} {days}");
    }
    world.teams.without.lock().unwrap().insert(world.admin.team().to_string());
    let why = world.pki.make_acme_credential(&world.admin, "www", 30).await.unwrap_err();
    assert!(matches!(why, kit::Error::Forbidden(_)), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_binds_only_so_many_accounts() {
    let world =
        World::with(|settings| super::super::Section { accounts_per_credential: 1, ..settings }).await;
    let (kid, key) = world.credential().await;
    let (first, second) = (Client::p256(), Client::p256());
    assert_eq!(world.new_account(&first, &world.wish(&first, &kid, &key)).await.status, 201);
    assert_eq!(world.new_account(&second, &world.wish(&second, &kid, &key)).await.problem(), "unauthorized");
}
