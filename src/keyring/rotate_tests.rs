//! The two promises of the life cycle, over random histories.

use std::{collections::VecDeque, time::Duration};

use proptest::prelude::*;

use super::{
    ring::{KeyState, LEEWAY, Pkcs8, Policy, Ring, RingKey, SPREAD},
    rotate::Pace,
};
use crate::types::{Timestamp, jws::Alg};

/// Fills what is missing, as the keeper does in the same commit, with keys that are only names.
fn fill(ring: &mut Ring, now: Timestamp, made: &mut u32) {
    while let Some(state) = ring.missing() {
        for alg in ring.lacking(state) {
            *made += 1;
            let kid = format!("{}-{made}", alg.as_str());
            ring.keys.push(RingKey { kid, alg, state, since: now, until: None, private: Pkcs8::new(b"") });
        }
    }
}

fn published(ring: &Ring) -> Vec<String> {
    ring.keys.iter().map(|key| key.kid.clone()).collect()
}

/// One second of a history: what was published at its end, and what signed in it.
struct Moment {
    published: Vec<String>,
    signing: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Wait(u64),
    Rotate(Pace),
}

fn events(paces: &'static [Pace]) -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (1..200u64).prop_map(Event::Wait),
        1 => prop::sample::select(paces).prop_map(Event::Rotate),
    ];
    prop::collection::vec(event, 1..30)
}

fn policies() -> impl Strategy<Value = Policy> {
    (1..400u64, 1..60u64, 1..120u64).prop_map(|(rotate, max_age, token)| Policy {
        rotate: Duration::from_secs(rotate),
        jwks_max_age: Duration::from_secs(max_age),
        token: Duration::from_secs(token),
    })
}

/// Lives through `events` second by second and calls `check` at each, with the history so far, the latest last.
fn live(policy: Policy, events: &[Event], mut check: impl FnMut(&VecDeque<Moment>)) {
    let (mut ring, mut made) = (Ring::default(), 0);
    let mut history = VecDeque::new();
    let mut now = 1000;
    for event in events {
        let seconds = match event {
            Event::Wait(seconds) => *seconds,
            Event::Rotate(pace) => {
                ring.request(*pace, Timestamp::from_secs(now), &policy);
                1
            }
        };
        for _ in 0..seconds {
            now += 1;
            ring.advance(Timestamp::from_secs(now), &policy);
            fill(&mut ring, Timestamp::from_secs(now), &mut made);
            let signing = ring.signing().into_iter().map(str::to_owned).collect();
            history.push_back(Moment { published: published(&ring), signing });
            check(&history);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whoever_cached_jwks_within_max_age_can_verify_what_is_signed_now(
        policy in policies(),
        events in events(&[Pace::WhenPublished]),
    ) {
        // The cache may come from an instance that lags behind.
        let oldest = usize::try_from((policy.jwks_max_age + SPREAD).as_secs()).unwrap();
        live(policy, &events, |history| {
            let signing = &history.back().unwrap().signing;
            for then in history.iter().rev().take(oldest + 1) {
                for kid in signing {
                    assert!(then.published.contains(kid), "{kid} signs and was not published");
                }
            }
        });
    }

    #[test]
    fn whatever_has_not_expired_can_be_verified_now(
        policy in policies(),
        events in events(&[Pace::WhenPublished, Pace::Now]),
    ) {
        let oldest = usize::try_from((policy.token + LEEWAY).as_secs()).unwrap();
        live(policy, &events, |history| {
            let published = &history.back().unwrap().published;
            for then in history.iter().rev().take(oldest) {
                for kid in &then.signing {
                    assert!(published.contains(kid), "{kid} signed and is published no more");
                }
            }
        });
    }

    #[test]
    fn nothing_is_kept_for_ever(policy in policies(), events in events(&[Pace::WhenPublished])) {
        let afterglow = usize::try_from(policy.afterglow().as_secs()).unwrap();
        live(policy, &events, |history| {
            let recent: Vec<_> = history.iter().rev().take(afterglow + 1).flat_map(|then| &then.signing).collect();
            let previous = history.back().unwrap().published.iter().filter(|kid| !recent.contains(kid));
            assert!(previous.count() <= Alg::ALL.len(), "only the next keys have not signed lately");
        });
    }
}

fn policy() -> Policy {
    Policy {
        rotate: Duration::from_secs(1000),
        jwks_max_age: Duration::from_secs(300),
        token: Duration::from_secs(120),
    }
}

fn ring_at(now: u64) -> (Ring, u32) {
    let (mut ring, mut made) = (Ring::default(), 0);
    fill(&mut ring, Timestamp::from_secs(now), &mut made);
    (ring, made)
}

#[test]
fn a_rotation_waits_until_the_next_keys_are_known_and_a_second_one_changes_nothing() {
    let (mut ring, _) = ring_at(0);
    let at = ring.request(Pace::WhenPublished, Timestamp::from_secs(10), &policy());
    assert_eq!(at, Timestamp::from_secs(300).plus(SPREAD));
    assert_eq!(ring.request(Pace::WhenPublished, Timestamp::from_secs(20), &policy()), at);
    assert!(!ring.clone().advance(Timestamp::from_secs(302), &policy()));
    let before = ring.signing().join(" ");
    assert!(ring.advance(at, &policy()));
    assert_ne!(ring.signing().join(" "), before);
    assert_eq!(ring.promote, None);
    assert_eq!(ring.missing(), Some(KeyState::Next));
}

#[test]
fn at_once_is_at_once() {
    let (mut ring, _) = ring_at(0);
    let now = Timestamp::from_secs(1);
    assert_eq!(ring.request(Pace::Now, now, &policy()), now);
    assert!(ring.advance(now, &policy()));
    assert_eq!(ring.keys.iter().filter(|key| key.state == KeyState::Previous).count(), Alg::ALL.len());
}

#[test]
fn the_schedule_is_kept_and_the_waking_time_is_exact() {
    let (mut ring, mut made) = ring_at(0);
    assert_eq!(ring.wakes(&policy()), Some(Timestamp::from_secs(1000)));
    assert!(!ring.advance(Timestamp::from_secs(999), &policy()));
    assert!(ring.advance(Timestamp::from_secs(1000), &policy()));
    fill(&mut ring, Timestamp::from_secs(1000), &mut made);
    let forgotten = Timestamp::from_secs(1000).plus(policy().afterglow());
    assert_eq!(ring.wakes(&policy()), Some(forgotten));
    assert!(!ring.advance(forgotten.minus(Duration::from_millis(1)), &policy()));
    assert!(ring.advance(forgotten, &policy()));
    assert!(ring.keys.iter().all(|key| key.state != KeyState::Previous));
}
