//! The family of refresh tokens against an honest app, a network that loses answers, and a thief.

use proptest::prelude::*;

use crate::{
    grant::{
        RefreshLifetimes,
        lineage::{Lineage, Turn},
    },
    types::Timestamp,
};
use std::time::Duration;

const GRACE: u64 = 60;
const LIVES: RefreshLifetimes = RefreshLifetimes {
    idle: Duration::from_secs(100_000_000),
    absolute: Duration::from_secs(100_000_000),
    grace: Duration::from_secs(GRACE),
};

/// One of those who hold a token of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Party {
    App,
    Thief,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Seconds go by.
    Wait(u64),
    /// A party presents what it holds; the answer may be lost on the way.
    Present(Party, bool),
    /// The thief copies what the app holds.
    Steal,
}

/// The broker's side, and what everyone holds.
#[derive(Debug)]
struct World {
    family: Option<Lineage>,
    now: u64,
    app: u32,
    thief: Option<u32>,
    /// Every token that ever went out as a successor, with how often that was a different one.
    rotations: u32,
}

impl World {
    fn new() -> Self {
        Self { family: Some(Lineage::begin(at(0))), now: 0, app: 1, thief: None, rotations: 0 }
    }

    fn held(&self, party: Party) -> Option<u32> {
        match party {
            Party::App => Some(self.app),
            Party::Thief => self.thief,
        }
    }

    /// What would become of a token now.
    fn turn(&self, token: u32) -> Turn {
        self.family.map_or(Turn::Refuse, |family| family.turn(token, &LIVES, at(self.now)))
    }

    fn works(&self, token: u32) -> bool {
        matches!(self.turn(token), Turn::Rotate | Turn::Again)
    }

    fn present(&mut self, party: Party, lost: bool) -> Turn {
        let Some(token) = self.held(party) else { return Turn::Refuse };
        let turn = self.turn(token);
        match turn {
            Turn::Rotate => {
                self.family = self.family.map(|family| family.next(at(self.now)));
                self.rotations += 1;
            }
            Turn::Reused => self.family = None,
            Turn::Again | Turn::Refuse => {}
        }
        if let (Turn::Rotate | Turn::Again, Some(family), false) = (turn, self.family, lost) {
            match party {
                Party::App => self.app = family.generation,
                Party::Thief => self.thief = Some(family.generation),
            }
        }
        turn
    }

    /// At most one token has a successor to come, and besides it only its predecessor brings anything.
    fn is_one_family(&self) -> bool {
        let Some(family) = self.family else { return (0..=self.rotations + 2).all(|token| !self.works(token)) };
        (0..=self.rotations + 2).all(|token| match self.turn(token) {
            Turn::Rotate => token == family.generation,
            Turn::Again => token + 1 == family.generation,
            Turn::Reused | Turn::Refuse => true,
        })
    }
}

const fn at(secs: u64) -> Timestamp {
    Timestamp::from_secs(1_000_000 + secs)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let party = prop_oneof![Just(Party::App), Just(Party::Thief)];
    let step = prop_oneof![
        (0..3 * GRACE).prop_map(Step::Wait),
        (party, any::<bool>()).prop_map(|(party, lost)| Step::Present(party, lost)),
        Just(Step::Steal),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    /// Any number of lost answers, each asked for again within the window, costs an honest app nothing.
    #[test]
    fn an_honest_app_is_never_logged_out(tries in prop::collection::vec((0..1000_u64, prop::collection::vec(0..GRACE, 0..5)), 1..30)) {
        let mut world = World::new();
        for (pause, lost) in tries {
            world.now += pause;
            let begun = world.now;
            for moment in &lost {
                world.now = world.now.max(begun + moment);
                prop_assert!(matches!(world.present(Party::App, true), Turn::Rotate | Turn::Again));
            }
            let before = world.app;
            prop_assert!(matches!(world.present(Party::App, false), Turn::Rotate | Turn::Again));
            prop_assert_eq!(world.app, before + 1, "one successor, however often it was asked for");
        }
    }

    /// Whatever anyone does, there is at most one family; once a token was used that was spent before, there is none.
    #[test]
    fn there_is_at_most_one_family(steps in steps()) {
        let mut world = World::new();
        let mut reused = false;
        for step in steps {
            match step {
                Step::Wait(secs) => world.now += secs,
                Step::Steal => world.thief = Some(world.app),
                Step::Present(party, lost) => reused |= world.present(party, lost) == Turn::Reused,
            }
            prop_assert!(world.is_one_family());
            if reused {
                prop_assert!(!world.works(world.app) && world.thief.is_none_or(|token| !world.works(token)));
            }
        }
        // When the window is over, two who both hold something good hold the same.
        world.now += GRACE;
        if let Some(stolen) = world.thief.filter(|token| world.works(*token) && world.works(world.app)) {
            prop_assert_eq!(stolen, world.app);
        }
    }

    /// A thief and the app who each use what they hold, further apart than the window, end the family with the second
    /// use, whoever comes first.
    #[test]
    fn a_thief_is_found_out_at_the_second_use(used_before in 0..5_u32, thief_first in any::<bool>(), pause in GRACE..1000) {
        let mut world = World::new();
        for _ in 0..used_before {
            world.now += pause;
            world.present(Party::App, false);
        }
        world.thief = Some(world.app);
        let order = if thief_first { [Party::Thief, Party::App] } else { [Party::App, Party::Thief] };
        world.now += pause;
        prop_assert_eq!(world.present(order[0], false), Turn::Rotate);
        world.now += pause;
        prop_assert_eq!(world.present(order[1], false), Turn::Reused);
        prop_assert!(!world.works(world.app) && !world.works(world.thief.unwrap()));
    }
}

#[test]
fn only_the_direct_predecessor_enjoys_the_window_and_only_while_its_successor_is_unused() {
    let mut world = World::new();
    world.present(Party::App, false);
    assert_eq!(world.turn(1), Turn::Again);
    world.now += GRACE - 1;
    assert_eq!(world.turn(1), Turn::Again);
    world.now += 1;
    assert_eq!(world.turn(1), Turn::Reused);
    world.present(Party::App, false);
    assert_eq!((world.turn(1), world.turn(2), world.turn(3)), (Turn::Reused, Turn::Again, Turn::Rotate));
    assert_eq!(world.turn(4), Turn::Refuse, "nobody was given that one");
}

#[test]
fn a_window_of_zero_is_none() {
    let strict = RefreshLifetimes { grace: Duration::ZERO, ..LIVES };
    assert_eq!(Lineage::begin(at(0)).next(at(0)).turn(1, &strict, at(0)), Turn::Reused);
}

#[test]
fn a_family_ends_unused_and_in_any_case() {
    let lives = RefreshLifetimes { idle: Duration::from_secs(10), absolute: Duration::from_secs(25), ..LIVES };
    let begun = Lineage::begin(at(0));
    assert_eq!((begun.turn(1, &lives, at(9)), begun.turn(1, &lives, at(10))), (Turn::Rotate, Turn::Refuse));
    let used = begun.next(at(9)).next(at(18));
    assert_eq!((used.turn(3, &lives, at(24)), used.turn(3, &lives, at(25))), (Turn::Rotate, Turn::Refuse));
    assert_eq!(used.ends(&lives), at(25));
}
