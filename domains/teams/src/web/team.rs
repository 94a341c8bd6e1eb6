//! `/teams/HANDLE`: everything about a team in one place.

use std::collections::BTreeSet;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Frame, Granted, Introduce, ManageTeam, PageError};
use kit::events::Recorded;
use kit::{Error, Time};
use ui::{Html, Page};

use super::looker::{self, Looker};
use crate::dns::Challenge;
use crate::view::KeyView;
use crate::{Audience, Claim, Handled, IncidentType, Proof, Seen, Team, Teams, TrustStatus};

/// Most events that the page shows.
const EVENTS: i64 = 50;

pub(super) fn routes() -> Router<Teams> {
    Router::new().route("/teams/{handle}", get(show))
}

#[derive(Template)]
#[template(path = "team.html")]
pub(super) struct TeamPage {
    page: Page,
    team: Seen,
    known: usize,
    ribbon: Vec<Step>,
    networks: Vec<Claimed>,
    domains: Vec<Claimed>,
    numbers: Vec<Claimed>,
    irt: Option<Claimed>,
    keys: Vec<(KeyView, &'static str)>,
    texts: Vec<(&'static str, Vec<(&'static str, String)>)>,
    remit: Vec<(IncidentType, Handled)>,
    history: Vec<Line>,
    /// How many events there are, when the chain is whole; `None` where the history is not shown.
    chain: Option<Result<usize, String>>,
    /// Whether the reader may change the team's record and keys.
    may_change: bool,
    /// Whether the reader may decide that a claim holds.
    may_decide: bool,
    /// Whether some authority's certificates prove claims here.
    asks_certificates: bool,
    typed: Typed,
}

/// What was just typed on the page and refused.
#[derive(Debug, Default)]
pub(super) struct Typed {
    /// What is wrong with the key.
    pub(super) wrong: String,
    /// What is wrong with a decision about a claim, or what the registry said.
    pub(super) said: String,
}

/// Something that the team claims, and what proves it.
struct Claimed {
    kind: &'static str,
    text: String,
    proof: Option<Proof>,
    /// What the team would put into its zone to prove it.
    challenge: Option<Challenge>,
}

impl Claimed {
    fn mark(&self) -> ui::Markup {
        match &self.proof {
            Some(proof) if proof.missing.is_some() => ui::status("warn", "clock", "proven, for now"),
            Some(_) => ui::status("ok", "check", "proven"),
            None => ui::status("info", "note", "claimed"),
        }
    }

    fn how(&self) -> String {
        let Some(proof) = &self.proof else { return "in their record".to_owned() };
        let mut words = format!("by {}", proof.kind.words());
        if proof.claim.text() != self.text {
            words.push_str(&format!(", for {}", proof.claim));
        }
        if !proof.evidence.is_empty() {
            words.push_str(&format!(": {}", proof.evidence));
        }
        if let Some(since) = proof.missing {
            words.push_str(&format!("; not found since {}", ui::format::date(since)));
        }
        words
    }
}

impl TeamPage {
    /// A page or form below the team's.
    fn path(&self, rest: &str) -> String {
        format!("/teams/{}/{rest}", self.team.handle)
    }

    /// Where the form goes that takes the key out of use.
    fn withdrawal(&self, key: &KeyView) -> String {
        format!("/teams/{}/keys/{}/withdraw", self.team.handle, key.fingerprint)
    }

    /// Whom the record is shown to as it is shown here, in words.
    fn side(&self) -> &'static str {
        match self.team.audience() {
            Audience::Public => "public record",
            Audience::Members => "as members see it",
            Audience::Team => "as the team sees it",
            Audience::Operator => "as the operator sees it",
        }
    }

    /// The claims that a line in a zone would prove.
    fn to_prove(&self) -> Vec<(&Claimed, &Challenge)> {
        let all = self.networks.iter().chain(&self.domains);
        let open = all.filter_map(|claimed| Some((claimed, claimed.challenge.as_ref()?)));
        // `skerry.example` and `*.skerry.example` are one claim.
        let mut names = BTreeSet::new();
        open.filter(|(_, challenge)| names.insert(challenge.name.clone())).collect()
    }

    /// Whether a certificate may prove something that nothing proves yet.
    fn may_show_certificate(&self) -> bool {
        let mut all = self.networks.iter().chain(&self.domains).chain(&self.numbers);
        self.may_change && self.asks_certificates && all.any(|claimed| claimed.proof.is_none())
    }

    /// How the text is signed.
    fn signing(&self) -> String {
        let file = format!("{}-claims.txt", self.team.handle);
        format!("openssl cms -sign -binary -in {file} -signer cert.pem -inkey key.pem -outform PEM")
    }

    fn proven(&self) -> String {
        let proven = self.networks.iter().filter(|claimed| claimed.proof.is_some()).count();
        let all = self.networks.len();
        format!(
            "{}: {proven} proven, {} claimed",
            ui::format::plural(all, "network", "networks"),
            all - proven
        )
    }
}

/// A step of the ribbon that shows where a team stands.
struct Step {
    icon: &'static str,
    words: &'static str,
    since: Option<Time>,
    is_now: bool,
}

/// A line of the history.
struct Line {
    position: i64,
    at: Time,
    words: String,
    by: String,
}

async fn show(
    State(teams): State<Teams>,
    looker: Looker,
    frame: Frame,
    Path(handle): Path<String>,
) -> Result<Response, PageError> {
    Ok(Html(whole(&teams, &looker, frame, &handle, Typed::default()).await?).into_response())
}

/// The page; `typed` is what was just refused.
pub(super) async fn whole(
    teams: &Teams,
    looker: &Looker,
    frame: Frame,
    handle: &str,
    typed: Typed,
) -> Result<TeamPage, PageError> {
    let directory = teams.directory();
    let team = looker::find(teams, looker, handle)?;
    let (history, chain) = match &looker.granted {
        Some(granted) => {
            let chain = match teams.verify(granted, team.id).await {
                Ok(count) => Ok(count),
                Err(Error::Corrupt(why)) => Err(why),
                Err(error) => return Err(error.into()),
            };
            (teams.history(granted, team.id, EVENTS).await?, Some(chain))
        }
        None => (Vec::new(), None),
    };
    let now = teams.node().now();
    let is_own = looker.reader.team == Some(team.id);
    let claimed = |kind, text: String, proof: Option<&Proof>| {
        let open = is_own && proof.is_none_or(|proof| proof.missing.is_some());
        let claim = Claim::parse(kind, &text).ok().filter(|_| open);
        let challenge = claim.and_then(|claim| teams.dns_challenge(team.id, &claim));
        Claimed { kind, text, proof: proof.cloned(), challenge }
    };
    let may = |allowed: fn(&identity::Actor) -> bool| looker.actor().is_some_and(allowed);
    Ok(TeamPage {
        page: frame.page(&team.name, "/teams"),
        known: directory.teams().iter().filter(|team| looker.reader.knows(team)).count(),
        ribbon: ribbon(&team, &history),
        networks: team
            .networks
            .iter()
            .map(|n| claimed("network", n.to_string(), team.network_proof(n)))
            .collect(),
        numbers: team
            .asns
            .iter()
            .map(|asn| claimed("asn", Claim::Asn(*asn).text(), team.number_proof(*asn)))
            .collect(),
        domains: team.domains.iter().map(|d| claimed("domain", d.clone(), team.domain_proof(d))).collect(),
        irt: team.irt.as_ref().map(|irt| claimed("irt", irt.clone(), team.irt_proof())),
        keys: team.keys.iter().map(|key| (KeyView::of(key, now), KeyView::kind(key, now))).collect(),
        texts: texts(&team),
        remit: team.remit.iter().map(|(kind, handled)| (*kind, *handled)).collect(),
        history: history.iter().filter_map(|event| line(event, team.audience())).collect(),
        chain,
        may_change: is_own && may(|actor| Granted::<ManageTeam>::check(actor).is_ok()),
        may_decide: !is_own && may(|actor| Granted::<Introduce>::check(actor).is_ok()),
        asks_certificates: teams.asks_certificates(),
        typed,
        team,
    })
}

/// The longer texts of the record under their heads, without what is empty.
fn texts(team: &Seen) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let all = [
        (
            "Charter",
            vec![
                ("Mission", &team.mission),
                ("Sponsorship and affiliation", &team.sponsorship),
                ("Authority", &team.authority),
            ],
        ),
        (
            "Services",
            vec![
                ("Incidents and level of support", &team.support_level),
                ("When something has happened", &team.services_reactive),
                ("Before", &team.services_proactive),
            ],
        ),
        (
            "Policies",
            vec![
                ("Co-operation and disclosure", &team.policy_disclosure),
                ("Communication and authentication", &team.policy_communication),
                ("Reporting forms", &team.reporting_forms),
                ("Disclaimer", &team.disclaimer),
            ],
        ),
        (
            "More",
            vec![
                ("For the constituency", &team.customer_contact),
                ("Other ways to reach the team", &team.other_telecommunication),
                ("Other information", &team.other_information),
                ("Changes are announced to", &team.document.notifications),
                ("The current description is at", &team.document.locations),
            ],
        ),
        ("Notes", vec![("Of the team", &team.team_notes)]),
    ];
    let filled = all.into_iter().map(|(head, texts)| {
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        (head, texts.map(|(name, text)| (name, text.clone())).collect::<Vec<_>>())
    });
    filled.filter(|(_, texts)| !texts.is_empty()).collect()
}

/// The steps that the record knows of, the first one first, then where the team stands now.
fn ribbon(team: &Team, history: &[Recorded]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for event in history.iter().rev().filter(|event| event.kind == "teams.status_changed") {
        let to = event.body.as_ref().and_then(|body| body.get("to")).and_then(|to| to.as_str());
        let Some(status) = to.and_then(|to| to.parse::<TrustStatus>().ok()) else { continue };
        let (icon, words) = named(status);
        let since = event.body.as_ref().and_then(|body| body.get("since")).and_then(|day| day.as_str());
        steps.push(Step { icon, words, since: since.and_then(midnight), is_now: false });
    }
    // At most five fit beside one another.
    let mut steps = steps.split_off(steps.len().saturating_sub(5));
    match (team.standing, steps.last_mut()) {
        (Some(standing), Some(last)) if last.words == named(standing.status).1 => last.is_now = true,
        (Some(standing), _) => {
            let (icon, words) = named(standing.status);
            steps.push(Step { icon, words, since: Some(standing.since), is_now: true });
        }
        (None, _) => steps.push(Step { icon: "none", words: "Not listed", since: None, is_now: true }),
    }
    steps
}

fn named(status: TrustStatus) -> (&'static str, &'static str) {
    match status {
        TrustStatus::Withdrawn => ("cross", "Withdrawn"),
        TrustStatus::Suspended => ("suspended", "Suspended"),
        TrustStatus::Listed => ("listed", "Listed"),
        TrustStatus::Candidate => ("candidate", "Accreditation candidate"),
        TrustStatus::Accredited => ("accredited", "Accredited"),
        TrustStatus::Certified => ("accredited", "Certified"),
    }
}

/// 2024-06-11 → µs since 1970 UTC.
fn midnight(day: &str) -> Option<Time> {
    let day: jiff::civil::Date = day.parse().ok()?;
    Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

/// An event in words, as `audience` may read it: which fields of a record changed, and on what evidence, is told to the
/// team.
fn line(event: &Recorded, audience: Audience) -> Option<Line> {
    let is_inside = audience >= Audience::Team;
    let text = |name: &str| {
        let value = event.body.as_ref().and_then(|body| body.get(name));
        value.and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    };
    let items = |name: &str| {
        let value = event.body.as_ref().and_then(|body| body.get(name)).and_then(|value| value.as_array());
        value.into_iter().flatten().filter_map(|value| value.as_str()).map(str::to_owned).collect::<Vec<_>>()
    };
    let key = || ui::format::fingerprint_end(&text("fingerprint"));
    let evidence =
        || if is_inside { format!(": {}{}", text("evidence"), text("why")) } else { String::new() };
    let words = match event.kind.as_str() {
        _ if event.body.is_none() => format!("{} (erased)", event.kind),
        "teams.imported" => "Entered into the directory".to_owned(),
        "teams.changed" => {
            let mut fields = items("fields");
            if audience < Audience::Operator {
                fields.retain(|field| field != "operator_notes");
            }
            if fields.is_empty() {
                return None;
            }
            if is_inside {
                format!("Record changed: {}", fields.join(", ").replace('_', " "))
            } else {
                "Record changed".to_owned()
            }
        }
        "teams.status_changed" if text("to").is_empty() => "Taken off the list".to_owned(),
        "teams.status_changed" => format!("{} since {}", capital(&text("to")), text("since")),
        "teams.key_added" => format!("Key {} added", key()),
        "teams.key_withdrawn" => format!("Key {} withdrawn: {}", key(), text("why")),
        "teams.desk_changed" if items("mailboxes").is_empty() => "Desk not run here any more".to_owned(),
        "teams.desk_changed" if is_inside => {
            format!("Desk run here, mail to {}", items("mailboxes").join(", "))
        }
        "teams.desk_changed" => "Desk run here".to_owned(),
        "teams.description_signed" => format!("Description signed with {}", key()),
        "teams.description_signature_dropped" => "Signature of the description served no more".to_owned(),
        "teams.secret_key_set" => format!("Secret key {} given to the desk", key()),
        // What is claimed may itself not be for this reader.
        "teams.claim_proven" if is_inside => {
            format!("{} proven by {}{}", text("claim"), by(&text("proof")), evidence())
        }
        "teams.claim_proven" => format!("A claim proven by {}", by(&text("proof"))),
        "teams.proof_withdrawn" if is_inside => {
            format!("{} not proven by {} any more{}", text("claim"), by(&text("proof")), evidence())
        }
        "teams.proof_withdrawn" => format!("A claim not proven by {} any more", by(&text("proof"))),
        "trust.drill_asked" if is_inside => {
            format!("A drill asked by {} at {}", text("channel"), text("address"))
        }
        "trust.drill_asked" => "A drill asked whether the team can be reached".to_owned(),
        "trust.drill_ended" if is_inside => format!("A drill ended: {}", drilled(&text("outcome"))),
        "trust.drill_ended" => "A drill ended".to_owned(),
        "trust.assessed" => format!("Assessed its own maturity by {}", text("model")),
        "trust.conduct_declared" => {
            let version = event.body.as_ref().and_then(|body| body.get("version")?.as_i64());
            let signed = if text("fingerprint").is_empty() {
                String::new()
            } else {
                format!(", signed with {}", key())
            };
            format!(
                "Declared that it keeps to version {} of the code of conduct{signed}",
                version.unwrap_or(0)
            )
        }
        other => other.to_owned(),
    };
    Some(Line { position: event.position, at: event.at, words, by: event.actor.clone() })
}

fn by(proof: &str) -> String {
    proof.parse::<crate::ProofKind>().map_or_else(|_| proof.to_owned(), |kind| kind.words().to_owned())
}

/// How a drill went for the team.
fn drilled(outcome: &str) -> &str {
    match outcome {
        "answered" => "answered in time",
        "late" => "answered late",
        "silent" => "not answered",
        "bounced" => "the message was refused",
        "unreachable" => "no address that works",
        other => other,
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
