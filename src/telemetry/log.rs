//! Where log lines go: to standard error, one line an event, for people or as JSON.

use std::{
    fmt::Write as _,
    io::{self, Write},
    str::FromStr,
};

use tracing::{Subscriber, subscriber::set_global_default};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt::MakeWriter,
    layer::SubscriberExt,
    registry,
};

use super::escaped::{escape, write_escaped};
use crate::config::Log;

/// Why logging cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `log.level` is none of the five.
    #[error("log.level must be one of error, warn, info, debug, trace")]
    Level,
    /// Something else in this process logs already.
    #[error("the process has a log already")]
    Taken,
}

/// Begins to log, for the whole process.
///
/// # Errors
/// [`LogError`] for an unknown level, or when it was called before.
pub fn init(log: &Log) -> Result<(), LogError> {
    let subscriber = subscriber(log, io::stderr)?;
    set_global_default(subscriber).map_err(|_| LogError::Taken)
}

type Lines = Box<dyn Subscriber + Send + Sync>;

fn subscriber<W>(log: &Log, writer: W) -> Result<Lines, LogError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let level = LevelFilter::from_str(&log.level).map_err(|_| LogError::Level)?;
    let ours = registry().with(Targets::new().with_target(env!("CARGO_PKG_NAME"), level));
    let format = tracing_subscriber::fmt::layer().with_ansi(false).with_target(false).with_writer(OneLine(writer));
    Ok(if log.json {
        Box::new(ours.with(format.json().flatten_event(true).with_current_span(true).with_span_list(false)))
    } else {
        Box::new(ours.with(format))
    })
}

/// A second line of defence: whatever a value holds, an event stays one line and moves no cursor.
struct OneLine<W>(W);

impl<'w, W: MakeWriter<'w>> MakeWriter<'w> for OneLine<W> {
    type Writer = Line<W::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        Line(self.0.make_writer())
    }
}

/// Writes one event, which the formatter hands over whole.
struct Line<W>(W);

impl<W: Write> Write for Line<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        if line.chars().any(|character| escape(character).is_some()) {
            let mut clean = String::with_capacity(text.len() + 16);
            for character in line.chars() {
                write_escaped(&mut clean, character).map_err(io::Error::other)?;
            }
            writeln!(clean).map_err(io::Error::other)?;
            self.0.write_all(clean.as_bytes())?;
        } else {
            self.0.write_all(event)?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use tracing::subscriber::with_default;

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(json: bool, level: &str, events: impl FnOnce()) -> Vec<String> {
        let sink = Sink::default();
        let lines = sink.clone();
        let log = Log { json, level: level.into() };
        with_default(subscriber(&log, move || lines.clone()).unwrap(), events);
        let written = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        written.split_terminator('\n').map(str::to_owned).collect()
    }

    const HOSTILE: &str = "x\r\n{\"level\":\"ERROR\"}\x1b[2J\u{2028}\u{202e}";

    #[test]
    fn an_event_is_one_line_whatever_it_holds() {
        for json in [true, false] {
            let lines = logged(json, "info", || {
                tracing::info!(value = HOSTILE, shown = %HOSTILE, "{HOSTILE}");
                tracing::info!("second");
            });
            assert_eq!(lines.len(), 2, "{lines:?}");
            assert!(lines.iter().all(|line| line.chars().all(|c| escape(c).is_none())), "{lines:?}");
        }
    }

    #[test]
    fn json_lines_are_json_and_carry_the_request() {
        let lines = logged(true, "info", || {
            let _in_request = tracing::info_span!("request", id = "r1").entered();
            tracing::warn!(value = HOSTILE, "hello");
        });
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["message"], "hello");
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["value"], HOSTILE);
        assert_eq!(line["span"]["id"], "r1");
        assert!(line["timestamp"].is_string());
    }

    #[test]
    fn libraries_are_silent_at_any_level() {
        let lines = logged(true, "trace", || {
            tracing::error!(target: "hyper", "GET /?code=secret");
            tracing::trace!(target: "actix_http", "Cookie: secret");
            tracing::trace!("ours");
        });
        assert_eq!(lines.len(), 1, "{lines:?}");
    }

    #[test]
    fn the_level_is_kept_and_checked() {
        assert!(logged(false, "warn", || tracing::info!("quiet")).is_empty());
        assert!(subscriber(&Log { json: false, level: "loud".into() }, io::stderr).is_err());
    }
}
