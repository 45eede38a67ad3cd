use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::*;
use crate::types::{SystemClock, ids::RandomId};

const PATIENCE: Duration = Duration::from_secs(10);

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("audit.jsonl")
    }

    fn open(&self) -> Result<Audit, AuditError> {
        Audit::open(Some(self.file()), Arc::new(SystemClock))
    }

    fn record(&self, events: usize) {
        let audit = self.open().unwrap();
        for _ in 0..events {
            audit.record(Event::new(EventKind::Login).app(&"notes".parse().unwrap()));
        }
        assert!(audit.flush(PATIENCE));
    }

    fn lines(&self) -> Vec<String> {
        fs::read_to_string(self.file()).unwrap().lines().map(str::to_owned).collect()
    }

    fn write(&self, lines: &[String]) {
        fs::write(self.file(), lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    }
}

fn broken_at(file: &Path) -> Option<u64> {
    match verify(file) {
        Err(VerifyError::Broken(line)) => Some(line),
        _ => None,
    }
}

#[test]
fn an_event_is_a_line_with_the_members_that_programs_expect() {
    let place = Place::new();
    let audit = place.open().unwrap();
    let event = Event::new(EventKind::LoginRefused)
        .reason("not_allowed")
        .account(RandomId::new([7; 16]))
        .app(&"notes".parse().unwrap())
        .provider(&"google".parse().unwrap());
    audit.record(event);
    assert!(audit.flush(PATIENCE));
    let line: Value = serde_json::from_str(&place.lines()[0]).unwrap();
    let names: Vec<_> = ["time", "seq", "event", "reason", "account", "app", "provider", "prev"].into();
    assert_eq!(line.as_object().unwrap().len(), names.len());
    assert!(names.iter().all(|name| line.get(name).is_some()));
    assert_eq!((&line["seq"], &line["event"]), (&1.into(), &"login_refused".into()));
    assert_eq!(
        (&line["reason"], &line["app"], &line["provider"]),
        (&"not_allowed".into(), &"notes".into(), &"google".into())
    );
    assert_eq!(line["account"], RandomId::new([7; 16]).to_string());
    assert_eq!(line["prev"], "0".repeat(64));
}

#[test]
fn the_chain_goes_on_after_a_restart() {
    let place = Place::new();
    place.record(3);
    let before = verify(&place.file()).unwrap();
    place.record(2);
    let after = verify(&place.file()).unwrap();
    assert_eq!((before.lines, after.lines), (3, 5));
    assert_ne!(before.tip, after.tip);
}

#[test]
fn a_line_changed_moved_or_taken_out_shows() {
    let place = Place::new();
    place.record(4);
    let genuine = place.lines();
    let mut changed = genuine.clone();
    changed[1] = changed[1].replace("notes", "wiki");
    let mut swapped = genuine.clone();
    swapped.swap(1, 2);
    let mut without = genuine.clone();
    without.remove(1);
    let mut doubled = genuine.clone();
    doubled.insert(1, genuine[1].clone());
    for (lines, line) in [(changed, 3), (swapped, 2), (without, 2), (doubled, 3), (genuine[1..].to_vec(), 1)] {
        place.write(&lines);
        assert_eq!(broken_at(&place.file()), Some(line));
    }
    place.write(&genuine);
    assert_eq!(verify(&place.file()).unwrap().lines, 4);
}

#[test]
fn a_line_that_was_cut_by_a_crash_is_taken_off() {
    let place = Place::new();
    place.record(2);
    let whole = fs::read(place.file()).unwrap();
    let first_line = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for cut in [first_line + 1, first_line + 60, whole.len() - 1, 5] {
        fs::write(place.file(), &whole[..cut]).unwrap();
        assert!(matches!(verify(&place.file()), Err(VerifyError::Cut(_))), "{cut}");
        place.record(1);
        assert_eq!(verify(&place.file()).unwrap().lines, if cut == 5 { 1 } else { 2 }, "{cut}");
    }
}

#[test]
fn a_file_of_somebody_else_is_left_alone() {
    let place = Place::new();
    let long = "x".repeat(20_000);
    for foreign in ["hello\n", "hello", "{\"seq\":1}\n", &long] {
        fs::write(place.file(), foreign).unwrap();
        assert!(matches!(place.open(), Err(AuditError::Foreign)), "{}", foreign.len());
        assert_eq!(fs::read_to_string(place.file()).unwrap(), foreign);
    }
}

#[test]
fn two_processes_continue_one_chain() {
    let place = Place::new();
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let audit = place.open().unwrap();
            std::thread::spawn(move || {
                for _ in 0..50 {
                    audit.record(Event::new(EventKind::Login));
                    assert!(audit.flush(PATIENCE));
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    assert_eq!(verify(&place.file()).unwrap().lines, 200);
}

/// What somebody else put at the end meanwhile is neither continued nor cut off.
#[test]
fn a_file_that_was_spoilt_meanwhile_is_left_alone() {
    let place = Place::new();
    let audit = place.open().unwrap();
    audit.record(Event::new(EventKind::Login));
    assert!(audit.flush(PATIENCE));
    let spoilt = fs::read_to_string(place.file()).unwrap() + "hello\n";
    fs::write(place.file(), &spoilt).unwrap();
    audit.record(Event::new(EventKind::Login));
    assert!(audit.flush(PATIENCE));
    assert_eq!(fs::read_to_string(place.file()).unwrap(), spoilt);
}

#[test]
fn what_the_queue_cannot_take_is_told() {
    let place = Place::new();
    let audit = place.open().unwrap();
    for _ in 0..100_000 {
        audit.record(Event::new(EventKind::Logout));
    }
    assert!(audit.flush(PATIENCE));
    assert!(audit.flush(PATIENCE), "what was lost is told with the next batch");
    let lines: Vec<Value> = place.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let lost = |line: &Value| line["reason"].as_str().map_or(0, |count| count.parse().unwrap());
    let told: u64 = lines.iter().filter(|line| line["event"] == "events_lost").map(lost).sum();
    let written = lines.iter().filter(|line| line["event"] == "logout").count();
    assert_eq!(told + u64::try_from(written).unwrap(), 100_000);
    assert!(told > 0, "the queue is bounded");
    assert!(verify(&place.file()).is_ok());
}

#[test]
fn off_is_off() {
    let audit = Audit::off();
    audit.record(Event::new(EventKind::Login));
    assert!(audit.flush(Duration::ZERO));
    assert!(Audit::open(None, Arc::new(SystemClock)).unwrap().0.is_none());
}
