//! Somebody with a copy of the store and the operator's master secret, who tries with the program's own code whatever
//! opens, and goes on with every key that turns up on the way.

use std::{collections::BTreeSet, sync::Arc};

use serde::Deserialize;
use serde_bytes::ByteBuf;
use vestibule::{
    partition::{Codec, Head},
    seal::{Lock, Place, Pseudonyms, Sealer, token::TokenKind},
    store::Entry,
    types::{Secret32, SystemRandom},
};

/// Every label under which something is sealed into a record.
const LABELS: [&str; 11] = [
    "head",
    "consent",
    "served",
    "history",
    "receipt",
    "session header",
    "session body",
    "session wrap",
    "grant header",
    "grant claims",
    "grant answer",
];

/// What a thief has, and what has opened so far.
pub struct Thief {
    sealer: Arc<Sealer>,
    keys: BTreeSet<[u8; 32]>,
    /// Places in the store (record, and which part of it) that have opened.
    opened: BTreeSet<(usize, usize)>,
    pub plaintexts: Vec<(&'static str, Vec<u8>)>,
}

impl Thief {
    pub fn with_master(master: &Secret32) -> Self {
        let sealer = Arc::new(Sealer::new(master.clone(), vec![], Arc::new(SystemRandom)));
        Self { sealer, keys: BTreeSet::new(), opened: BTreeSet::new(), plaintexts: Vec::new() }
    }

    /// The same, who has also caught what a browser or an app holds: `member` is where its secret is.
    pub fn who_also_has(mut self, kind: TokenKind, text: &str, member: &str) -> Self {
        let held: Held = self.sealer.take_back(kind, text).unwrap();
        let held = match held.locator {
            Some(locator) => *locator,
            None => held,
        };
        self.keys.insert(if member == "s" { held.cookie } else { held.key }.unwrap().into_vec().try_into().unwrap());
        self
    }

    /// Opens all that opens.
    pub fn open(mut self, store: &[Entry]) -> Self {
        let lives = self.lives(store);
        loop {
            let before = (self.keys.len(), self.plaintexts.len());
            for (index, entry) in store.iter().enumerate() {
                for (part, sealed) in parts(entry).iter().enumerate() {
                    if !self.opened.contains(&(index, part)) {
                        self.try_part((index, part), entry, sealed, &lives);
                    }
                }
            }
            if before == (self.keys.len(), self.plaintexts.len()) {
                return self;
            }
        }
    }

    /// How many parts of records have opened under this label.
    pub fn count(&self, label: &str) -> usize {
        self.plaintexts.iter().filter(|(other, _)| *other == label).count()
    }

    /// The lives of all accounts: seals are bound to them.
    fn lives(&self, store: &[Entry]) -> BTreeSet<Vec<u8>> {
        // The pepper is not known; opening a head does not need it.
        let codec = Codec::new(Arc::clone(&self.sealer), Arc::new(Pseudonyms::new(&Secret32::new([0; 32]))));
        let life = |entry: &Entry| {
            let head: Head = codec.open(head_at(entry)?, Lock::Master, &entry.stored.value).ok()?;
            Some(head.life.as_bytes().to_vec())
        };
        store.iter().filter_map(life).chain([Vec::new()]).collect()
    }

    fn try_part(&mut self, place: (usize, usize), entry: &Entry, sealed: &[u8], lives: &BTreeSet<Vec<u8>>) {
        let own = [entry.partition.as_str(), entry.key.as_str()].join("\0").into_bytes();
        let keys: Vec<Secret32> = self.keys.iter().map(|key| Secret32::new(*key)).collect();
        let with_keys = keys.iter().flat_map(|key| [Lock::Key(key), Lock::MasterAnd(key)]);
        let locks: Vec<Lock<'_>> = [Lock::Master].into_iter().chain(with_keys).collect();
        let places = LABELS.into_iter().flat_map(|kind| lives.iter().map(move |life| (kind, life.as_slice())));
        let places = places.map(|(kind, life)| Place { kind, key: &own, life });
        for place_of in places.chain([Place::of("keyring", b"k ring")]) {
            for lock in &locks {
                if let Ok(plain) = self.sealer.open(place_of, *lock, sealed) {
                    self.keys.extend(keys_in(&plain));
                    self.plaintexts.push((place_of.kind, plain.to_vec()));
                    self.opened.insert(place);
                    return;
                }
            }
        }
    }
}

/// What a cookie, or the locator in a token, holds; in a refresh token the locator is one level down.
#[derive(Deserialize)]
struct Held {
    #[serde(rename = "l", default)]
    locator: Option<Box<Self>>,
    #[serde(rename = "s", default)]
    cookie: Option<ByteBuf>,
    #[serde(rename = "k", default)]
    key: Option<ByteBuf>,
}

fn head_at(entry: &Entry) -> Option<vestibule::partition::At<'_>> {
    static NONE: vestibule::partition::Life = vestibule::partition::Life::none();
    (entry.key.as_str() == "head").then_some(vestibule::partition::At {
        part: "head",
        partition: &entry.partition,
        key: &entry.key,
        life: &NONE,
    })
}

/// A record is one seal, or a map of several.
fn parts(entry: &Entry) -> Vec<Vec<u8>> {
    let map = rmp_serde::from_slice::<std::collections::BTreeMap<String, ByteBuf>>(&entry.stored.value);
    map.map_or_else(|_| vec![entry.stored.value.clone()], |map| map.into_values().map(ByteBuf::into_vec).collect())
}

/// Every value of 32 bytes in a plaintext: MessagePack writes `c4 20` before one.
fn keys_in(plain: &[u8]) -> impl Iterator<Item = [u8; 32]> {
    plain.windows(34).filter(|window| window.starts_with(&[0xc4, 32])).map(|window| window[2..].try_into().unwrap())
}
