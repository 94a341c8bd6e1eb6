//! The afternoon: mails come in, one becomes an incident, those responsible are asked, some answer.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use identity::{Granted, ReadCases};
use incidents::model::{Number, Outcome};
use incidents::{Action, Desk, LaunchOrder, MailIn, PlanOrder, Recipient, Settings};
use kit::{Id, Time};
use mail::relay::{Outcome as Handed, Relay};

use crate::Community;
use crate::Stage;
use crate::letters::{self, Letter, Sent};

/// How long one step of the story may take before something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// The afternoon on a running node.
pub struct Story<'a> {
    /// Its services.
    pub house: &'a Stage,
    /// The community that was made on it.
    pub community: &'a Community,
    /// Sends to its SMTP listener.
    pub to_us: &'a Relay,
    /// Where the sink puts what the node sends.
    pub sink: PathBuf,
    /// The moment that all marks of the samples count from: two mails that are the same stay the same.
    pub now: Time,
}

impl Story<'_> {
    /// The user's own mails, and what became of them.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn tell_own(&self, letters: Vec<Letter>) -> anyhow::Result<()> {
        for letter in letters {
            self.hand_in(&letter).await?;
        }
        Ok(())
    }

    /// The samples; then the incident, the investigations, the answers.
    ///
    /// # Errors
    /// The node does not answer, or does not do what it should.
    pub async fn tell(&self) -> anyhow::Result<()> {
        println!("Mail to cert@aldermark.example, through the SMTP listener:");
        let mut guessing = None;
        for (name, text) in letters::SAMPLES {
            let letter = self.letter(name, text, None)?;
            if !letter.is_answer {
                let mail = self.hand_in(&letter).await?;
                guessing = guessing.or(mail.filter(|_| letter.name.contains("password-guessing")));
            }
        }
        let report: Number = guessing.map(|mail| mail.note).unwrap_or_default().parse()?;
        let sent = self.investigate(report.number).await?;
        println!("\nAnswers to what was sent:");
        for (name, text) in letters::SAMPLES {
            let asked = self.letter(name, text, None)?;
            if asked.is_answer {
                let to = asked.answers_team.and_then(|handle| sent.iter().find(|(team, _)| *team == handle));
                if let Some((_, mail)) = to.or(sent.first()) {
                    self.hand_in(&self.letter(name, text, Some(mail))?).await?;
                }
            }
        }
        Ok(())
    }

    fn letter(&self, name: &str, text: &[u8], sent: Option<&Sent>) -> anyhow::Result<Letter> {
        let mut seed = [0; 32];
        self.house.node.random().fill(&mut seed);
        letters::sample(name, text, self.now, &self.community.keys, sent, seed)
    }

    /// Sends the letter to the desk as any mail server would, waits until it is placed, and says what became of it.
    async fn hand_in(&self, letter: &Letter) -> anyhow::Result<Option<MailIn>> {
        let reply = match self.to_us.send(&letter.from, &letter.to, &letter.bytes).await {
            Handed::Accepted { reply } => reply,
            Handed::Deferred { reply } | Handed::Failed { reply } => {
                println!("  {:<28} not taken: {reply}", letter.name);
                return Ok(None);
            }
        };
        // The listener names the mail in its reply, as it does to any client.
        let Some(id) =
            reply.split_whitespace().find_map(|word| word.trim_end_matches('.').parse::<Id>().ok())
        else {
            bail!("the listener's reply names no mail: {reply}");
        };
        let placed = self.wait(|| async {
            let mail = self.house.desk.mail_taken(&self.reading(), id).await?;
            Ok(Some(mail).filter(|mail| mail.outcome != Outcome::Waiting))
        });
        let mail = placed.await?;
        println!("  {:<28} {:<10} {}", letter.name, mail.outcome.name(), mail.note);
        Ok(Some(mail))
    }

    /// Opens the fifty addresses' report as an incident and asks all who may be asked.
    async fn investigate(&self, report: i64) -> anyhow::Result<Vec<(String, Sent)>> {
        // A desk that lets mail leave at once: nobody is there to take it back.
        let settings = Settings { undo_window: 0, ..self.house.desk.settings().clone() };
        let house = self.house;
        let desk = Desk::new(house.node.clone(), house.teams.clone(), house.registry.clone(), settings);
        let own = self.community.own;
        let action = Action::Open {
            title: "SSH password guessing by 50 hosts against the university".into(),
            classification: "intrusion-attempts:brute-force".into(),
        };
        let opened = desk.triage(&Granted::for_node_in(own), vec![report], action).await?;
        println!("\n{}", opened.words);
        let number = opened.incident.map_or(0, |name| name.number);
        let order =
            PlanOrder { subject: "SSH password guessing from your network".into(), ..PlanOrder::default() };
        let plan = desk.plan(&self.reading(), number, &order).await?;
        let mut recipients = Vec::new();
        for mail in &plan.mails {
            let goes = mail.encrypted();
            let what = if goes { "encrypted" } else { "held" };
            println!("  {:<28} {:>2} addresses  {what:<9}  {}", mail.name, mail.rows.len(), mail.readers);
            if goes {
                recipients.push(Recipient { address: mail.address.clone(), confirmed: false });
            }
        }
        let expected = recipients.len();
        desk.launch(&Granted::for_node_in(own), number, LaunchOrder { plan: order, recipients }).await?;
        self.wait_for_sink(expected).await?;
        let mut sent = Vec::new();
        for out in desk.sent_for(&self.reading(), number).await? {
            let directory = house.teams.directory();
            let team =
                directory.by_address(&out.recipient).map(|team| team.handle.clone()).unwrap_or_default();
            let bytes = house.node.blobs.get(out.blob)?;
            let opened = mail::open::open(&bytes, &mail::Limits::default(), &mail::unlock::NoKeys);
            let header = |name: &str| opened.headers.field(name).unwrap_or_default();
            let reply_to = opened.headers.reply_to.first().map(|to| to.address.clone()).unwrap_or_default();
            sent.push((
                team,
                Sent {
                    message_id: out.message_id.clone(),
                    subject: header("Subject"),
                    date: header("Date"),
                    recipient: out.recipient.clone(),
                    reply_to,
                    envelope_from: out.return_path.clone(),
                },
            ));
        }
        Ok(sent)
    }

    async fn wait_for_sink(&self, count: usize) -> anyhow::Result<()> {
        self.wait(|| async {
            let caught = std::fs::read_dir(&self.sink)?.filter_map(Result::ok);
            let caught =
                caught.filter(|entry| entry.path().extension().is_some_and(|end| end == "eml")).count();
            Ok((caught >= count).then_some(()))
        })
        .await?;
        println!("  {count} mails signed, encrypted and caught by the sink");
        Ok(())
    }

    async fn wait<T, F, Fut>(&self, look: F) -> anyhow::Result<T>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = anyhow::Result<Option<T>>>,
    {
        let until: Time = self.house.node.now() + PATIENCE.as_micros() as Time;
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if self.house.node.now() > until {
                bail!(
                    "the node did not get on within {} s; its log says why (WARDMOTE_LOG=debug)",
                    PATIENCE.as_secs()
                );
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn reading(&self) -> Granted<ReadCases> {
        Granted::for_node_in(self.community.own)
    }
}
