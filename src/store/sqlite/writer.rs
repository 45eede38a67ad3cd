//! The one thread that writes. What waits while a transaction goes to disk goes with the next one, together:
//! sixty-four sign-ins at once cost a few syncs, not sixty-four.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::{change, store_error};
use crate::{
    store::{Commit, Outcome, Partition, RecordKey, StoreError},
    types::Clock,
};

/// How many changes may wait; more than that and the disk does not keep up, which who asks should know.
const QUEUE: usize = 1024;

/// How many changes go into one transaction.
const GROUP: usize = 128;

/// How long after a change the log is emptied, and with it what the change replaced or deleted.
const EMPTY_LOG_AFTER: Duration = Duration::from_secs(1);

/// How often what has expired is removed.
const SWEEP_EVERY: Duration = Duration::from_secs(30);

/// What the writer can be asked for.
pub(super) enum Work {
    Commit(Partition, Commit),
    Wipe(Partition, Vec<RecordKey>),
    Sweep,
    Nothing,
}

type Answer = Result<Outcome, StoreError>;

struct Job {
    work: Work,
    answer: oneshot::Sender<Answer>,
}

/// Where work is handed in. Dropping it lets the thread finish what waits, and waits for that.
pub(super) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let (jobs, queue) = sync_channel(QUEUE);
        let desk = Desk { connection, clock, changed: None, swept: None };
        let thread = std::thread::Builder::new().name("store-writer".into()).spawn(move || desk.run(&queue))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    pub(super) async fn ask(&self, work: Work) -> Answer {
        let (answer, answered) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.try_send(Job { work, answer }).map_err(|_| overloaded())?;
        answered.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It panics nowhere; if it did, there is nothing left to save here.
            let _ = thread.join();
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the thread that writes has stopped".into())
}

fn overloaded() -> StoreError {
    StoreError::Unavailable("too many changes wait for the disk".into())
}

/// What the thread works with.
struct Desk {
    connection: Connection,
    clock: Arc<dyn Clock>,
    /// When the first change was made that the log still holds.
    changed: Option<Instant>,
    /// When what had expired was last removed.
    swept: Option<Instant>,
}

impl Desk {
    fn run(mut self, queue: &Receiver<Job>) {
        loop {
            match queue.recv_timeout(self.until_upkeep()) {
                Ok(first) => self.work_off(std::iter::once(first).chain(queue.try_iter()).take(GROUP).collect()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.until_upkeep().is_zero() {
                self.upkeep();
            }
        }
        self.empty_log();
    }

    fn work_off(&mut self, group: Vec<Job>) {
        let (sweeps, changes): (Vec<_>, Vec<_>) = group.into_iter().partition(|job| matches!(job.work, Work::Sweep));
        let answer = self.transact(&changes);
        if let Err(error) = &answer {
            tracing::warn!(%error, changes = changes.len(), "the store could not write");
        }
        respond(changes, answer);
        if !sweeps.is_empty() {
            let swept = self.sweep_all().and_then(|()| self.truncate_log());
            let outcomes = sweeps.iter().map(|_| Outcome::Committed).collect();
            respond(sweeps, swept.map(|()| outcomes));
        }
    }

    /// One transaction. A change whose guards fail undoes nobody else's: it has written nothing when they are
    /// looked at. An error is the disk's, and everyone's.
    fn transact(&mut self, changes: &[Job]) -> rusqlite::Result<Vec<Outcome>> {
        let now = self.clock.now();
        let mut outcomes = Vec::with_capacity(changes.len());
        let before = self.connection.total_changes();
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for job in changes {
            outcomes.push(match &job.work {
                Work::Commit(partition, commit) => change::commit(&tx, partition, commit, now)?,
                Work::Wipe(partition, keep) => change::wipe(&tx, partition, keep).map(|()| Outcome::Committed)?,
                Work::Sweep | Work::Nothing => Outcome::Committed,
            });
        }
        tx.commit()?;
        if self.connection.total_changes() != before {
            self.changed.get_or_insert_with(Instant::now);
        }
        Ok(outcomes)
    }

    fn until_upkeep(&self) -> Duration {
        let sweep = self.swept.map_or(Duration::ZERO, |at| SWEEP_EVERY.saturating_sub(at.elapsed()));
        self.changed.map_or(sweep, |at| sweep.min(EMPTY_LOG_AFTER.saturating_sub(at.elapsed())))
    }

    fn upkeep(&mut self) {
        if self.swept.is_none_or(|at| at.elapsed() >= SWEEP_EVERY)
            && let Err(error) = self.sweep()
        {
            tracing::warn!(%error, "the store could not remove what has expired");
        }
        if self.changed.is_some_and(|at| at.elapsed() >= EMPTY_LOG_AFTER) {
            self.empty_log();
        }
    }

    /// Removes some of what has expired; whether there may be more. More is removed soon, but not before what
    /// waits to be written.
    fn sweep(&mut self) -> rusqlite::Result<bool> {
        self.swept = Some(Instant::now());
        let swept = change::sweep(&self.connection, self.clock.now())?;
        if swept > 0 {
            self.changed.get_or_insert_with(Instant::now);
            self.swept = None;
        }
        Ok(swept > 0)
    }

    fn sweep_all(&mut self) -> rusqlite::Result<()> {
        while self.sweep()? {}
        Ok(())
    }

    /// Moves the log into the database, where deleted bytes are zeros, and cuts it to nothing. Another process
    /// that reads right now can be in the way; then the next upkeep tries again.
    fn empty_log(&mut self) {
        if self.changed.is_some()
            && let Err(error) = self.truncate_log()
        {
            tracing::warn!(%error, "the store could not empty its log");
            self.changed = Some(Instant::now());
        }
    }

    fn truncate_log(&mut self) -> rusqlite::Result<()> {
        let busy: bool = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy {
            return Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None));
        }
        self.changed = None;
        Ok(())
    }
}

/// Gives each its answer. Who asked may have gone; the change stands all the same.
fn respond(jobs: Vec<Job>, answer: rusqlite::Result<Vec<Outcome>>) {
    match answer {
        Ok(outcomes) => {
            for (job, outcome) in jobs.into_iter().zip(outcomes) {
                let _ = job.answer.send(Ok(outcome));
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            for job in jobs {
                let _ = job.answer.send(Err(store_error(Arc::clone(&error))));
            }
        }
    }
}
