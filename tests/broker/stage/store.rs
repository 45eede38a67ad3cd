//! The two stores, and a look into what they hold.

use std::path::{Path, PathBuf};

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

/// Defines a test for each store.
#[macro_export]
macro_rules! on_both_stores {
    ($($(#[$doc:meta])* async fn $name:ident($stage:ident: Stage) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a test uses what it needs of its file")]
            use super::*;

            $(#[$doc])*
            async fn run($stage: Stage) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                run(Stage::start($crate::stage::OnStore::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_redis() {
                run(Stage::start($crate::stage::OnStore::Redis).await).await;
            }
        }
    )*};
}
