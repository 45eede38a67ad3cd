//! The least that a store has to do: a read is one round trip, a commit is whole and on disk where there is one.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, RwLock,
        mpsc::{Receiver, Sender, channel},
    },
};

use redis::aio::ConnectionManager;
use rusqlite::{Connection, OptionalExtension};
use tokio::sync::{OnceCell, oneshot};

/// How long what is written lives, in milliseconds.
const LIVES: u64 = 600_000;

type Puts = Vec<(String, Vec<u8>)>;

/// What all workers share.
pub enum Shared {
    Redis(redis::Client),
    Sqlite(PathBuf, Sender<(Puts, oneshot::Sender<()>)>),
    Map(RwLock<HashMap<String, Vec<u8>>>),
}

impl Shared {
    pub fn open(address: &str) -> Self {
        if address == "map" {
            return Self::Map(RwLock::default());
        }
        let Some(file) = address.strip_prefix("sqlite:") else {
            return Self::Redis(redis::Client::open(address).expect("an address"));
        };
        let connection = Connection::open(file).expect("a database");
        let begin = "PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA secure_delete = on;
            CREATE TABLE IF NOT EXISTS record (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;";
        connection.execute_batch(begin).expect("a table");
        let (jobs, queue) = channel();
        std::thread::spawn(move || write(connection, &queue));
        Self::Sqlite(file.into(), jobs)
    }

    /// Fills it before anybody asks.
    pub fn fill(&self, records: Puts) {
        match self {
            Self::Map(map) => map.write().expect("a map").extend(records),
            Self::Redis(client) => {
                let mut connection = client.get_connection().expect("a connection");
                let mut pipe = redis::pipe();
                for (name, value) in &records {
                    pipe.set(name, value).ignore();
                }
                pipe.query::<()>(&mut connection).expect("room");
            }
            Self::Sqlite(_, jobs) => {
                let (done, wait) = oneshot::channel();
                jobs.send((records, done)).expect("a writer");
                wait.blocking_recv().expect("an answer");
            }
        }
    }
}

/// One thread writes, and groups what waits.
fn write(mut connection: Connection, queue: &Receiver<(Puts, oneshot::Sender<()>)>) {
    while let Ok(first) = queue.recv() {
        let group: Vec<_> = std::iter::once(first).chain(queue.try_iter()).take(128).collect();
        let tx = connection.transaction().expect("a transaction");
        for (name, value) in group.iter().flat_map(|(puts, _)| puts) {
            let mut put = tx.prepare_cached("INSERT OR REPLACE INTO record VALUES (?1, ?2)").expect("a statement");
            put.execute((name, value)).expect("room");
        }
        tx.commit().expect("a disk");
        for (_, done) in group {
            // Whoever asked may be gone.
            let _ = done.send(());
        }
    }
}

/// A worker's own way to it.
pub struct Store {
    shared: Arc<Shared>,
    redis: OnceCell<ConnectionManager>,
    reader: Option<Connection>,
}

impl Store {
    pub fn of(shared: &Arc<Shared>) -> Self {
        let reader = match &**shared {
            Shared::Sqlite(file, _) => Some(Connection::open(file).expect("a database")),
            _ => None,
        };
        Self { shared: Arc::clone(shared), redis: OnceCell::new(), reader }
    }

    async fn redis(&self, client: &redis::Client) -> ConnectionManager {
        let connect = async || ConnectionManager::new(client.clone()).await.expect("a connection");
        self.redis.get_or_init(connect).await.clone()
    }

    /// One read of some records, those that are there.
    pub async fn read(&self, names: &[&str]) -> Vec<Vec<u8>> {
        match &*self.shared {
            Shared::Map(map) => {
                let map = map.read().expect("a map");
                names.iter().filter_map(|name| map.get(*name).cloned()).collect()
            }
            Shared::Redis(client) => {
                let mut ask = redis::cmd("MGET");
                ask.arg(names);
                let found: Vec<Option<Vec<u8>>> = ask.query_async(&mut self.redis(client).await).await.expect("Redis");
                found.into_iter().flatten().collect()
            }
            Shared::Sqlite(..) => {
                let reader = self.reader.as_ref().expect("a reader");
                let mut get = reader.prepare_cached("SELECT value FROM record WHERE name = ?1").expect("a statement");
                let mut one = |name: &&str| get.query_row([*name], |row| row.get(0)).optional().expect("a row");
                names.iter().filter_map(&mut one).collect()
            }
        }
    }

    /// One commit.
    pub async fn commit(&self, puts: Puts) {
        match &*self.shared {
            Shared::Map(map) => map.write().expect("a map").extend(puts),
            Shared::Redis(client) => {
                let mut pipe = redis::pipe();
                pipe.atomic();
                for (name, value) in &puts {
                    pipe.pset_ex(name, value, LIVES).ignore();
                }
                pipe.query_async::<()>(&mut self.redis(client).await).await.expect("Redis");
            }
            Shared::Sqlite(_, jobs) => {
                let (done, wait) = oneshot::channel();
                jobs.send((puts, done)).expect("a writer");
                wait.await.expect("an answer");
            }
        }
    }
}
