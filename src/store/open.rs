//! From a configured address to a store.

use std::{path::PathBuf, sync::Arc};

use super::{Backend, redis::Redis, sqlite::Sqlite};
use crate::{config::StoreUrl, types::Clock};

/// Why there is no store. Each says what to do; none repeats the address, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenStoreError {
    /// The folder of the SQLite file is not there.
    #[error("the folder {} does not exist: create it, or change store.url", .0.display())]
    NoFolder(PathBuf),
    /// The SQLite file cannot be created, read or written.
    #[error("cannot open {}: {source}; check the owner and the permissions of the file and of its folder", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite cannot work with the file.
    #[error("cannot open {} as a database: {source}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file is a database, but of another program.
    #[error("{} is the database of another program: choose another file in store.url", .0.display())]
    Foreign(PathBuf),
    /// The file was written by a newer build.
    #[error("{} was written by a newer version of this program: run that version, or restore a backup", .0.display())]
    Newer(PathBuf),
    /// The writer's thread cannot be started.
    #[error("cannot start the thread that writes: {0}")]
    Thread(std::io::Error),
    /// The address does not say where Redis is.
    #[error("store.url: {0}")]
    Address(&'static str),
}

/// A store that was opened: makes backends, all on the same records.
///
/// Each worker takes its own with [`Store::for_worker`]: a connection of its own to Redis (1.4 times the speed
/// of a shared one), a reader of its own on the SQLite file.
#[derive(Clone)]
pub struct Store(Opened);

#[derive(Clone)]
enum Opened {
    Sqlite(Sqlite),
    Redis(Redis),
}

impl Store {
    /// Opens the store at `url`. A SQLite file is created if it is not there. Redis may be away: it is
    /// connected to when it is needed.
    ///
    /// # Errors
    /// What is wrong with the file, its folder or the address: see [`OpenStoreError`].
    pub fn open(url: &StoreUrl, clock: Arc<dyn Clock>) -> Result<Self, OpenStoreError> {
        Ok(Self(match url {
            StoreUrl::Sqlite(path) => Opened::Sqlite(Sqlite::open(path, clock)?),
            StoreUrl::Redis(address) => Opened::Redis(Redis::open(address.expose(), clock)?),
        }))
    }

    /// A backend with connections of its own; opens them when they are first needed.
    pub fn for_worker(&self) -> Arc<dyn Backend> {
        match &self.0 {
            Opened::Sqlite(sqlite) => Arc::new(sqlite.clone()),
            Opened::Redis(redis) => Arc::new(redis.clone()),
        }
    }
}

/// Opens the store at `url` for one user of it: see [`Store::open`] and [`Store::for_worker`].
///
/// # Errors
/// As [`Store::open`].
pub fn open(url: &StoreUrl, clock: Arc<dyn Clock>) -> Result<Arc<dyn Backend>, OpenStoreError> {
    Store::open(url, clock).map(|store| store.for_worker())
}
