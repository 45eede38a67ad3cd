//! The thread that writes: events in, lines out, flushed to the disk before it waits for more.

use std::{
    io::{self, Write},
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
    file::ChainFile,
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
    /// A file that goes on where it ends.
    File(ChainFile),
    /// A stream that nobody reads back: its chain begins here.
    Stream(Box<dyn Write + Send>, Tip),
}

impl Sink {
    /// Writes whole lines, made from where the chain stands.
    fn append(&mut self, lines: impl FnOnce(&mut Tip) -> io::Result<String>) -> Result<(), AuditError> {
        match self {
            Self::File(file) => file.append(lines),
            Self::Stream(out, tip) => {
                let mut next = *tip;
                out.write_all(lines(&mut next)?.as_bytes())?;
                out.flush()?;
                *tip = next;
                Ok(())
            }
        }
    }
}

/// Opens the stream and starts the thread, which ends when the last [`Queue`] is gone.
/// `-` is `stream`.
pub(super) fn open(path: &Path, stream: Box<dyn Write + Send>, clock: Arc<dyn Clock>) -> Result<Queue, AuditError> {
    let sink = match path == Path::new("-") {
        true => Sink::Stream(stream, Tip::START),
        false => Sink::File(ChainFile::open(path)?),
    };
    let (sender, receiver) = sync_channel(QUEUE);
    let lost = Arc::new(AtomicU64::new(0));
    let writer = Writer { sink, clock, lost: Arc::clone(&lost), failing: false };
    thread::Builder::new().name("audit".into()).spawn(move || writer.run(&receiver))?;
    Ok(Queue { sender, lost })
}

struct Writer {
    sink: Sink,
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
        let clock = Arc::clone(&self.clock);
        match self.sink.append(|tip| render(tip, events, lost, &*clock)) {
            Ok(()) => self.failing = false,
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
