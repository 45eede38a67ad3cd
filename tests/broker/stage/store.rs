//! The two stores, and a look into what they hold.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use vestibule::{
    partition::{Codec, Presence},
    seal::{Pseudonyms, Sealer},
    store::{self, Backend, Cursor, Entry, Kind},
    types::{SystemClock, SystemRandom},
};

use super::{Browser, Stage};
use crate::redis::RedisServer;

/// Which store.
#[derive(Clone, Copy, Debug)]
pub enum OnStore {
    Sqlite,
    Redis,
}

/// A store of a test's own.
pub enum Store {
    Sqlite(PathBuf),
    Redis(RedisServer),
}

impl Store {
    pub fn fresh(on: OnStore, folder: &Path) -> Self {
        match on {
            OnStore::Sqlite => Self::Sqlite(folder.join("vestibule.db")),
            OnStore::Redis => Self::Redis(RedisServer::start()),
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
            Self::Redis(server) => server.url(),
        }
    }
}

impl Store {
    /// Which one it is.
    pub fn kind(&self) -> OnStore {
        match self {
            Self::Sqlite(_) => OnStore::Sqlite,
            Self::Redis(_) => OnStore::Redis,
        }
    }

    /// The server, to be stopped and started.
    pub fn redis(&mut self) -> &mut RedisServer {
        match self {
            Self::Redis(server) => server,
            Self::Sqlite(path) => panic!("{} is no Redis", path.display()),
        }
    }

    /// Every file that holds some of it, as a thief of the disk would copy them: those of SQLite, or what Redis appends.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let folder = match self {
            Self::Sqlite(path) => path.parent().unwrap().to_owned(),
            Self::Redis(server) => {
                PathBuf::from(server.command("CONFIG GET dir").lines().last().unwrap()).join("appendonlydir")
            }
        };
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
    }

    /// What Redis answers to a command with a list.
    pub fn ask(&self, command: &[&str]) -> Vec<String> {
        let Self::Redis(server) = self else { return Vec::new() };
        let mut connection = ::redis::Client::open(server.url()).unwrap().get_connection().unwrap();
        let (verb, arguments) = command.split_first().unwrap();
        ::redis::cmd(verb).arg(arguments).query(&mut connection).unwrap()
    }

    /// Everything that Redis gives to who may ask it all: names, and dumps of what they name. Nothing for SQLite, whose
    /// file is all there is.
    pub fn dump(&self) -> Vec<(String, Vec<u8>)> {
        let Self::Redis(server) = self else { return Vec::new() };
        let client = ::redis::Client::open(server.url()).unwrap();
        let mut connection = client.get_connection().unwrap();
        let names: Vec<Vec<u8>> = ::redis::cmd("KEYS").arg("*").query(&mut connection).unwrap();
        let mut all = Vec::new();
        for name in names {
            let dumped: Option<Vec<u8>> = ::redis::cmd("DUMP").arg(&name).query(&mut connection).unwrap();
            let shown = String::from_utf8_lossy(&name).into_owned();
            all.push((shown, [name, dumped.unwrap_or_default()].concat()));
        }
        all
    }
}

impl Stage {
    /// The store by its seven verbs.
    pub fn backend(&self) -> Arc<dyn Backend> {
        store::open(&self.parsed().store, Arc::new(SystemClock)).unwrap()
    }

    /// What opens the records, as the house has it.
    pub fn codec(&self) -> Codec {
        let secrets = self.parsed().secrets;
        let sealer = Sealer::new(secrets.master, vec![], Arc::new(SystemRandom));
        Codec::new(Arc::new(sealer), Arc::new(Pseudonyms::new(&secrets.pepper.unwrap())))
    }

    /// The account behind a browser, as the house itself sees it.
    pub async fn who(&self, browser: &Browser) -> Presence {
        let cookie = browser.cookie(&self.issuer, "vst_session").unwrap();
        self.broker().house().sessions.find(&cookie).await.unwrap().unwrap().who
    }

    /// Every record.
    pub async fn records(&self) -> Vec<Entry> {
        let (backend, mut from, mut all) = (self.backend(), Cursor::default(), Vec::new());
        loop {
            let (page, next) = backend.scan(&from, 500).await.unwrap();
            all.extend(page);
            let Some(next) = next else { return all };
            from = next;
        }
    }

    /// The same without what the house keeps of itself, and what it is about to tell apps, beside the traffic.
    pub async fn people_records(&self) -> Vec<Entry> {
        let own =
            |entry: &Entry| matches!(entry.key.kind(), Some(Kind::Keyring | Kind::Mark | Kind::Intent | Kind::Outbox));
        self.records().await.into_iter().filter(|entry| !own(entry)).collect()
    }
}

/// Defines a test for each store: with a stage that stands, or, for a stage of the test's own making, with the store.
#[macro_export]
macro_rules! on_both_stores {
    (@Stage $on:expr) => { $crate::stage::Stage::start($on).await };
    (@OnStore $on:expr) => { $on };
    ($($(#[$doc:meta])* async fn $name:ident($arg:ident: $kind:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$doc])*
            async fn run($arg: $kind) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                run($crate::on_both_stores!(@$kind $crate::stage::OnStore::Sqlite)).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_redis() {
                run($crate::on_both_stores!(@$kind $crate::stage::OnStore::Redis)).await;
            }
        }
    )*};
}
