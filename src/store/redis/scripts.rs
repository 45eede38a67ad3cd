//! The scripts, and how what they need is handed to them: every key among `KEYS`, as a cluster demands, but for
//! records that only the index knows; those share the slot by their hash tag.

use redis::{Script, ScriptInvocation};

use super::{keys, value};
use crate::{
    store::{Commit, Guard, Kind, Partition, RecordKey},
    types::Timestamp,
};

pub(super) struct Scripts {
    commit: Script,
    list: Script,
    due: Script,
    wipe: Script,
}

impl Default for Scripts {
    fn default() -> Self {
        const RECORD: &str = include_str!("record.lua");
        const INDEX: &str = include_str!("index.lua");
        let script = |parts: &[&str]| Script::new(&parts.join("\n"));
        Self {
            commit: script(&[RECORD, INDEX, include_str!("commit.lua")]),
            list: script(&[RECORD, include_str!("list.lua")]),
            due: script(&[RECORD, include_str!("due.lua")]),
            wipe: script(&[INDEX, include_str!("wipe.lua")]),
        }
    }
}

/// The records that a commit touches, each once, and their places among a script's `KEYS`.
#[derive(Default)]
struct Touched<'a>(Vec<&'a RecordKey>);

impl<'a> Touched<'a> {
    /// Keys of a script count from 1, and three of the index come first.
    fn place(&mut self, key: &'a RecordKey) -> usize {
        let at = self.0.iter().position(|known| *known == key).unwrap_or_else(|| {
            self.0.push(key);
            self.0.len() - 1
        });
        at + 4
    }
}

impl Scripts {
    pub(super) fn commit(&self, partition: &Partition, commit: &Commit, now: Timestamp) -> ScriptInvocation<'_> {
        let mut script = self.commit.prepare_invoke();
        let mut touched = Touched::default();
        script.key(&keys::index(partition));
        script.arg(now.as_millis()).arg(keys::before(partition).len());
        script.arg(commit.guards.len()).arg(commit.puts.len()).arg(commit.deletes.len());
        for guard in &commit.guards {
            match guard {
                Guard::Absent(key) => script.arg(touched.place(key)).arg(""),
                Guard::Version(key, version) => script.arg(touched.place(key)).arg(version.as_slice()),
            };
        }
        for put in &commit.puts {
            let end = value::end(put);
            // What is over when it is written is written for a moment: nobody sees it, and Redis takes it away.
            let left = end.map(|at| at.since(now).as_millis().max(1));
            script.arg(touched.place(&put.key)).arg(value::encode(put));
            script.arg(text(left)).arg(end.map_or_else(|| "+inf".to_owned(), |at| at.as_millis().to_string()));
            script.arg(text(put.due.map(Timestamp::as_millis)));
        }
        for key in &commit.deletes {
            script.arg(touched.place(key));
        }
        for key in touched.0 {
            script.key(keys::record(partition, key));
        }
        script
    }

    pub(super) fn list(
        &self,
        partition: &Partition,
        kind: Kind,
        after: Option<&RecordKey>,
        limit: usize,
        now: Timestamp,
    ) -> ScriptInvocation<'_> {
        let [names, ..] = keys::index(partition);
        let first = kind.first_name();
        let from = after.map(RecordKey::as_str).filter(|after| *after >= first);
        let from = from.map_or_else(|| format!("[{first}"), |after| format!("({after}"));
        let mut script = self.list.key(names);
        script.arg(now.as_millis()).arg(keys::before(partition)).arg(first).arg(from).arg(limit);
        script
    }

    pub(super) fn due(
        &self,
        partition: &Partition,
        until: Timestamp,
        limit: usize,
        now: Timestamp,
    ) -> ScriptInvocation<'_> {
        let [.., due] = keys::index(partition);
        let mut script = self.due.key(due);
        script.arg(now.as_millis()).arg(keys::before(partition)).arg(until.as_millis()).arg(limit);
        script
    }

    pub(super) fn wipe(&self, partition: &Partition, keep: &[RecordKey], now: Timestamp) -> ScriptInvocation<'_> {
        let mut script = self.wipe.prepare_invoke();
        script.key(&keys::index(partition)).arg(now.as_millis()).arg(keys::before(partition));
        for key in keep {
            script.arg(key.as_str());
        }
        script
    }
}

/// Scripts take the empty text for "none".
fn text(number: Option<impl ToString>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}
