//! A store to test, the hour that it believes in, and short ways to write and read.

use std::{any::Any, future::Future, sync::Arc, time::Duration};

use vestibule::{
    config::StoreUrl,
    store::{Backend, Commit, Cursor, Entry, Outcome, Partition, Put, RecordKey, Store, Version},
    types::{
        AppId, Clock, SecretText, SetClock, SystemClock, SystemRandom, Timestamp,
        ids::{HomeId, RandomId},
        random,
    },
};

use crate::redis_server::RedisServer;

#[derive(Clone)]
pub struct Stage {
    pub store: Arc<dyn Backend>,
    pub opened: Store,
    clock: Arc<SetClock>,
    // Last, so that what the store works with outlives it.
    _keep: Arc<dyn Any + Send + Sync>,
}

pub fn sqlite() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    Stage::on(&StoreUrl::Sqlite(folder.path().join("v.db")), folder)
}

pub fn redis() -> Stage {
    let server = RedisServer::start();
    Stage::on(&StoreUrl::Redis(SecretText::new(server.url())), server)
}

/// A cluster of one: the same commands, the same refusal of keys from two slots.
pub fn cluster() -> Stage {
    cluster_of(&["0 16383"])
}

/// A cluster with a primary for each range of slots.
pub fn cluster_of(ranges: &[&str]) -> Stage {
    let options = ["--cluster-enabled", "yes", "--appendonly", "yes", "--appendfsync", "always"];
    let options = [&options[..], &["--maxmemory-policy", "noeviction"]].concat();
    let servers: Vec<_> = ranges.iter().map(|_| RedisServer::start_with(&options)).collect();
    for (server, range) in servers.iter().zip(ranges) {
        assert!(server.command(&format!("CLUSTER ADDSLOTSRANGE {range}")).starts_with("+OK"));
        assert!(server.command(&format!("CLUSTER MEET 127.0.0.1 {}", servers[0].port())).starts_with("+OK"));
    }
    let until = std::time::Instant::now() + Duration::from_secs(20);
    while !servers.iter().all(|server| server.command("CLUSTER INFO").contains("cluster_state:ok")) {
        assert!(std::time::Instant::now() < until, "the cluster does not come up");
        std::thread::sleep(Duration::from_millis(10));
    }
    let url = format!("redis+cluster://127.0.0.1:{}", servers[0].port());
    Stage::on(&StoreUrl::Redis(SecretText::new(url)), servers)
}

impl Stage {
    pub fn on(url: &StoreUrl, keep: impl Any + Send + Sync) -> Self {
        let clock = Arc::new(SetClock::at(SystemClock.now()));
        let opened = Store::open(url, clock.clone()).unwrap();
        Self { store: opened.for_worker(), opened, clock, _keep: Arc::new(keep) }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn advance(&self, span: Duration) {
        self.clock.forward(span);
    }

    pub async fn put_all(&self, partition: &Partition, puts: impl IntoIterator<Item = Put>) {
        let commit = Commit { puts: puts.into_iter().collect(), ..Commit::default() };
        assert_eq!(self.store.commit(partition, commit).await.unwrap(), Outcome::Committed);
    }

    pub async fn values(&self, partition: &Partition, keys: &[RecordKey]) -> Vec<Option<String>> {
        let read = self.store.read(partition, keys).await.unwrap();
        read.into_iter().map(|stored| stored.map(|stored| String::from_utf8(stored.value).unwrap())).collect()
    }

    /// What a walk in pages of about `limit` sees.
    pub async fn scan_all(&self, limit: usize) -> Vec<Entry> {
        let (mut all, mut next) = (Vec::new(), Some(Cursor::default()));
        while let Some(cursor) = next {
            let (page, following) = self.store.scan(&cursor, limit).await.unwrap();
            all.extend(page);
            next = following;
        }
        all
    }

    /// Sixty-four tasks do the same at once; how many succeed.
    pub async fn race<F>(&self, what: impl Fn(Arc<dyn Backend>) -> F) -> usize
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let tasks: Vec<_> = (0..64).map(|_| tokio::spawn(what(self.store.clone()))).collect();
        let mut committed = 0;
        for task in tasks {
            committed += usize::from(task.await.unwrap() == Outcome::Committed);
        }
        committed
    }
}

pub fn home(account: u8) -> Partition {
    Partition::home(HomeId::new([account; 32]))
}

pub fn session(id: u8) -> RecordKey {
    RecordKey::session(RandomId::new([id; 16]))
}

pub fn app(name: &str) -> AppId {
    name.parse().unwrap()
}

pub fn version() -> Version {
    random::bytes(&SystemRandom)
}

pub fn put(key: RecordKey, value: &str) -> Put {
    Put { key, version: version(), value: value.as_bytes().to_vec(), expires: None, due: None }
}

pub fn entry_keys(entries: &[Entry]) -> Vec<RecordKey> {
    entries.iter().map(|entry| entry.key.clone()).collect()
}
