//! The main job by programs alone: list, read, decide, take back, ask, read the answer, close.

use incidents::model::Outcome;
use serde_json::json;

use crate::client::Program;
use crate::common::{letter, world};

const COMPLAINT: &str = "TLP:GREEN\r\n\r\nPassword guessing:\r\n\
    192.0.2.17 port 22\r\n192.0.2.18 port 22\r\n198.51.100.7\r\n203.0.113.200 is yours\r\n\
    d41d8cd98f00b204e9800998ecf8427e was on it\r\n";

#[tokio::test]
async fn from_a_report_to_the_teams_and_back() {
    let w = world().await;
    w.mail("it@uni.example", &letter("IT <it@uni.example>", "guessing", "a@uni.example", "", COMPLAINT))
        .await;
    let p = Program::of(&w).await;

    // The list has the look-up of the inbox.
    let list = p.get("/reports?view=decide").await.json(200);
    let row = &list["items"][0];
    assert_eq!((row["number"].as_str(), row["status"].as_str()), (Some("IR-1"), Some("new")));
    assert_eq!((row["first"]["value"].as_str(), row["observables"].as_i64()), (Some("192.0.2.17"), Some(5)));
    assert_eq!(row["first"]["responsible"]["name"], "CERT Skerry");
    assert_eq!(row["first"]["responsible"]["trust"], "accredited");
    assert!(list.get("next").is_none(), "one page");

    // The report has each look-up with its chain.
    let report = p.get("/reports/IR-1").await;
    assert_eq!((report.header("cache-control"), report.header("etag")), ("no-store", "\"1\""));
    let report = report.json(200);
    let named = report["observables"].as_array().unwrap();
    let of = |value: &str| named.iter().find(|one| one["value"] == value).unwrap();
    let skerry = &of("192.0.2.18")["look_up"];
    assert_eq!(
        (skerry["irt"].as_str(), skerry["team"]["trust"].as_str()),
        (Some("IRT-SKERRY"), Some("accredited"))
    );
    assert_eq!(
        (skerry["contact"]["address"].as_str(), skerry["ours"].as_bool()),
        (Some("duty@skerry.example"), Some(false))
    );
    assert!(skerry["chain"].as_array().unwrap().iter().any(|step| step["kind"] == "mnt-irt"), "{skerry}");
    assert_eq!(of("203.0.113.200")["look_up"]["ours"], true);
    assert!(of("d41d8cd98f00b204e9800998ecf8427e")["look_up"].is_null(), "nobody is responsible for a hash");
    assert_eq!(report["tlp"], "TLP:GREEN");

    // Decided on, taken back, decided on again.
    let open =
        json!({"reports": ["IR-1"], "action": "open", "classification": "intrusion-attempts:brute-force"});
    let done = p.post("/reports/triage", open.clone()).await.json(200);
    assert_eq!(done["incident"], "INC-1");
    assert_eq!(p.get("/reports/IR-1").await.json(200)["incidents"], json!(["INC-1"]));
    let undo = format!("/undo/{}", done["undo"].as_str().unwrap());
    assert_eq!(p.post(&undo, json!({})).await.json(200)["words"], done["words"]);
    assert_eq!(p.get("/reports/IR-1").await.json(200)["status"], "new");
    p.post(&undo, json!({})).await.problem(409);
    assert_eq!(p.post("/reports/triage", open).await.json(200)["incident"], "INC-2");

    // The first answer stops the clock of the report.
    let thanks = json!({"text": "Thank you, we look into it.", "tlp": "TLP:CLEAR"});
    p.post("/reports/IR-1/reply", thanks).await.json(202);
    assert!(p.get("/reports/IR-1").await.json(200)["answered_at"].is_string());

    // The plan: one mail for each contact, none to ourselves.
    let plan = p.get("/incidents/INC-2/plan").await.json(200);
    assert_eq!(plan["ours"], json!(["203.0.113.200"]));
    let mails = plan["mails"].as_array().unwrap();
    assert_eq!(mails.len(), 2);
    assert_eq!(
        (mails[0]["team"].as_str(), &mails[0]["rows"]),
        (Some("skerry"), &json!(["192.0.2.17", "192.0.2.18"]))
    );
    assert!(mails[0]["key"].is_string() && mails[1]["why_not"].is_string(), "{plan}");

    // Asked; the mails leave when the undo window closes.
    let recipients = json!([{"address": "duty@skerry.example"}, {"address": "noc@ambrell.example"}]);
    let done = p.post("/incidents/INC-2/investigations", json!({"recipients": recipients})).await.json(202);
    assert!(done["words"].as_str().unwrap().starts_with("2 mails about 3 rows queued"), "{done}");
    let asked = p.get("/investigations/INV-1").await.json(200);
    assert_eq!(
        (asked["incident"].as_str(), asked["deliveries"][0]["state"].as_str()),
        (Some("INC-2"), Some("waiting"))
    );
    assert_eq!((asked["encrypted"].as_bool(), asked["messages"].as_array().unwrap().len()), (Some(true), 1));
    w.node.clock.advance(w.desk.settings().undo_window + 1);
    w.run_due().await;
    assert_eq!(p.get("/investigations/INV-1").await.json(200)["deliveries"][0]["state"], "sent");

    // Its contact answers, we answer back, remind, resolve.
    let left = w.left();
    let ours = left.iter().find(|mail| mail.recipient == "noc@ambrell.example").unwrap();
    let no_keys = mail::pgp::KeyRing { public: &[], secret: &[], at: 0 };
    let opened = mail::open::open(&ours.bytes, &mail::Limits::default(), &no_keys);
    let reply_to = opened.headers.reply_to[0].address.clone();
    let answer = letter("NOC <noc@ambrell.example>", "Re: yours", "b@ambrell.example", "", "It is cleaned.");
    w.mail_to("noc@ambrell.example", &reply_to, answer.as_bytes()).await;
    let answered = p.get("/investigations/INV-2").await.json(200);
    assert!(answered["answered_at"].is_string(), "{answered}");
    assert!(!answered.to_string().contains(&reply_to), "the reply address is a secret");
    let thanks = json!({"text": "Thank you.", "tlp": "TLP:CLEAR"});
    assert!(p.post("/investigations/INV-2/reply", thanks).await.json(202)["undo"].is_string());
    assert!(p.post("/investigations/INV-1/remind", json!({})).await.json(202)["undo"].is_string());
    assert_eq!(p.post("/investigations/INV-2/resolve", json!({})).await.status, 204);
    assert_eq!(p.get("/investigations/INV-2").await.json(200)["status"], "resolved");
    assert_eq!(p.post("/investigations/INV-2/reopen", json!({})).await.status, 204);
    assert_eq!(p.get("/investigations/INV-2").await.json(200)["status"], "open");

    // Closed, with a word to the reporter.
    let closing = json!({"status": "resolved", "resolution": "cleaned", "text": "It is cleaned.", "reporters": ["IR-1"], "tlp": "CLEAR"});
    p.post("/incidents/INC-2/close", closing.clone()).await.json(200);
    let incident = p.get("/incidents/INC-2").await.json(200);
    assert_eq!(
        (incident["status"].as_str(), incident["resolution"].as_str()),
        (Some("resolved"), Some("cleaned"))
    );
    assert_eq!(incident["investigations"].as_array().unwrap().len(), 2);
    assert_eq!(p.get("/reports/IR-1").await.json(200)["status"], "resolved");
    p.post("/incidents/INC-2/close", closing).await.problem(409);
}

#[tokio::test]
async fn what_a_label_forbids_does_not_leave_and_all_that_is_held_is_named() {
    let w = world().await;
    let red = COMPLAINT.replace("TLP:GREEN", "TLP:RED");
    w.mail("it@uni.example", &letter("IT <it@uni.example>", "guessing", "a@uni.example", "", &red)).await;
    let p = Program::of(&w).await;
    p.post("/reports/triage", json!({"reports": ["IR-1"], "action": "open"})).await.json(200);
    let plan = p.get("/incidents/INC-1/plan?tlp=TLP:RED").await.json(200);
    let ways: Vec<&str> =
        plan["mails"].as_array().unwrap().iter().map(|mail| mail["may_leave"].as_str().unwrap()).collect();
    assert_eq!(ways, ["yes", "no"], "encrypted to the one, no key of the other");
    let both = json!({"recipients": [{"address": "duty@skerry.example"}, {"address": "noc@ambrell.example", "confirmed": true}]});
    let refused = p.post("/incidents/INC-1/investigations", both).await.problem(403);
    assert!(refused["detail"].as_str().unwrap().contains("Ambrell"), "{refused}");
    assert_eq!(p.get("/incidents/INC-1").await.json(200)["investigations"], json!([]), "none of them, then");
    // A freer label leaves out what came under the stricter one.
    let freer = p.get("/incidents/INC-1/plan?tlp=GREEN").await.json(200);
    assert_eq!((&freer["mails"], freer["left_out"].as_array().unwrap().len()), (&json!([]), 1));
}

#[tokio::test]
async fn an_answer_by_a_machine_is_filed_and_only_a_persons_opens_again() {
    let w = world().await;
    w.mail("it@uni.example", &letter("it@uni.example", "guessing", "a@uni.example", "", COMPLAINT)).await;
    let p = Program::of(&w).await;
    p.post("/reports/triage", json!({"reports": ["IR-1"], "action": "open"})).await.json(200);
    let recipients = json!([{"address": "noc@ambrell.example"}]);
    p.post("/incidents/INC-1/investigations", json!({"recipients": recipients})).await.json(202);
    w.node.clock.advance(w.desk.settings().undo_window + 1);
    w.run_due().await;
    let sent = w.left().remove(0).bytes;
    let sent = mail::open::open(&sent, &mail::Limits::default(), &mail::unlock::NoKeys).headers;
    let to = sent.reply_to[0].address.clone();
    p.post("/reports/triage", json!({"reports": ["IR-1"], "action": "resolve"})).await.json(200);
    p.patch("/incidents/INC-1", "*", json!({"status": "resolved"})).await.json(200);

    for (sender, status) in [("Auto-Submitted: auto-generated\r\n", "resolved"), ("", "open")] {
        let id = status;
        let again = format!("{sender}In-Reply-To: <a@uni.example>\r\n");
        let again = letter("it@uni.example", "guessing", &format!("{id}@uni.example"), &again, "and again");
        assert_eq!(w.mail("it@uni.example", &again).await.0, Outcome::Joined);
        let done =
            letter("noc@ambrell.example", "done", &format!("{id}@ambrell.example"), sender, "ticket 7");
        assert_eq!(w.mail_to("noc@ambrell.example", &to, done.as_bytes()).await.0, Outcome::Joined);
        assert_eq!(p.get("/reports/IR-1").await.json(200)["status"], status);
        assert_eq!(p.get("/incidents/INC-1").await.json(200)["status"], status);
        let answered = &p.get("/investigations/INV-1").await.json(200)["answered_at"];
        assert_eq!(answered.is_string(), status == "open", "{answered}");
    }
}
