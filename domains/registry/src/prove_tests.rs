use contracts::trust::ClaimProver as _;
use identity::{Granted, ManageTeam};
use kit::Error;
use teams::{Claim, ProofKind};

use crate::testing::{open, settings};

const OBJECTS: &str = "\
inetnum: 192.0.2.0 - 192.0.2.255
netname: NORTHREACH
mnt-irt: IRT-NORTHREACH
source:  WARD

inetnum: 192.0.2.0 - 192.0.2.127
netname: SKERRY-CAMPUS
mnt-irt: IRT-SKERRY
source:  WARD

inetnum: 192.0.2.64 - 192.0.2.127
netname: SKERRY-LABS
source:  WARD

inet6num: 2001:db8:5ce::/48
netname: SKERRY-6
mnt-irt: IRT-SKERRY, IRT-NORTHREACH
source:  WARD
";

#[tokio::test(flavor = "multi_thread")]
async fn the_closest_network_that_names_a_team_proves_or_refuses() {
    let (_node, registry) = open(settings(), OBJECTS);
    let proves = |irt: &str, first: &str, last: &str| {
        registry.network(irt, first.parse().unwrap(), last.parse().unwrap())
    };
    let said = proves("IRT-SKERRY", "192.0.2.64", "192.0.2.127").unwrap();
    assert_eq!(said, "inetnum 192.0.2.0/25 in WARD: mnt-irt IRT-SKERRY");
    assert!(proves("irt-skerry", "192.0.2.3", "192.0.2.9").is_ok());
    assert!(proves("IRT-SKERRY", "2001:db8:5ce:1::", "2001:db8:5ce:1::ff").is_ok());
    let why = proves("IRT-NORTHREACH", "192.0.2.0", "192.0.2.127").unwrap_err();
    assert_eq!(why, "inetnum 192.0.2.0/25 in WARD names IRT-SKERRY, not IRT-NORTHREACH");
    assert!(proves("IRT-SKERRY", "192.0.2.0", "192.0.2.255").is_err(), "only half of it");
    assert!(proves("IRT-SKERRY", "198.51.100.0", "198.51.100.255").unwrap_err().contains("no network"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teams_networks_are_proven_by_the_registry_once_its_irt_object_is_and_for_as_long_as_it_says_so() {
    let (node, registry) = open(settings(), OBJECTS);
    let teams = registry.teams().clone();
    teams.set_prover(std::sync::Arc::new(registry.clone()));
    let text =
        br#"[{"short_name": "CERT Skerry", "official_name": "x", "handle": "skerry", "irt": "IRT-SKERRY",
        "constituency": {"ipranges": ["192.0.2.0/25", "192.0.2.128/25"]}}]"#;
    let entries = teams::import::parse(text).unwrap().entries;
    let id = teams::testing::import(&teams, entries).await[0];
    let granted: Granted<ManageTeam> = Granted::for_node_in(id);
    // The list's word for the irt object holds no more.
    let irt = Claim::Irt("IRT-SKERRY".into());
    teams
        .withdraw_proof(&Granted::for_node(), id, irt, ProofKind::Operator, "the list was old")
        .await
        .unwrap();
    let early = teams.ask_registry(&granted, id).await.unwrap_err();
    assert!(matches!(&early, Error::Conflict(why) if why.contains("IRT-SKERRY")), "{early}");

    let irt = Claim::Irt("IRT-SKERRY".into());
    let none = teams.decide_claim(&Granted::for_node(), id, irt.clone(), " ").await.unwrap_err();
    assert!(matches!(none, Error::Invalid { field, .. } if field == "evidence"));
    teams.decide_claim(&Granted::for_node(), id, irt, "called their number in the object").await.unwrap();
    let asked = teams.ask_registry(&granted, id).await.unwrap();
    assert_eq!((asked.proven.len(), asked.open.len()), (1, 1));
    let team = teams.directory().by_id(id).unwrap();
    let proof = team.network_proof(&"192.0.2.0/26".parse().unwrap()).unwrap();
    assert_eq!((proof.kind, proof.at), (ProofKind::Registry, node.now()));
    assert!(team.network_proof(&"192.0.2.128/25".parse().unwrap()).is_none());

    // What the operator took back, asking again does not bring.
    let operator = Granted::for_node();
    let network = Claim::parse("network", "192.0.2.0/25").unwrap();
    let (kind, why) = (ProofKind::Registry, "the object is wrong");
    teams.withdraw_proof(&operator, id, network.clone(), kind, why).await.unwrap();
    let asked = teams.ask_registry(&granted, id).await.unwrap();
    assert!(asked.proven.is_empty() && asked.open[0].1.contains("took this proof back"), "{asked:?}");
    teams.decide_claim(&operator, id, network, "they mended it").await.unwrap();
    let asked = teams.ask_registry(&granted, id).await.unwrap();
    assert_eq!(asked.proven.len(), 1);
    let network = Claim::parse("network", "192.0.2.0/25").unwrap();
    teams.withdraw_proof(&operator, id, network, ProofKind::Operator, "the registry says it").await.unwrap();

    crate::testing::import(&node, &registry, &OBJECTS.replace("mnt-irt: IRT-SKERRY\n", ""));
    teams.ask_registry(&granted, id).await.unwrap();
    assert!(teams.directory().by_id(id).unwrap().network_proof(&"192.0.2.0/25".parse().unwrap()).is_none());
    let history = teams.history(&Granted::for_node(), id, 1).await.unwrap();
    assert_eq!(history[0].kind, "teams.proof_withdrawn");
}
