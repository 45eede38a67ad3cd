//! What was found lately, kept at hand for all threads of a process: bounded in number and in time. It is found by a
//! hash, so that nothing is put together to make a name, and no two things share one.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{Timestamp, bytes};

/// By what a thing is found.
pub type Name = [u8; 32];

/// So many locks, so that threads seldom meet at one.
const SHARDS: usize = 16;
/// A generation ends after this time, full or not: what nobody asks for is forgotten within two.
const GENERATION: Duration = Duration::from_secs(300);

/// At most 32 times `MOST` things, in two generations each shard: what is not asked for while the next one fills is
/// forgotten.
pub struct Lately<T, const MOST: usize>([Mutex<Shard<T>>; SHARDS]);

struct Shard<T> {
    young: HashMap<Name, Arc<T>>,
    old: HashMap<Name, Arc<T>>,
    since: Timestamp,
}

impl<T, const MOST: usize> Default for Lately<T, MOST> {
    fn default() -> Self {
        let shard = || Shard { young: HashMap::new(), old: HashMap::new(), since: Timestamp::default() };
        Self(std::array::from_fn(|_| Mutex::new(shard())))
    }
}

impl<T, const MOST: usize> Lately<T, MOST> {
    /// By what a text is found that nobody else has: a cookie, a token.
    pub fn name(text: &str) -> Name {
        bytes::sha256(text.as_bytes())
    }

    /// What is known by a name.
    pub fn get(&self, name: &Name, now: Timestamp) -> Option<Arc<T>> {
        self.with(name, |shard| {
            shard.turn(now);
            if let Some(thing) = shard.young.get(name) {
                return Some(Arc::clone(thing));
            }
            let thing = shard.old.remove(name)?;
            shard.keep(*name, Arc::clone(&thing), (MOST, now));
            Some(thing)
        })
    }

    /// Keeps what was found.
    pub fn put(&self, name: Name, thing: Arc<T>, now: Timestamp) {
        self.with(&name, |shard| {
            shard.turn(now);
            shard.old.remove(&name);
            shard.keep(name, thing, (MOST, now));
        });
    }

    /// Forgets it.
    pub fn forget(&self, name: &Name) {
        self.with(name, |shard| {
            shard.young.remove(name);
            shard.old.remove(name);
        });
    }

    fn with<R>(&self, name: &Name, act: impl FnOnce(&mut Shard<T>) -> R) -> R {
        let [first, ..] = name;
        let [zero, rest @ ..] = &self.0;
        let at = usize::from(*first) % SHARDS;
        let shard = at.checked_sub(1).and_then(|at| rest.get(at)).unwrap_or(zero);
        // Nothing in here panics halfway; a poisoned shard is as good as before.
        act(&mut shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T> Shard<T> {
    fn turn(&mut self, now: Timestamp) {
        // A clock that was set back ends a generation, too.
        if now < self.since || now.since(self.since) >= GENERATION {
            let both = now.since(self.since) >= GENERATION * 2;
            self.begin(now);
            if both {
                self.old.clear();
            }
        }
    }

    fn begin(&mut self, now: Timestamp) {
        self.old = mem::take(&mut self.young);
        self.since = now;
    }

    fn keep(&mut self, name: Name, thing: Arc<T>, (most, now): (usize, Timestamp)) {
        if self.young.len() >= most && !self.young.contains_key(&name) {
            self.begin(now);
        }
        self.young.insert(name, thing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 8;

    fn name(number: usize) -> Name {
        Lately::<usize, MOST>::name(&number.to_string())
    }

    #[test]
    fn it_is_bounded_and_keeps_what_is_asked_for() {
        let (lately, now) = (Lately::<_, MOST>::default(), Timestamp::from_secs(1_000));
        let kept = name(0);
        lately.put(kept, Arc::new(0), now);
        for number in 1..10 * MOST * SHARDS {
            lately.put(name(number), Arc::new(number), now);
            assert_eq!(lately.get(&kept, now).as_deref(), Some(&0));
        }
        let known = (0..10 * MOST * SHARDS).filter(|number| lately.get(&name(*number), now).is_some()).count();
        assert!((MOST * SHARDS / 2..=2 * MOST * SHARDS).contains(&known), "{known}");
        lately.forget(&kept);
        assert!(lately.get(&kept, now).is_none());
    }

    #[test]
    fn what_nobody_asks_for_is_forgotten_in_time() {
        let (lately, begun) = (Lately::<_, MOST>::default(), Timestamp::from_secs(1_000));
        let (asked, left) = (name(1), name(2));
        for kept in [asked, left] {
            lately.put(kept, Arc::new(()), begun);
        }
        let later = begun.plus(GENERATION);
        assert!(lately.get(&asked, later).is_some());
        let last = later.plus(GENERATION);
        assert!(lately.get(&asked, last).is_some() && lately.get(&left, last).is_none());
        assert!(lately.get(&asked, begun).is_some(), "the clock was set back");
        assert!(lately.get(&asked, begun.plus(GENERATION * 2)).is_none(), "nobody came for so long");
    }
}
