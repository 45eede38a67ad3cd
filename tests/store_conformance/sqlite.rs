//! What only a file can get wrong.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration};

use vestibule::{
    config::StoreUrl,
    store::{
        Backend, Commit, Guard, Kind, OpenStoreError, Outcome, RecordKey, Store, StoreError, open, sqlite::Sqlite,
    },
    types::{Clock, SystemClock},
};

use crate::stage::{Stage, entry_keys, home, put, session};

fn store_at(path: &Path) -> Result<Store, OpenStoreError> {
    Store::open(&StoreUrl::Sqlite(path.to_owned()), Arc::new(SystemClock))
}

/// Whether `canary` stands anywhere in the files of the folder: database, log, shared memory.
fn is_on_disk(folder: &Path, canary: &[u8]) -> bool {
    let files = fs::read_dir(folder).unwrap();
    files
        .map(|file| fs::read(file.unwrap().path()).unwrap())
        .any(|bytes| bytes.windows(canary.len()).any(|window| window == canary))
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = std::time::Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what} does not come true");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn deleted_bytes_are_gone_from_every_file() {
    const DELETED: &str = "canary-of-a-deleted-record";
    const REPLACED: &str = "canary-of-a-replaced-record";
    const EXPIRED: &str = "canary-of-an-expired-record";
    const WIPED: &str = "canary-of-a-wiped-record";
    const KEPT: &str = "canary-that-stays";
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&folder.path().join("v.db"), Arc::new(SystemClock)).unwrap();
    let mut expiring = put(session(3), EXPIRED);
    expiring.expires = Some(SystemClock.now().plus(Duration::from_millis(300)));
    let long = WIPED.repeat(2000);
    let puts = vec![put(session(1), DELETED), put(session(2), REPLACED), expiring, put(session(5), KEPT)];
    let commit = |puts, deletes| Commit { guards: vec![], puts, deletes };
    assert_eq!(store.commit(&home(1), commit(puts, vec![])).await.unwrap(), Outcome::Committed);
    assert_eq!(store.commit(&home(2), commit(vec![put(session(4), &long)], vec![])).await.unwrap(), Outcome::Committed);
    for canary in [DELETED, REPLACED, EXPIRED, WIPED, KEPT] {
        assert!(is_on_disk(folder.path(), canary.as_bytes()), "{canary} never was there");
    }
    let changes = commit(vec![put(session(2), "new")], vec![session(1)]);
    assert_eq!(store.commit(&home(1), changes).await.unwrap(), Outcome::Committed);
    store.wipe(&home(2), &[]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    store.sweep().await.unwrap();
    for canary in [DELETED, REPLACED, EXPIRED, WIPED] {
        assert!(!is_on_disk(folder.path(), canary.as_bytes()), "{canary} is still there");
    }
    assert!(is_on_disk(folder.path(), KEPT.as_bytes()));
}

#[tokio::test]
async fn deleted_bytes_go_without_being_asked() {
    const CANARY: &str = "canary-of-a-deleted-record";
    let folder = tempfile::tempdir().unwrap();
    let store = store_at(&folder.path().join("v.db")).unwrap().for_worker();
    let write = Commit { puts: vec![put(session(1), CANARY)], ..Commit::default() };
    assert_eq!(store.commit(&home(1), write).await.unwrap(), Outcome::Committed);
    let delete = Commit { deletes: vec![session(1)], ..Commit::default() };
    assert_eq!(store.commit(&home(1), delete).await.unwrap(), Outcome::Committed);
    until("that they are gone", || !is_on_disk(folder.path(), CANARY.as_bytes())).await;
}

#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::on(&StoreUrl::Sqlite(folder.path().join("v.db")), ());
    stage.put_all(&home(1), [put(session(1), "x")]).await;
    stage.values(&home(1), &[session(1)]).await;
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
    }
    fs::set_permissions(folder.path().join("v.db"), fs::Permissions::from_mode(0o644)).unwrap();
    let warnings = stage.store.health().await.unwrap().warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("chmod 600"), "{warnings:?}");
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = store_at(&folder.path().join("nowhere/v.db")).err().unwrap();
    assert!(matches!(&error, OpenStoreError::NoFolder(path) if path.ends_with("nowhere")));
    assert!(error.to_string().contains("create it"), "{error}");
}

#[tokio::test]
async fn a_file_of_something_else_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage.db");
    fs::write(&garbage, b"no database at all ".repeat(1000)).unwrap();
    assert!(matches!(store_at(&garbage), Err(OpenStoreError::Database { .. })));
    assert!(fs::read(&garbage).unwrap().starts_with(b"no database at all"));

    let foreign = folder.path().join("foreign.db");
    let other = rusqlite::Connection::open(&foreign).unwrap();
    other.execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)").unwrap();
    assert!(matches!(store_at(&foreign), Err(OpenStoreError::Foreign(_))));

    let newer = folder.path().join("newer.db");
    drop(store_at(&newer).unwrap());
    rusqlite::Connection::open(&newer).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(store_at(&newer), Err(OpenStoreError::Newer(_))));
}

#[tokio::test]
async fn a_file_that_turns_into_garbage_is_an_error_not_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.db");
    let store = store_at(&path).unwrap();
    let worker = store.for_worker();
    let commit = Commit { puts: vec![put(session(1), "x")], ..Commit::default() };
    assert_eq!(worker.commit(&home(1), commit).await.unwrap(), Outcome::Committed);
    drop((worker, store));
    let store = store_at(&path).unwrap();
    fs::write(&path, b"garbage ".repeat(4096)).unwrap();
    let worker = store.for_worker();
    let read = worker.read(&home(1), &[session(1)]).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_) | StoreError::Unavailable(_))), "{read:?}");
    assert!(worker.list(&home(1), Kind::Session, None, 10).await.is_err());
}

#[tokio::test]
async fn a_kind_that_begins_alike_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.db");
    let stage = Stage::on(&StoreUrl::Sqlite(path.clone()), ());
    stage.put_all(&home(1), [put(session(1), "x")]).await;
    let file = rusqlite::Connection::open(&path).unwrap();
    for name in ["s1:x", "sa:x", "s9"] {
        let insert = "INSERT INTO record VALUES (?1, ?2, zeroblob(16), zeroblob(1), NULL, NULL)";
        file.execute(insert, [home(1).as_str(), name]).unwrap();
    }
    let list = stage.store.list(&home(1), Kind::Session, None, 10).await.unwrap();
    assert_eq!(entry_keys(&list), [session(1)]);
}

#[tokio::test]
async fn two_processes_work_on_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.db");
    // Two stores share nothing but the file, as `serve` and the command line do.
    let stores = [store_at(&path).unwrap().for_worker(), store_at(&path).unwrap().for_worker()];
    let tasks: Vec<_> = (0..2)
        .map(|one: usize| {
            let store = stores[one].clone();
            tokio::spawn(async move {
                let mut won = 0;
                for round in 0..50 {
                    let commit = Commit {
                        guards: vec![Guard::Absent(session(round))],
                        puts: vec![put(session(round), "mine")],
                        ..Commit::default()
                    };
                    won += usize::from(store.commit(&home(1), commit).await.unwrap() == Outcome::Committed);
                }
                won
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        won += task.await.unwrap();
    }
    assert_eq!(won, 50);
    for store in stores {
        assert_eq!(store.list(&home(1), Kind::Session, None, 100).await.unwrap().len(), 50);
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::Sqlite(folder.path().join("v.db"));
    let store = open(&url, Arc::new(SystemClock)).unwrap();
    let commit = Commit { puts: vec![put(RecordKey::head(), "head")], ..Commit::default() };
    assert_eq!(store.commit(&home(1), commit).await.unwrap(), Outcome::Committed);
    drop(store);
    let store = open(&url, Arc::new(SystemClock)).unwrap();
    assert_eq!(store.read(&home(1), &[RecordKey::head()]).await.unwrap()[0].as_ref().unwrap().value, b"head");
}

/// Somebody who looks into the file with another program, or copies it, may keep it locked. Who writes hears of that in
/// time, what was not acknowledged is not there, and reading goes on.
#[tokio::test]
async fn a_file_that_somebody_locks_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.db");
    let worker = store_at(&path).unwrap().for_worker();
    let write = async |number, guards| {
        let commit = Commit { guards, puts: vec![put(session(number), "x")], ..Commit::default() };
        worker.commit(&home(1), commit).await
    };
    assert_eq!(write(1, vec![]).await.unwrap(), Outcome::Committed);
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = std::time::Instant::now();
    assert!(matches!(write(2, vec![]).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(worker.health().await, Err(StoreError::Unavailable(_))));
    assert!(began.elapsed() < Duration::from_secs(10));
    let read = worker.read(&home(1), &[session(1), session(2)]).await.unwrap();
    assert!(matches!(read[..], [Some(_), None]), "{read:?}");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(write(2, vec![Guard::Absent(session(2))]).await.unwrap(), Outcome::Committed);
    assert!(worker.health().await.is_ok());
}
