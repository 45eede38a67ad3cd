//! What was fetched from places that others name: bounded in number, and while one asks at a place, the others wait for
//! its answer.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::MutexGuard;

/// What is held of each place `K`.
pub(super) struct Fetched<K, V> {
    most: usize,
    places: Mutex<HashMap<K, Arc<Place<V>>>>,
}

/// What is held of one place.
pub(super) struct Place<V> {
    held: Mutex<V>,
    turn: tokio::sync::Mutex<()>,
}

impl<V> Place<V> {
    fn new(held: V) -> Self {
        Self { held: Mutex::new(held), turn: tokio::sync::Mutex::default() }
    }

    /// Reads or changes what is held.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut V) -> T) -> T {
        act(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The turn to ask there, once nobody else has it: look again what is held before you do.
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }
}

impl<K: Clone + Eq + Hash, V> Fetched<K, V> {
    /// With room for so many places.
    pub(super) fn new(most: usize) -> Self {
        Self { most, places: Mutex::default() }
    }

    /// A place of which something is held.
    pub(super) fn find(&self, key: &K) -> Option<Arc<Place<V>>> {
        self.places(|places| places.get(key).cloned())
    }

    /// The same, with what is `new` where nothing is held yet. Where there is no room for it, what is worth least goes.
    pub(super) fn place<W: Ord>(&self, key: &K, new: impl FnOnce() -> V, worth: impl Fn(&V) -> W) -> Arc<Place<V>> {
        self.places(|places| {
            if places.len() >= self.most && !places.contains_key(key) {
                let least = places.iter().min_by_key(|(_, place)| place.with(|held| worth(held)));
                if let Some(least) = least.map(|(key, _)| key.clone()) {
                    places.remove(&least);
                }
            }
            Arc::clone(places.entry(key.clone()).or_insert_with(|| Arc::new(Place::new(new()))))
        })
    }

    /// What is held of all places, as far as it is wanted.
    pub(super) fn filter_map<T>(&self, wanted: impl Fn(&K, &V) -> Option<T>) -> Vec<T> {
        self.places(|places| places.iter().filter_map(|(key, place)| place.with(|held| wanted(key, held))).collect())
    }

    /// Forgets all of it.
    pub(super) fn clear(&self) {
        self.places(HashMap::clear);
    }

    fn places<T>(&self, act: impl FnOnce(&mut HashMap<K, Arc<Place<V>>>) -> T) -> T {
        act(&mut self.places.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
