//! What is wrong with the authority, for `wardmote doctor`.

use kit::Time;
use kit::health::Finding;

use crate::Pki;
use crate::list::AuthorityView;
use crate::model::Standing;

/// A ceremony takes people and a safe: so many days before something ends it is told.
const DAYS: i64 = 60;

impl Pki {
    /// The days left of the authorities and their lists; nothing on a node without them.
    pub fn findings(&self) -> Vec<Finding> {
        let now = self.node().now();
        let all = self.authorities();
        let mut found: Vec<_> = all.iter().flat_map(|one| of(one, now)).collect();
        let issues = |one: &AuthorityView| !one.root && one.state == Standing::Active;
        if !all.is_empty() && !all.iter().any(issues) {
            let todo = "no authority issues certificates: make one with `wardmote cert issuing request`";
            found.push(Finding::bad("authority", todo));
        }
        found
    }
}

fn of(one: &AuthorityView, now: Time) -> Vec<Finding> {
    if one.state != Standing::Active {
        return Vec::new();
    }
    let renew = match one.root {
        true => "renew it with `wardmote cert root renew`, and give it to everybody",
        false => "renew it with `wardmote cert issuing request` and the root's holders",
    };
    let mut found = vec![Finding::ends(format!("authority {}", one.name), one.until, now, DAYS, renew)];
    let what = format!("list {}", one.name);
    // The list of an authority that issues is made anew by the node, the root's at a ceremony.
    found.push(match one.list_until {
        Some(until) if one.root => {
            let todo =
                "make one with `wardmote cert root crl`, bring it here with `wardmote cert issuing root-crl`";
            Finding::ends(what, until, now, DAYS, todo)
        }
        Some(until) => {
            let todo = "the node makes it when it runs: does it? Else its log says why";
            Finding::ends(what, until, now, 0, todo)
        }
        None => Finding::mind(what, "no revocation list is published: whoever asks for one finds none"),
    });
    found
}

#[cfg(test)]
mod tests {
    use kit::clock::DAY;
    use kit::health::Verdict::{self, Bad, Good, Mind};

    use super::*;

    fn verdicts(root: bool, until: Time, list_until: Option<Time>) -> Vec<Verdict> {
        let view = AuthorityView {
            name: "a1".into(),
            root,
            subject: String::new(),
            state: Standing::Active,
            from: 0,
            until,
            fingerprint: String::new(),
            list_until,
        };
        of(&view, 0).into_iter().map(|one| one.verdict).collect()
    }

    #[test]
    fn what_takes_a_ceremony_is_told_sixty_days_before_and_what_has_ended_is_bad() {
        assert_eq!(verdicts(false, 900 * DAY, Some(DAY)), [Good, Good]);
        assert_eq!(verdicts(false, 59 * DAY, Some(-1)), [Mind, Bad], "the node's own list");
        assert_eq!(verdicts(true, 900 * DAY, Some(59 * DAY)), [Good, Mind], "the root's list");
        assert_eq!(verdicts(true, -DAY, Some(-DAY)), [Bad, Bad]);
        assert_eq!(verdicts(true, 900 * DAY, None), [Good, Mind]);
    }
}
