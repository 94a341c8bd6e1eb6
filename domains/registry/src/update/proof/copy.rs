//! A copy of a signed text that was used before: those whose objects it names are told.

use std::collections::BTreeSet;

use kit::{Error, Result, Time};
use rpsl::{Notes, Object, Record};

use super::Signed;
use crate::Registry;
use crate::post::Letter;
use crate::store::objects::{self, Name};
use crate::store::proofs;

/// Addresses that are told of one copy.
const TOLD: usize = 20;
/// Objects of the text that are looked at.
const OBJECTS: usize = 100;

impl Registry {
    /// Tells the teams that the objects of `signed` name, and the maintainers of those objects, that a copy of it came
    /// although it was used at `first`. The first copy only: who sends a thousand does not make us write a thousand mails.
    ///
    /// # Errors
    /// The database is gone; the disk is full.
    pub(crate) async fn tell_of_copy(&self, signed: &Signed, first: Time) -> Result<()> {
        if self.settings().update_address().is_none() {
            return Ok(());
        }
        let (own, signed) = (self.clone(), signed.clone());
        let told = tokio::task::spawn_blocking(move || own.tell(&signed, first));
        told.await.map_err(|_| Error::Unavailable("a copy could not be told of".into()))?
    }

    fn tell(&self, signed: &Signed, first: Time) -> Result<()> {
        let addresses = self.concerned(&signed.text)?;
        let letters =
            addresses.iter().take(TOLD).map(|to| self.write_letter(&letter(self, to, signed, first)));
        // An address that cannot be written to does not keep the others from being told.
        let letters: Vec<_> = letters.flatten().collect();
        let digests: Vec<_> = signed.proven.iter().map(|proof| proof.digest).collect();
        let (own, now) = (self.clone(), self.now());
        self.node().db.write_now(move |tx| {
            let mut is_first = false;
            for digest in &digests {
                is_first |= proofs::copied(tx, *digest, now)?;
            }
            if is_first {
                for letter in &letters {
                    own.send_letter(tx, letter, now)?;
                }
            }
            Ok(())
        })
    }

    /// Who is to be told of something that was tried with the objects in `text`: of each `irt` among them and of each one
    /// that they name, `irt-nfy`, else `e-mail`; of those who maintain them, `upd-to`. As the registry has it, not as the
    /// text says.
    fn concerned(&self, text: &str) -> Result<Vec<String>> {
        let Some(source) = self.settings().source.clone() else { return Ok(Vec::new()) };
        let (mut irts, mut mntners) = (BTreeSet::new(), BTreeSet::new());
        for object in rpsl::objects(text.as_bytes()).take(OBJECTS).flatten() {
            if object.class() == "irt" {
                irts.insert(object.key().to_uppercase());
            }
            for attribute in object.attributes() {
                let named = attribute.items().map(|name| name.to_uppercase());
                match attribute.name() {
                    "mnt-irt" => irts.extend(named),
                    "mnt-by" => mntners.extend(named),
                    _ => {}
                }
            }
        }
        let stored = |class: &'static str, names: BTreeSet<String>| -> Result<Vec<Vec<u8>>> {
            let source = source.clone();
            self.node().db.read_now(move |c| {
                let found = names
                    .iter()
                    .take(OBJECTS)
                    .map(|key| objects::by_key(c, Name { source: &source, class, key }));
                Ok(found
                    .collect::<Result<Vec<_>>>()?
                    .into_iter()
                    .flatten()
                    .map(|stored| stored.raw)
                    .collect())
            })
        };
        let mut told = BTreeSet::new();
        for raw in stored("irt", irts)?.iter().chain(&stored("mntner", mntners)?) {
            let Ok(object) = Object::parse(raw) else { continue };
            match Record::read(&object, &mut Notes::default()) {
                Ok(Record::Irt(irt)) if irt.irt_nfy.is_empty() => told.extend(irt.emails),
                Ok(Record::Irt(irt)) => told.extend(irt.irt_nfy),
                Ok(Record::Mntner(mntner)) => told.extend(mntner.upd_to),
                _ => {}
            }
        }
        Ok(told
            .into_iter()
            .map(|address| address.to_lowercase())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect())
    }
}

fn letter(registry: &Registry, to: &str, signed: &Signed, first: Time) -> Letter {
    let source = registry.settings().source.as_deref().unwrap_or_default();
    let signers: String = signed
        .proven
        .iter()
        .map(|proof| format!("  {}, signed {}\n", proof.fingerprint, ui::format::iso(proof.made_at)))
        .collect();
    let quoted: String = signed.text.lines().take(200).map(|line| format!("> {line}\n")).collect();
    let text = format!(
        "A copy of a signed change came to the {source} registry. Nothing was changed by it: the signature was\n\
         used on {} already, and each counts once.\n\n\
         When whoever signed it has sent it twice by mistake, nothing need be done. Otherwise somebody has a copy\n\
         of the mail and tries to use it: you may want to know on which way they got it.\n\n\
         Signed with:\n{signers}\nThe text:\n\n{quoted}",
        ui::format::iso(first)
    );
    Letter {
        to: to.to_owned(),
        subject: format!("{source} registry: a signed change was sent again and refused"),
        text,
        about: "registry-copy:".to_owned()
            + &signed.proven.first().map_or_else(String::new, |p| p.digest.to_string()),
        ..Letter::default()
    }
}
