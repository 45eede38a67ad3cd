//! The thread that writes: events in, lines out, flushed to the disk before it waits for more.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use super::{
    chain::Tip,
    event::{Event, EventKind},
    verify::MAX_LINE,
};
use crate::types::Clock;

/// How many events may wait.
const QUEUE: usize = 4096;

/// Why the stream cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The file cannot be opened, read or written.
    #[error("the audit file cannot be opened: {0}")]
    Open(#[from] io::Error),
    /// Another process writes to it.
    #[error("another process writes to the audit file; give each instance its own")]
    Taken,
    /// It ends in something that is not a line of ours.
    #[error("the audit file does not end in an audit line; move it away, or name another file")]
    Foreign,
}

enum Message {
    Event(Event),
    Flush(SyncSender<()>),
}

/// The way to the writing thread.
#[derive(Clone)]
pub(super) struct Queue {
    sender: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

impl Queue {
    pub(super) fn push(&self, event: Event) {
        if self.sender.try_send(Message::Event(event)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn flush(&self, patience: Duration) -> bool {
        let (done, written) = sync_channel(1);
        // The queue may be full; the thread that empties it is at work, so this waits no longer than it.
        if self.sender.send(Message::Flush(done)).is_err() {
            return false;
        }
        !matches!(written.recv_timeout(patience), Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected))
    }
}

/// Where lines go.
enum Sink {
    /// A file, and how long it is up to its last whole line.
    File(File, u64),
    Stdout,
}

impl Sink {
    /// Writes whole lines, and has them on the disk when it returns. When it fails, the file ends as before.
    fn write(&mut self, lines: &str) -> io::Result<()> {
        match self {
            Self::File(file, length) => {
                let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_data());
                match &written {
                    Ok(()) => *length = length.saturating_add(lines.len() as u64),
                    // What fails here, too, is found and cut off when the file is opened next.
                    Err(_) => drop(file.set_len(*length)),
                }
                written
            }
            Self::Stdout => {
                let mut out = io::stdout().lock();
                out.write_all(lines.as_bytes())?;
                out.flush()
            }
        }
    }
}

/// Opens the stream and starts the thread, which ends when the last [`Queue`] is gone.
pub(super) fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Queue, AuditError> {
    let (sink, tip) = if path == Path::new("-") { (Sink::Stdout, Tip::START) } else { resume(path)? };
    let (sender, receiver) = sync_channel(QUEUE);
    let lost = Arc::new(AtomicU64::new(0));
    let writer = Writer { sink, tip, clock, lost: Arc::clone(&lost), failing: false };
    thread::Builder::new().name("audit".into()).spawn(move || writer.run(&receiver))?;
    Ok(Queue { sender, lost })
}

/// Opens a file to go on where it ends. A last line without an end was never whole (the process was killed while it
/// was written); it is cut off.
fn resume(path: &Path) -> Result<(Sink, Tip), AuditError> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(AuditError::Taken),
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    let length = file.seek(SeekFrom::End(0))?;
    let window = length.min(2 * MAX_LINE);
    file.seek(SeekFrom::Start(length - window))?;
    let mut tail = Vec::new();
    Read::by_ref(&mut file).take(window).read_to_end(&mut tail)?;
    let (tip, torn) = end(&tail, window == length).ok_or(AuditError::Foreign)?;
    let length = length.saturating_sub(torn);
    if torn > 0 {
        file.set_len(length)?;
        tracing::warn!(bytes = torn, "cut an unfinished line off the audit file");
    }
    Ok((Sink::File(file, length), tip))
}

/// Where the chain stands at the end of a file, and how many bytes of an unfinished line follow; `None` if it does
/// not end as we end it.
fn end(tail: &[u8], is_whole_file: bool) -> Option<(Tip, u64)> {
    let end = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let (lines, torn) = tail.split_at_checked(end)?;
    let ours = torn.is_empty() || torn.starts_with(b"{\"time\":") || b"{\"time\":".starts_with(torn);
    if !ours {
        return None;
    }
    let torn = u64::try_from(torn.len()).ok()?;
    match lines.strip_suffix(b"\n") {
        Some(lines) => Some((Tip::at(lines.rsplit(|byte| *byte == b'\n').next()?)?, torn)),
        None => is_whole_file.then_some((Tip::START, torn)),
    }
}

struct Writer {
    sink: Sink,
    tip: Tip,
    clock: Arc<dyn Clock>,
    lost: Arc<AtomicU64>,
    failing: bool,
}

impl Writer {
    fn run(mut self, receiver: &Receiver<Message>) {
        while let Ok(first) = receiver.recv() {
            let mut events = Vec::new();
            let mut waiting = Vec::new();
            for message in std::iter::once(first).chain(receiver.try_iter().take(QUEUE)) {
                match message {
                    Message::Event(event) => events.push(event),
                    Message::Flush(done) => waiting.push(done),
                }
            }
            self.write(&events);
            for done in waiting {
                // Whoever has given up waiting does not hear it.
                let _heard = done.send(());
            }
        }
    }

    /// Writes a batch. What cannot be written is lost, which the stream tells as soon as it can.
    fn write(&mut self, events: &[Event]) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        let mut tip = self.tip;
        match render(&mut tip, events, lost, &*self.clock).and_then(|lines| self.sink.write(&lines)) {
            Ok(()) => {
                self.tip = tip;
                self.failing = false;
            }
            Err(error) => {
                self.lost.fetch_add(lost.saturating_add(events.len() as u64), Ordering::Relaxed);
                if !self.failing {
                    tracing::error!(%error, "audit events cannot be written");
                }
                self.failing = true;
            }
        }
    }
}

fn render(tip: &mut Tip, events: &[Event], lost: u64, clock: &dyn Clock) -> io::Result<String> {
    let mut lines = String::new();
    if lost > 0 {
        lines += &tip.append(&Event::new(EventKind::EventsLost), Some(&lost.to_string()), clock.now())?;
        lines.push('\n');
    }
    for event in events {
        lines += &tip.append(event, None, clock.now())?;
        lines.push('\n');
    }
    Ok(lines)
}
