//! What a simulator or an example app remembers: in memory only, a bounded number of things.

use std::collections::{HashMap, VecDeque};

use crate::types::{Random, bytes, random};

/// A fresh name that nobody guesses: 256 random bits in base64url.
pub(crate) fn unguessable(random: &dyn Random) -> String {
    bytes::to_base64url(&random::bytes::<32>(random))
}

/// Things under unguessable names. When it is full, the oldest gives way.
pub(crate) struct Shelf<V> {
    values: HashMap<String, V>,
    order: VecDeque<String>,
}

impl<V> Default for Shelf<V> {
    fn default() -> Self {
        Self { values: HashMap::new(), order: VecDeque::new() }
    }
}

impl<V> Shelf<V> {
    /// How many things fit.
    const CAPACITY: usize = 10_000;

    /// Puts `value` there; the name must be a fresh one.
    pub(crate) fn put(&mut self, name: String, value: V) {
        if self.order.len() >= Self::CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.values.remove(&oldest);
        }
        self.order.push_back(name.clone());
        self.values.insert(name, value);
    }

    /// Looks at what is there.
    pub(crate) fn get(&self, name: &str) -> Option<&V> {
        self.values.get(name)
    }

    /// The same, to change it.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        self.values.get_mut(name)
    }

    /// Takes it away.
    pub(crate) fn take(&mut self, name: &str) -> Option<V> {
        let value = self.values.remove(name)?;
        self.order.retain(|kept| kept != name);
        Some(value)
    }

    /// Keeps only what `keep` says.
    pub(crate) fn retain(&mut self, keep: impl Fn(&V) -> bool) {
        self.values.retain(|_, value| keep(value));
        self.order.retain(|name| self.values.contains_key(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_gives_way_and_what_was_taken_is_gone() {
        let mut shelf = Shelf::default();
        for number in 0..=Shelf::<usize>::CAPACITY {
            shelf.put(number.to_string(), number);
        }
        assert_eq!((shelf.get("0"), shelf.get("1")), (None, Some(&1)));
        assert_eq!((shelf.take("1"), shelf.take("1")), (Some(1), None));
        shelf.retain(|number| *number == 2);
        assert_eq!((shelf.values.len(), shelf.order.len()), (1, 1));
    }
}
