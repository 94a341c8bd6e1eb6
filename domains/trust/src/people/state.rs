//! How a person comes to be trusted: states, commands, and what each command does. No database, no clock.
//!
//! ```text
//! nominated ── enough vouches ──► vetted ── yes, and approval ──► approved ── log-in ──► active ◄──► inactive
//!     │                             │                                                     │ ▲         a vouch is gone
//!     └─ nobody vouches ─► failed ◄─┴─ no, or no answer                                   ▼ │
//!                            ▲                                                            idle        not seen for long
//!                            └── upheld ── blocked ◄── an objection, from any of these; dismissed: back
//! ```

use std::collections::BTreeSet;

use kit::clock::DAY;
use kit::{Id, Time, named};

use super::Rules;

named! {
    /// Where a person stands.
    pub enum State {
        /// Somebody named them; others are asked to vouch. They are not told.
        Nominated = "nominated",
        /// Enough teams vouch; they are asked whether they want it.
        Vetted = "vetted",
        /// They want it and the operator approved; they have not come in yet.
        Approved = "approved",
        /// In.
        Active = "active",
        /// In, but no longer vouched for by enough teams.
        Inactive = "inactive",
        /// Not seen for long.
        Idle = "idle",
        /// It came to nothing.
        Failed = "failed",
        /// Somebody objected; the board decides.
        Blocked = "blocked",
        /// Dead, and remembered.
        Deceased = "deceased",
    }
}

impl State {
    /// Whether an account that was made for such a person lets them in.
    pub const fn comes_in(self) -> bool {
        matches!(self, Self::Approved | Self::Active | Self::Inactive | Self::Idle)
    }

    /// Whether nothing leads away from it.
    pub const fn is_last(self) -> bool {
        matches!(self, Self::Failed | Self::Deceased)
    }
}

/// Who vouches: a person, for their team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voucher {
    /// Their account.
    pub account: Id,
    /// Their team.
    pub team: Id,
}

/// A person as the process sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where they stand.
    pub state: State,
    /// Since when.
    pub since: Time,
    /// Their account, once there is one.
    pub account: Option<Id>,
    /// Their own team, if they are of one.
    pub team: Option<Id>,
    /// Who vouches for them, each account once.
    pub vouchers: Vec<Voucher>,
    /// Objections that are not decided.
    pub objections: usize,
    /// When they were asked whether they want it.
    pub asked_at: Option<Time>,
    /// When they said yes.
    pub consented_at: Option<Time>,
    /// When they were approved, and by which account.
    pub approved: Option<(Time, Option<Id>)>,
    /// Until then vouches, or their answer, are awaited.
    pub deadline: Option<Time>,
    /// Where they stood before somebody objected.
    pub before: Option<State>,
    /// When they were last seen.
    pub seen_at: Option<Time>,
}

/// What somebody, or time, does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Vouches.
    Vouch(Voucher),
    /// Vouches no longer.
    Withdraw(Id),
    /// Objects.
    Object(Voucher),
    /// The board finds nothing in an objection.
    Dismiss,
    /// The board finds an objection right.
    Uphold,
    /// The nominee wants it.
    Consent,
    /// The nominee does not want it.
    Decline,
    /// The operator approves; who, unless it is the node itself.
    Approve(Option<Id>),
    /// They came in, with this account.
    Enter(Id),
    /// They were seen then.
    Seen(Time),
    /// They have died.
    Bury,
    /// Time has passed.
    Tick,
}

/// Why a command was refused, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

impl Standing {
    /// Somebody whom `nominator` names at `now`; the nomination is the first vouch.
    ///
    /// # Errors
    /// Nobody names themself, nor (unless the rules count it) one of their own team.
    pub fn nominated(
        rules: &Rules,
        nominator: Voucher,
        account: Option<Id>,
        team: Option<Id>,
        now: Time,
    ) -> Result<Self, Refused> {
        let new = Self {
            state: State::Nominated,
            since: now,
            account,
            team,
            vouchers: Vec::new(),
            objections: 0,
            asked_at: None,
            consented_at: None,
            approved: None,
            deadline: Some(now + i64::from(rules.vetting_days) * DAY),
            before: None,
            seen_at: None,
        };
        new.after(rules, Command::Vouch(nominator), now)
    }

    /// The person after `command` at `now`.
    ///
    /// # Errors
    /// Why it cannot be done, in words for who tried.
    pub fn after(mut self, rules: &Rules, command: Command, now: Time) -> Result<Self, Refused> {
        match command {
            Command::Vouch(voucher) => self.vouch(rules, voucher)?,
            Command::Withdraw(account) => {
                let before = self.vouchers.len();
                self.vouchers.retain(|voucher| voucher.account != account);
                if before == self.vouchers.len() {
                    return refused("you do not vouch for them");
                }
            }
            Command::Object(voucher) => self.object(voucher, now)?,
            Command::Dismiss => self.dismiss(now)?,
            Command::Uphold => {
                self.must_be(State::Blocked, "there is no objection to decide")?;
                self.objections = 0;
                self.go(State::Failed, now);
            }
            Command::Consent => {
                self.must_be(State::Vetted, "nothing is asked of them now")?;
                if self.consented_at.is_some() {
                    return refused("they have said yes already");
                }
                self.consented_at = Some(now);
                self.deadline = None;
            }
            Command::Decline => {
                self.must_be(State::Vetted, "nothing is asked of them now")?;
                self.go(State::Failed, now);
            }
            Command::Approve(by) => self.approve(by, now)?,
            Command::Enter(account) => {
                self.must_be(State::Approved, "they are not approved, or came in before")?;
                self.account = Some(account);
                self.seen_at = Some(now);
                self.go(State::Active, now);
            }
            Command::Seen(at) => self.seen_at = self.seen_at.max(Some(at)),
            Command::Bury if self.state == State::Deceased => return refused("it is known"),
            Command::Bury => {
                self.objections = 0;
                self.go(State::Deceased, now);
            }
            Command::Tick => {}
        }
        self.settle(rules, now);
        Ok(self)
    }

    /// How many teams vouch whose word counts.
    pub fn teams(&self, rules: &Rules) -> usize {
        let counts = |voucher: &&Voucher| rules.own_team || Some(voucher.team) != self.team;
        self.vouchers.iter().filter(counts).map(|voucher| voucher.team).collect::<BTreeSet<_>>().len()
    }

    /// Whether enough teams vouch.
    pub fn is_vouched_for(&self, rules: &Rules) -> bool {
        self.teams(rules) >= rules.teams.max(1) as usize
    }

    fn vouch(&mut self, rules: &Rules, voucher: Voucher) -> Result<(), Refused> {
        match self.state {
            State::Blocked => return refused("somebody has objected: wait until the board has decided"),
            State::Failed | State::Deceased => return refused("nobody is vouched for here any more"),
            _ => {}
        }
        if self.account == Some(voucher.account) {
            return refused("nobody vouches for themself");
        }
        if self.team == Some(voucher.team) && !rules.own_team {
            return refused("the word of their own team does not count: somebody of another team must vouch");
        }
        if self.vouchers.iter().any(|known| known.account == voucher.account) {
            return refused("you vouch for them already");
        }
        self.vouchers.push(voucher);
        Ok(())
    }

    fn object(&mut self, voucher: Voucher, now: Time) -> Result<(), Refused> {
        if self.state.is_last() {
            return refused("there is nothing to object to any more");
        }
        if self.account == Some(voucher.account) {
            return refused("say no when you are asked, or tell the operator");
        }
        if self.vouchers.iter().any(|known| known.account == voucher.account) {
            return refused("you vouch for them: withdraw that first");
        }
        self.objections += 1;
        if self.state != State::Blocked {
            self.before = Some(self.state);
            self.go_keeping_deadline(State::Blocked, now);
        }
        Ok(())
    }

    /// Time stood still while the board thought about it.
    fn dismiss(&mut self, now: Time) -> Result<(), Refused> {
        self.must_be(State::Blocked, "there is no objection to decide")?;
        self.objections = self.objections.saturating_sub(1);
        if self.objections == 0 {
            let stood = now.saturating_sub(self.since).max(0);
            self.deadline = self.deadline.map(|deadline| deadline.saturating_add(stood));
            let before = self.before.take().unwrap_or(State::Nominated);
            self.go_keeping_deadline(before, now);
        }
        Ok(())
    }

    fn approve(&mut self, by: Option<Id>, now: Time) -> Result<(), Refused> {
        self.must_be(State::Vetted, "only who was vetted can be approved")?;
        if self.consented_at.is_none() {
            return refused("they have not said yes yet");
        }
        if by.is_some_and(|by| self.vouchers.iter().any(|voucher| voucher.account == by)) {
            return refused("you vouch for them: somebody else must approve");
        }
        if by.is_some() && by == self.account {
            return refused("nobody approves themself");
        }
        self.approved = Some((now, by));
        self.go(State::Approved, now);
        // Who has an account is in.
        if self.account.is_some() {
            self.seen_at = Some(now);
            self.go(State::Active, now);
        }
        Ok(())
    }

    /// What follows from the vouches and from time, until nothing follows.
    fn settle(&mut self, rules: &Rules, now: Time) {
        loop {
            let enough = self.is_vouched_for(rules);
            let over = self.deadline.is_some_and(|deadline| now > deadline);
            let idle = rules.idle_days > 0
                && self.seen_at.is_some_and(|seen| now > seen + i64::from(rules.idle_days) * DAY);
            match self.state {
                State::Nominated if enough => {
                    self.go(State::Vetted, now);
                    self.asked_at = self.asked_at.or(Some(now));
                    if self.consented_at.is_none() {
                        self.deadline = Some(now + i64::from(rules.answer_days) * DAY);
                    }
                }
                State::Nominated | State::Vetted if over => self.go(State::Failed, now),
                State::Vetted if !enough => {
                    self.go(State::Nominated, now);
                    self.deadline = Some(now + i64::from(rules.vetting_days) * DAY);
                }
                State::Approved | State::Active | State::Idle if !enough => self.go(State::Inactive, now),
                State::Inactive if enough && self.seen_at.is_none() => self.go(State::Approved, now),
                State::Inactive if enough => self.go(State::Active, now),
                State::Active if idle => self.go(State::Idle, now),
                State::Idle if !idle => self.go(State::Active, now),
                _ => return,
            }
        }
    }

    fn must_be(&self, state: State, why: &str) -> Result<(), Refused> {
        if self.state == state { Ok(()) } else { refused(why) }
    }

    fn go(&mut self, state: State, now: Time) {
        self.deadline = None;
        self.go_keeping_deadline(state, now);
    }

    fn go_keeping_deadline(&mut self, state: State, now: Time) {
        self.state = state;
        self.since = now;
    }
}

fn refused<T>(why: &str) -> Result<T, Refused> {
    Err(Refused(why.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Time = kit::testing::START;

    fn id(n: u8) -> Id {
        Id::from_bytes([n; 16])
    }

    /// Somebody of team `team`; accounts 1 and 2 are of team 1, 3 and 4 of team 2, …
    fn of(account: u8) -> Voucher {
        Voucher { account: id(account), team: id(100 + account.div_ceil(2)) }
    }

    fn rules() -> Rules {
        Rules { teams: 3, idle_days: 365, ..Rules::default() }
    }

    fn nominee() -> Standing {
        Standing::nominated(&rules(), of(1), None, None, NOW).unwrap()
    }

    fn through(person: Standing, commands: &[Command]) -> Standing {
        commands.iter().fold(person, |person, command| person.after(&rules(), *command, NOW).unwrap())
    }

    #[test]
    fn three_teams_a_yes_and_somebody_elses_approval_make_a_person_active() {
        let person = through(nominee(), &[Command::Vouch(of(2)), Command::Vouch(of(3))]);
        assert_eq!((person.state, person.asked_at), (State::Nominated, None), "two of one team count once");
        let person = through(person, &[Command::Vouch(of(5))]);
        assert_eq!((person.state, person.asked_at), (State::Vetted, Some(NOW)));
        assert!(person.clone().after(&rules(), Command::Approve(Some(id(50))), NOW).is_err(), "no yes yet");
        let person = through(person, &[Command::Consent]);
        assert!(person.clone().after(&rules(), Command::Approve(Some(id(5))), NOW).is_err(), "vouches");
        let person = through(person, &[Command::Approve(Some(id(50)))]);
        assert_eq!(person.state, State::Approved);
        let person = through(person, &[Command::Enter(id(60))]);
        assert_eq!(person.state, State::Active);
        let person = through(person, &[Command::Withdraw(id(5))]);
        assert_eq!(person.state, State::Inactive);
        assert_eq!(through(person, &[Command::Vouch(of(6))]).state, State::Active);
    }

    #[test]
    fn a_nomination_ends_when_its_time_is_over_and_stands_still_while_the_board_thinks() {
        let later = |days: i64| NOW + days * DAY;
        let rules = rules();
        let vetted = through(nominee(), &[Command::Vouch(of(3)), Command::Vouch(of(5))]);
        let tick =
            |person: &Standing, days| person.clone().after(&rules, Command::Tick, later(days)).unwrap().state;
        assert_eq!((tick(&vetted, 30), tick(&vetted, 31)), (State::Vetted, State::Failed));
        let blocked = vetted.after(&rules, Command::Object(of(7)), later(10)).unwrap();
        assert_eq!(tick(&blocked, 300), State::Blocked);
        let freed = blocked.after(&rules, Command::Dismiss, later(110)).unwrap();
        assert_eq!(
            (freed.state, tick(&freed, 130), tick(&freed, 131)),
            (State::Vetted, State::Vetted, State::Failed)
        );
    }

    #[test]
    fn who_is_not_seen_for_long_rests_and_comes_back() {
        let steps = [Command::Vouch(of(3)), Command::Vouch(of(5)), Command::Consent, Command::Approve(None)];
        let active = through(through(nominee(), &steps), &[Command::Enter(id(60))]);
        let idle = active.after(&rules(), Command::Tick, NOW + 366 * DAY).unwrap();
        assert_eq!(idle.state, State::Idle);
        let seen = Command::Seen(NOW + 367 * DAY);
        assert_eq!(idle.after(&rules(), seen, NOW + 367 * DAY).unwrap().state, State::Active);
    }

    fn command() -> impl Strategy<Value = Command> {
        let account = 1_u8..14;
        prop_oneof![
            4 => account.clone().prop_map(|n| Command::Vouch(of(n))),
            1 => account.clone().prop_map(|n| Command::Withdraw(id(n))),
            1 => account.clone().prop_map(|n| Command::Object(of(n))),
            2 => Just(Command::Dismiss),
            1 => Just(Command::Uphold),
            3 => Just(Command::Consent),
            1 => Just(Command::Decline),
            3 => account.clone().prop_map(|n| Command::Approve(Some(id(n)))),
            2 => account.prop_map(|n| Command::Enter(id(n))),
            1 => (0_i64..400).prop_map(|days| Command::Seen(NOW + days * DAY)),
            1 => Just(Command::Bury),
            2 => Just(Command::Tick),
        ]
    }

    proptest! {
        #[test]
        fn nobody_is_active_without_vouches_of_enough_teams_a_yes_and_an_approval_by_another(
            commands in proptest::collection::vec((command(), -40_i64..200), 0..60),
            nominee in 1_u8..14,
            has_account: bool,
            own_team: bool,
        ) {
            let rules = Rules { own_team, ..rules() };
            let (account, team) = if has_account { (Some(id(nominee)), Some(of(nominee).team)) } else { (None, None) };
            let named = Standing::nominated(&rules, of(1), account, team, NOW);
            prop_assume!(named.is_ok());
            let mut person = named.unwrap();
            let mut now = NOW;
            for (command, days) in commands {
                // Clocks jump, also backwards.
                now += days * DAY;
                let before = person.clone();
                let Ok(after) = person.clone().after(&rules, command, now) else { continue };
                person = after;
                if matches!(person.state, State::Active | State::Approved) {
                    prop_assert!(person.is_vouched_for(&rules));
                    prop_assert!(person.consented_at.is_some());
                    let by = person.approved.unwrap().1.unwrap();
                    prop_assert!(Some(by) != account);
                }
                if before.state == State::Vetted && matches!(command, Command::Approve(_)) {
                    let by = person.approved.unwrap().1.unwrap();
                    prop_assert!(person.vouchers.iter().all(|voucher| voucher.account != by));
                }
                prop_assert_eq!(person.state == State::Blocked, person.objections > 0);
                let accounts: BTreeSet<Id> = person.vouchers.iter().map(|voucher| voucher.account).collect();
                prop_assert_eq!(accounts.len(), person.vouchers.len());
                prop_assert!(account.is_none_or(|own| !accounts.contains(&own)));
                prop_assert!(own_team || team.is_none_or(|team| person.vouchers.iter().all(|v| v.team != team)));
                // What ended ended, but for a death.
                if before.state.is_last() {
                    prop_assert!(person.state == before.state || person.state == State::Deceased);
                }
                // Time alone does the same thing once.
                let again = person.clone().after(&rules, Command::Tick, now).unwrap();
                prop_assert_eq!(&again, &person);
            }
        }
    }
}
