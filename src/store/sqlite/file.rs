//! The file: who may read it, what is in it, how SQLite treats it.

use std::{
    fs::OpenOptions,
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use crate::store::OpenStoreError;

/// `VSTB`: tells our files from those of other programs.
const APPLICATION: i64 = 0x5653_5442;

/// The layout that this build reads and writes.
const LAYOUT: i64 = 1;

/// How long one process waits for another's write to end.
const BUSY: Duration = Duration::from_millis(1500);

/// A partition's records lie beside each other (no rowid), so that reading four of them touches few pages.
const TABLES: &str = "
    CREATE TABLE record (
        partition TEXT NOT NULL,
        name      TEXT NOT NULL,
        version   BLOB NOT NULL,
        value     BLOB NOT NULL,
        expires   INTEGER,
        due       INTEGER,
        PRIMARY KEY (partition, name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX record_expires ON record (expires) WHERE expires IS NOT NULL;
    CREATE INDEX record_due ON record (partition, due, name) WHERE due IS NOT NULL;
";

/// Opens the file for the writer; creates it where there is none.
pub(super) fn open_writer(path: &Path) -> Result<Connection, OpenStoreError> {
    create_private(path)?;
    let database = |source| OpenStoreError::Database { path: path.to_owned(), source };
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(database)?;
    prepare(&connection).map_err(database)?.map_err(|refused| refused(path.to_owned()))?;
    Ok(connection)
}

/// Opens the file for reading alone. A reader waits for nobody but a log that is being recovered, so briefly.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY / 5)?;
    Ok(connection)
}

/// Each connection is used by one thread at a time, which the types see to; SQLite need not lock as well.
fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// SQLite gives its log and its shared memory the permissions of the database file, so it is made first.
fn create_private(path: &Path) -> Result<(), OpenStoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(OpenStoreError::NoFolder(folder.unwrap_or(Path::new(".")).to_owned()))
        }
        Err(source) => Err(OpenStoreError::File { path: path.to_owned(), source }),
    }
}

type Refused = fn(PathBuf) -> OpenStoreError;

fn prepare(connection: &Connection) -> rusqlite::Result<Result<(), Refused>> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // What was acknowledged is on disk, and what was deleted is overwritten with zeros.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "secure_delete", "on")?;
    // Two processes may start on a new file at once: one of them makes the tables, the other waits and finds them.
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let refused = match (pragma(connection, "application_id")?, pragma(connection, "user_version")?) {
        (APPLICATION, LAYOUT) => None,
        (APPLICATION, _) => Some(OpenStoreError::Newer as Refused),
        (0, 0) if is_empty(connection)? => {
            connection.execute_batch(TABLES)?;
            connection.pragma_update(None, "application_id", APPLICATION)?;
            connection.pragma_update(None, "user_version", LAYOUT)?;
            None
        }
        _ => Some(OpenStoreError::Foreign as Refused),
    };
    connection.execute_batch("COMMIT")?;
    Ok(refused.map_or(Ok(()), Err))
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))
}
