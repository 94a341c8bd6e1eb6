//! A submission from one end to the other.
//!
//! Objects are done in their order, each in its own transaction. What an object lacks may come with a later one: those
//! that name unknown objects are tried again as long as others succeed. What is left may need one another (a person and
//! the maintainer that keeps it): those are judged together and done in one transaction, without those
//! that fail even so.

use std::sync::{Arc, Mutex, PoisonError};

use kit::{Error, Id, Result, Write};
use rpsl::template::Template;

use super::auto::{self, Autos};
use super::judge::{Court, Verdict};
use super::objects::{Pending, names};
use super::proofs::Proofs;
use super::report::{Outcome, Report};
use super::submission::{Item, Keywords, Operation, Submission};
use super::{notify, write};
use crate::Registry;
use crate::live::Applied;

/// A submission while it is done.
#[derive(Clone)]
struct Work {
    registry: Registry,
    id: Id,
    source: String,
    proofs: Proofs,
    /// The sender in words.
    sender: String,
    keywords: Keywords,
    dry_run: bool,
    autos: Arc<Autos>,
}

/// Does what `submission` asks; see [`Registry::update`]. Blocks.
pub(super) fn run(registry: &Registry, proofs: &Proofs, submission: Submission) -> Result<Report> {
    let closed = || {
        Error::Unavailable(
            "this node keeps no registry of its own: set [registry] source in its configuration".into(),
        )
    };
    let source = registry.settings().source.clone().ok_or_else(closed)?;
    let node = registry.node();
    let (asked, own) = (submission.items.clone(), source.clone());
    let autos = node.db.read_now(move |c| auto::choose(c, &own, &asked))?;
    let work = Work {
        registry: registry.clone(),
        id: node.id(),
        source,
        proofs: proofs.clone(),
        sender: proofs.in_words(),
        keywords: submission.keywords,
        dry_run: submission.dry_run,
        autos: Arc::new(autos),
    };
    let items: Arc<[Item]> = submission.items.into();
    let mut done = Done { verdicts: vec![None; items.len()], applied: Vec::new() };
    let outcome = if work.dry_run { work.dry(&items, &mut done) } else { work.real(&items, &mut done) };
    // What was done before something broke is shown, whatever broke.
    registry.apply(&done.applied)?;
    if !done.applied.is_empty() {
        registry.refresh_contacts()?;
    }
    if !work.dry_run {
        notify::send(registry, work.id)?;
    }
    outcome?;
    let objects = done.verdicts.into_iter().flatten().map(|verdict| verdict.report).collect();
    let (source, with_diff) = (work.source, work.keywords.diff);
    Ok(Report { source, objects, dry_run: work.dry_run, remarks: submission.remarks, with_diff })
}

/// What has come of the items so far.
struct Done {
    verdicts: Vec<Option<Verdict>>,
    applied: Vec<Applied>,
}

/// What came of some items together.
type Step = (Vec<Verdict>, Vec<Applied>);

impl Work {
    fn real(&self, items: &Arc<[Item]>, done: &mut Done) -> Result<()> {
        self.drive(items, done, &mut |places| {
            let (work, items, places) = (self.clone(), items.clone(), places.to_vec());
            self.registry.node().db.write_now(move |tx| work.step(tx, &items, &places))
        })?;
        let (work, id) = (self.clone(), self.id);
        let refused: Vec<(usize, Verdict)> = done
            .verdicts
            .iter()
            .enumerate()
            .filter_map(|(place, verdict)| {
                verdict.clone().filter(Verdict::is_failed).map(|verdict| (place, verdict))
            })
            .collect();
        if refused.iter().any(|(_, verdict)| !verdict.decision.failures.is_empty()) {
            self.registry.node().db.write_now(move |tx| {
                for (place, verdict) in &refused {
                    notify::refused(
                        work.registry.node(),
                        tx,
                        id,
                        *place,
                        &work.source,
                        &work.sender,
                        verdict,
                    )?;
                }
                notify::later(work.registry.node(), tx, id)
            })?;
        }
        Ok(())
    }

    /// All of it in one transaction, which is taken back.
    fn dry(&self, items: &Arc<[Item]>, done: &mut Done) -> Result<()> {
        let kept: Arc<Mutex<Vec<Option<Verdict>>>> = Arc::default();
        let (work, items, out) = (self.clone(), items.clone(), kept.clone());
        let taken_back = self.registry.node().db.write_now(move |tx| -> Result<()> {
            let mut done = Done { verdicts: vec![None; items.len()], applied: Vec::new() };
            work.drive(&items, &mut done, &mut |places| work.step(tx, &items, places))?;
            *out.lock().unwrap_or_else(PoisonError::into_inner) = done.verdicts;
            Err(Error::Conflict(DRY.to_owned()))
        });
        match taken_back {
            Err(Error::Conflict(text)) if text == DRY => {}
            Err(error) => return Err(error),
            Ok(()) => return Err(Error::Corrupt("a dry run was kept".into())),
        }
        done.verdicts = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }

    /// Has `step` do the items: one by one, again where another may have brought what was lacking, and at last those
    /// together that lack something still.
    fn drive(
        &self,
        items: &[Item],
        done: &mut Done,
        step: &mut dyn FnMut(&[usize]) -> Result<Step>,
    ) -> Result<()> {
        let mut open: Vec<usize> = (0..items.len()).collect();
        for _ in 0..ROUNDS {
            let before = open.len();
            open = Self::singly(open, done, step)?;
            if open.is_empty() || open.len() == before && !self.together(items, &open, done, step)? {
                break;
            }
        }
        Ok(())
    }

    /// Has `step` do the items at `open` one by one; returns those that lack something.
    fn singly(
        open: Vec<usize>,
        done: &mut Done,
        step: &mut dyn FnMut(&[usize]) -> Result<Step>,
    ) -> Result<Vec<usize>> {
        let mut lacking = Vec::new();
        for place in open {
            if done.is_done(place) {
                continue;
            }
            let (verdicts, applied) = step(&[place])?;
            if verdicts.iter().any(|verdict| verdict.is_failed() && verdict.lacks) {
                lacking.push(place);
            }
            done.take(&[place], verdicts, applied);
        }
        Ok(lacking)
    }

    /// Has `step` do those of the items at `open` together that others of them name, without those that fail even so.
    /// True when it did some.
    fn together(
        &self,
        items: &[Item],
        open: &[usize],
        done: &mut Done,
        step: &mut dyn FnMut(&[usize]) -> Result<Step>,
    ) -> Result<bool> {
        let mut open = self.named_by_others(items, open);
        for _ in 0..ROUNDS {
            if open.len() < 2 {
                break;
            }
            let verdicts = match step(&open) {
                Ok((verdicts, applied)) if verdicts.iter().all(|verdict| !verdict.is_failed()) => {
                    done.take(&open, verdicts, applied);
                    return Ok(true);
                }
                Ok((verdicts, _)) => verdicts,
                // They stand in one another's way: nothing of them was done, and their first verdicts stay.
                Err(Error::Conflict(_)) => break,
                Err(error) => return Err(error),
            };
            // Those that fail even so are out, and the others may do without them. Whose first verdict was that
            // something is lacking keeps it until then: it says what.
            let mut left = Vec::new();
            for (place, verdict) in open.into_iter().zip(verdicts) {
                if verdict.is_failed() {
                    done.take(&[place], vec![verdict], Vec::new());
                } else {
                    left.push(place);
                }
            }
            open = left;
        }
        Ok(false)
    }

    /// Those of the items at `open` that others of them may name: nobody waits for the rest.
    fn named_by_others(&self, items: &[Item], open: &[usize]) -> Vec<usize> {
        let mut named = std::collections::BTreeSet::new();
        let mut own = Vec::new();
        for place in open {
            let Operation::Save { text, .. } = &items[*place].operation else { continue };
            let text = auto::resolve(text, &self.autos);
            let Ok(object) = rpsl::Object::parse(&text) else { continue };
            let (Ok(key), class) = (object.primary_key(), object.class().into_owned()) else { continue };
            let Some(template) = Template::of(&class) else { continue };
            for slot in template.attributes() {
                for class in slot.attribute.references() {
                    named.extend(names(&object, slot.attribute).into_iter().map(|name| (*class, name)));
                }
            }
            own.push((*place, class, key));
        }
        // Keys may be named by what is short for them.
        let is_named = |class: &str, key: &str| {
            class == "key-cert" || named.iter().any(|(of, name)| *of == class && name == key)
        };
        own.into_iter().filter(|(_, class, key)| is_named(class, key)).map(|(place, ..)| place).collect()
    }

    /// Judges the items at `places` and, when all of them may be done, does them.
    fn step(&self, tx: &Write<'_>, items: &[Item], places: &[usize]) -> Result<Step> {
        let node = self.registry.node();
        let origin = write::take_over(node, tx, &self.source, node.now())?;
        let mut pending = Pending::new();
        if places.len() > 1 {
            pending = self.pending(items, places);
        }
        let court = Court {
            read: tx,
            settings: self.registry.settings(),
            source: &self.source,
            proofs: &self.proofs,
            only_new: self.keywords.new,
            autos: &self.autos,
            pending: &pending,
            now: node.now(),
        };
        let mut verdicts = Vec::new();
        for place in places {
            verdicts.push(court.judge(&items[*place])?);
        }
        let mut applied = Vec::new();
        if verdicts.iter().any(Verdict::is_failed) {
            return Ok((verdicts, applied));
        }
        for (place, verdict) in places.iter().zip(&mut verdicts) {
            if places.len() > 1 && court.judge(&items[*place])?.is_failed() {
                // Those before it in this very step have made it impossible.
                let text = format!(
                    "[{}] {} goes against another object sent with it",
                    verdict.report.class, verdict.report.key
                );
                return Err(Error::Conflict(text));
            }
            let change = write::carry_out(node, tx, &self.source, origin, &self.proofs, verdict)?;
            if let Some(change) = change {
                if !self.dry_run {
                    notify::changed(node, tx, self.id, *place, &self.source, &self.sender, verdict)?;
                }
                applied.push(change);
            }
        }
        if !applied.is_empty() && !self.dry_run {
            notify::later(node, tx, self.id)?;
        }
        Ok((verdicts, applied))
    }

    /// The objects at `places` as they would be: looked at where the registry has none of their names.
    fn pending(&self, items: &[Item], places: &[usize]) -> Pending {
        let mut pending = Pending::new();
        for place in places {
            let Operation::Save { text, .. } = &items[*place].operation else { continue };
            let text = auto::resolve(text, &self.autos);
            let Ok(object) = rpsl::Object::parse(&text) else { continue };
            let (Ok(key), class) = (object.primary_key(), object.class().into_owned()) else { continue };
            let whole = if class == "key-cert" { super::keys::fingerprint(&text) } else { None };
            let key = whole.map_or(key, |fingerprint| format!("PGPKEY-{fingerprint}"));
            pending.insert((class, key), text);
        }
        pending
    }
}

impl Done {
    fn is_done(&self, place: usize) -> bool {
        self.verdicts[place].as_ref().is_some_and(|verdict| !verdict.is_failed())
    }

    fn take(&mut self, places: &[usize], verdicts: Vec<Verdict>, applied: Vec<Applied>) {
        for (place, verdict) in places.iter().zip(verdicts) {
            // What was done is done: a later look does not undo it.
            let known = self.verdicts[*place].as_ref();
            if known.is_none_or(|known| known.report.outcome == Outcome::Failed) {
                self.verdicts[*place] = Some(verdict);
            }
        }
        self.applied.extend(applied);
    }
}

/// How often objects that lack something are tried again: each time those come that named what came the time before.
const ROUNDS: usize = 12;

/// What a dry run ends with, so that its transaction is taken back.
const DRY: &str = "dry run";
