//! What every store must do. One suite, run on SQLite, on Redis and on a Redis cluster; a new backend is one more
//! way to set the stage.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/redis.rs"]
mod redis_server;
#[path = "store_conformance/redis.rs"]
mod redis_store;
#[path = "store_conformance/sqlite.rs"]
mod sqlite_store;
#[path = "store_conformance/stage.rs"]
mod stage;

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use stage::{Stage, app, entry_keys, home, put, session, version};
use vestibule::{
    store::{Commit, Cursor, Guard, Kind, Outcome, Partition, RecordKey},
    types::ids::RandomId,
};

/// Runs the suite on a stage. A new test is a function below and its name here.
macro_rules! suite {
    ($($backend:ident: $set:path;)+) => { $(suite!(@ $backend, $set,
        reads_come_in_the_order_asked_for, a_commit_happens_whole_or_not_at_all, a_conflict_names_no_winner_twice,
        sixty_four_take_one_record, sixty_four_create_one_record, no_update_is_lost, what_has_expired_does_not_exist,
        lists_are_ordered_and_paged, a_kind_lists_no_other, due_records_come_oldest_first, wiping_keeps_what_it_is_told,
        a_scan_sees_everything, partitions_do_not_mix, kinds_do_not_mix, values_are_bytes, a_commit_may_be_large,
        the_same_commit_twice_is_one, workers_share_records, a_healthy_store_has_no_warnings,
    );)+ };
    (@ $backend:ident, $set:path, $($test:ident,)+) => {
        mod $backend {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test($set()).await;
            })+
        }
    };
}

suite! {
    sqlite: crate::stage::sqlite;
    redis: crate::stage::redis;
    cluster: crate::stage::cluster;
}

async fn reads_come_in_the_order_asked_for(stage: Stage) {
    let p = home(1);
    stage.put_all(&p, [put(RecordKey::head(), "head"), put(session(1), "one"), put(session(2), "two")]).await;
    let keys = [session(2), session(9), RecordKey::head(), session(1), session(2)];
    let values = stage.values(&p, &keys).await;
    let expected = [Some("two"), None, Some("head"), Some("one"), Some("two")];
    assert_eq!(values, expected.map(|value| value.map(str::to_owned)));
    assert_eq!(stage.store.read(&p, &[]).await.unwrap(), []);
    assert_eq!(stage.values(&home(2), &[RecordKey::head()]).await, [None]);
}

async fn a_commit_happens_whole_or_not_at_all(stage: Stage) {
    let p = home(1);
    let (kept, gone) = (put(session(1), "kept"), put(session(2), "gone"));
    stage.put_all(&p, [kept.clone(), gone.clone()]).await;
    let changes = || Commit {
        guards: vec![],
        puts: vec![put(RecordKey::head(), "new"), put(session(1), "changed")],
        deletes: vec![session(2)],
    };
    let good = [Guard::Version(session(1), kept.version), Guard::Absent(RecordKey::head())];
    for bad in [
        Guard::Absent(session(1)),
        Guard::Version(session(1), version()),
        Guard::Version(session(9), version()),
        Guard::Version(RecordKey::head(), [0; 16]),
    ] {
        for guards in [[&good[..], std::slice::from_ref(&bad)].concat(), vec![bad.clone(), good[0].clone()]] {
            let outcome = stage.store.commit(&p, Commit { guards, ..changes() }).await.unwrap();
            assert_eq!(outcome, Outcome::Conflict, "{bad:?}");
            let values = stage.values(&p, &[RecordKey::head(), session(1), session(2)]).await;
            assert_eq!(values, [None, Some("kept".into()), Some("gone".into())], "{bad:?}");
        }
    }
    let guards = [&good[..], &[Guard::Version(session(2), gone.version)]].concat();
    assert_eq!(stage.store.commit(&p, Commit { guards, ..changes() }).await.unwrap(), Outcome::Committed);
    let values = stage.values(&p, &[RecordKey::head(), session(1), session(2)]).await;
    assert_eq!(values, [Some("new".into()), Some("changed".into()), None]);
}

async fn a_conflict_names_no_winner_twice(stage: Stage) {
    let p = home(1);
    let first = put(session(1), "first");
    stage.put_all(&p, [first.clone()]).await;
    let take = Commit {
        guards: vec![Guard::Version(session(1), first.version)],
        deletes: vec![session(1)],
        ..Commit::default()
    };
    assert_eq!(stage.store.commit(&p, take.clone()).await.unwrap(), Outcome::Committed);
    assert_eq!(stage.store.commit(&p, take).await.unwrap(), Outcome::Conflict);
}

async fn sixty_four_take_one_record(stage: Stage) {
    let winners = |round: u8| {
        let stage = stage.clone();
        async move {
            let record = put(session(round), "code");
            stage.put_all(&home(1), [record.clone()]).await;
            stage
                .race(move |store| {
                    let (key, version) = (record.key.clone(), record.version);
                    let commit = Commit {
                        guards: vec![Guard::Version(key.clone(), version)],
                        deletes: vec![key],
                        ..Commit::default()
                    };
                    async move { store.commit(&home(1), commit).await.unwrap() }
                })
                .await
        }
    };
    for round in 0..20 {
        assert_eq!(winners(round).await, 1, "round {round}");
    }
}

async fn sixty_four_create_one_record(stage: Stage) {
    for round in 0..20 {
        let winners = stage
            .race(move |store| async move {
                let commit = Commit {
                    guards: vec![Guard::Absent(session(round))],
                    puts: vec![put(session(round), "mine")],
                    ..Commit::default()
                };
                store.commit(&home(1), commit).await.unwrap()
            })
            .await;
        assert_eq!(winners, 1, "round {round}");
    }
}

async fn no_update_is_lost(stage: Stage) {
    let p = home(1);
    stage.put_all(&p, [put(session(1), "0")]).await;
    let conflicts = std::sync::Arc::new(AtomicUsize::new(0));
    let tasks = (0..8).map(|_| {
        let (store, conflicts) = (stage.store.clone(), conflicts.clone());
        tokio::spawn(async move {
            for _ in 0..10 {
                loop {
                    let now = store.read(&home(1), &[session(1)]).await.unwrap().remove(0).unwrap();
                    let count: u32 = String::from_utf8(now.value).unwrap().parse().unwrap();
                    let commit = Commit {
                        guards: vec![Guard::Version(session(1), now.version)],
                        puts: vec![put(session(1), &(count + 1).to_string())],
                        ..Commit::default()
                    };
                    if store.commit(&home(1), commit).await.unwrap() == Outcome::Committed {
                        break;
                    }
                    conflicts.fetch_add(1, Ordering::Relaxed);
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(stage.values(&p, &[session(1)]).await, [Some("80".into())]);
    assert!(conflicts.load(Ordering::Relaxed) > 0, "the tasks never met, so this proved nothing");
}

async fn what_has_expired_does_not_exist(stage: Stage) {
    let p = home(1);
    let ends = stage.now().plus(Duration::from_secs(60));
    let mut short = put(session(1), "short");
    (short.expires, short.due) = (Some(ends), Some(stage.now()));
    stage.put_all(&p, [short.clone(), put(session(2), "for ever")]).await;
    assert_eq!(stage.store.read(&p, &[session(1)]).await.unwrap()[0].as_ref().unwrap().expires, Some(ends));

    stage.advance(Duration::from_millis(59_999));
    assert_eq!(stage.values(&p, &[session(1)]).await, [Some("short".into())]);
    let commit = Commit { guards: vec![Guard::Absent(session(1))], ..Commit::default() };
    assert_eq!(stage.store.commit(&p, commit.clone()).await.unwrap(), Outcome::Conflict);

    stage.advance(Duration::from_millis(1));
    assert_eq!(stage.values(&p, &[session(1), session(2)]).await, [None, Some("for ever".into())]);
    assert_eq!(entry_keys(&stage.store.list(&p, Kind::Session, None, 10).await.unwrap()), [session(2)]);
    assert_eq!(stage.store.due(&p, stage.now(), 10).await.unwrap(), []);
    assert_eq!(stage.scan_all(10).await.len(), 1);
    let stale = Commit { guards: vec![Guard::Version(session(1), short.version)], ..Commit::default() };
    assert_eq!(stage.store.commit(&p, stale).await.unwrap(), Outcome::Conflict);
    let again = Commit { puts: vec![put(session(1), "again")], ..commit };
    assert_eq!(stage.store.commit(&p, again).await.unwrap(), Outcome::Committed);
    assert_eq!(stage.values(&p, &[session(1)]).await, [Some("again".into())]);

    let mut late = put(session(3), "over when written");
    late.expires = Some(stage.now());
    stage.put_all(&p, [late]).await;
    assert_eq!(stage.values(&p, &[session(3)]).await, [None]);
}

async fn lists_are_ordered_and_paged(stage: Stage) {
    let p = home(1);
    let mut keys: Vec<_> = (0..25).map(session).collect();
    stage.put_all(&p, keys.iter().rev().map(|key| put(key.clone(), "x"))).await;
    keys.sort();
    assert_eq!(entry_keys(&stage.store.list(&p, Kind::Session, None, 100).await.unwrap()), keys);
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = stage.store.list(&p, Kind::Session, after.as_ref(), 10).await.unwrap();
        assert!(page.len() <= 10);
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        seen.extend(entry_keys(&page));
    }
    assert_eq!(seen, keys);
    assert_eq!(stage.store.list(&p, Kind::Session, None, 0).await.unwrap(), []);
    assert_eq!(stage.store.list(&home(2), Kind::Session, None, 10).await.unwrap(), []);
    let all = Commit { deletes: keys.split_off(1), ..Commit::default() };
    assert_eq!(stage.store.commit(&p, all).await.unwrap(), Outcome::Committed);
    assert_eq!(entry_keys(&stage.store.list(&p, Kind::Session, None, 100).await.unwrap()), keys);
}

async fn a_kind_lists_no_other(stage: Stage) {
    let p = home(1);
    let keys = [
        (Kind::Head, RecordKey::head()),
        (Kind::Identity, RecordKey::identity()),
        (Kind::Consent, RecordKey::consent(&app("notes"))),
        (Kind::Served, RecordKey::served(&app("notes"))),
        (Kind::Session, session(1)),
        (Kind::Grant, RecordKey::grant(RandomId::new([1; 16]))),
        (Kind::Spent, RecordKey::spent()),
        (Kind::Pushed, RecordKey::pushed(RandomId::new([1; 16]))),
        (Kind::Keyring, RecordKey::keyring()),
    ];
    stage.put_all(&p, keys.iter().map(|(_, key)| put(key.clone(), "x"))).await;
    for (kind, key) in keys {
        assert_eq!(
            entry_keys(&stage.store.list(&p, kind, None, 10).await.unwrap()),
            std::slice::from_ref(&key),
            "{kind:?}"
        );
        assert_eq!(stage.store.list(&p, kind, Some(&key), 10).await.unwrap(), [], "{kind:?}");
    }
    // "h:" (history) is where "head" is not.
    assert_eq!(stage.store.list(&p, Kind::History, None, 10).await.unwrap(), []);
}

async fn due_records_come_oldest_first(stage: Stage) {
    let p = home(1);
    let at = |secs| stage.now().plus(Duration::from_secs(secs));
    let due = [(session(1), Some(at(30))), (session(2), Some(at(10))), (session(3), None), (session(4), Some(at(20)))];
    let puts = due.map(|(key, due)| {
        let mut put = put(key, "work");
        put.due = due;
        put
    });
    stage.put_all(&p, puts).await;
    let keys = async |until, limit| entry_keys(&stage.store.due(&p, at(until), limit).await.unwrap());
    assert_eq!(keys(9, 10).await, []);
    assert_eq!(keys(20, 10).await, [session(2), session(4)]);
    assert_eq!(keys(60, 2).await, [session(2), session(4)]);
    assert_eq!(keys(60, 10).await, [session(2), session(4), session(1)]);
    assert_eq!(stage.store.due(&home(2), at(60), 10).await.unwrap(), []);
    // Done, or written again without a due time: nothing is due any more.
    let done = Commit { puts: vec![put(session(2), "done")], deletes: vec![session(4)], ..Commit::default() };
    assert_eq!(stage.store.commit(&p, done).await.unwrap(), Outcome::Committed);
    assert_eq!(keys(60, 10).await, [session(1)]);
}

async fn wiping_keeps_what_it_is_told(stage: Stage) {
    let (p, other) = (home(1), home(2));
    for partition in [&p, &other] {
        let head = put(RecordKey::head(), "head");
        stage.put_all(partition, (1..6).map(|i| put(session(i), "x")).chain([head])).await;
    }
    stage.store.wipe(&p, &[RecordKey::head(), session(3), session(99)]).await.unwrap();
    let values = stage.values(&p, &[RecordKey::head(), session(1), session(3)]).await;
    assert_eq!(values, [Some("head".into()), None, Some("x".into())]);
    assert_eq!(entry_keys(&stage.store.list(&p, Kind::Session, None, 10).await.unwrap()), [session(3)]);
    stage.store.wipe(&p, &[]).await.unwrap();
    assert_eq!(stage.values(&p, &[RecordKey::head()]).await, [None]);
    assert_eq!(stage.store.list(&other, Kind::Session, None, 10).await.unwrap().len(), 5);
    assert_eq!(stage.scan_all(100).await.len(), 6);
}

async fn a_scan_sees_everything(stage: Stage) {
    let mut expected = BTreeSet::new();
    for account in 0..40 {
        stage.put_all(&home(account), (0..5).map(|i| put(session(i), "x"))).await;
        expected.extend((0..5).map(|i| (home(account), session(i))));
    }
    for limit in [7, 1000] {
        let seen = stage.scan_all(limit).await.into_iter().map(|entry| (entry.partition, entry.key));
        assert_eq!(seen.collect::<BTreeSet<_>>(), expected);
    }
    assert!(stage.store.scan(&Cursor(b"made up".to_vec()), 10).await.is_err());
}

async fn partitions_do_not_mix(stage: Stage) {
    let record = put(session(1), "of one");
    stage.put_all(&home(1), [record.clone()]).await;
    assert_eq!(stage.values(&home(2), &[session(1)]).await, [None]);
    let foreign = Commit {
        guards: vec![Guard::Version(session(1), record.version)],
        deletes: vec![session(1)],
        ..Commit::default()
    };
    assert_eq!(stage.store.commit(&home(2), foreign).await.unwrap(), Outcome::Conflict);
    let unguarded = Commit { deletes: vec![session(1)], ..Commit::default() };
    assert_eq!(stage.store.commit(&home(2), unguarded).await.unwrap(), Outcome::Committed);
    assert_eq!(stage.values(&home(1), &[session(1)]).await, [Some("of one".into())]);
    for partition in [Partition::keyring(), Partition::spent(&[1; 32])] {
        assert_eq!(stage.values(&partition, &[session(1)]).await, [None]);
    }
}

async fn kinds_do_not_mix(stage: Stage) {
    let p = home(1);
    let id = RandomId::new([7; 16]);
    let grant = put(RecordKey::grant(id), "grant");
    stage.put_all(&p, [grant.clone(), put(RecordKey::consent(&app("a")), "consent")]).await;
    let others = [RecordKey::session(id), RecordKey::served(&app("a")), RecordKey::head()];
    assert_eq!(stage.values(&p, &others).await, [None, None, None]);
    for other in others {
        let take = Commit {
            guards: vec![Guard::Version(other.clone(), grant.version)],
            deletes: vec![other],
            ..Commit::default()
        };
        assert_eq!(stage.store.commit(&p, take).await.unwrap(), Outcome::Conflict);
    }
    assert_eq!(stage.values(&p, &[RecordKey::grant(id)]).await, [Some("grant".into())]);
}

async fn values_are_bytes(stage: Stage) {
    let p = home(1);
    let every_byte: Vec<u8> = (0..=255).collect();
    for value in [vec![], vec![0], b"\r\n$-1\r\n".to_vec(), every_byte.clone(), every_byte.repeat(1024)] {
        let mut record = put(session(1), "");
        record.value.clone_from(&value);
        stage.put_all(&p, [record.clone()]).await;
        let read = stage.store.read(&p, &[session(1)]).await.unwrap().remove(0).unwrap();
        assert!(read.value == value, "{} bytes", value.len());
        assert_eq!((read.version, read.expires), (record.version, None));
        assert!(stage.store.list(&p, Kind::Session, None, 1).await.unwrap()[0].stored == read);
        assert!(stage.scan_all(10).await[0].stored == read);
    }
}

async fn a_commit_may_be_large(stage: Stage) {
    let p = home(1);
    let many: Vec<_> = (0..=255).map(|i| put(session(i), "many")).collect();
    let commit = Commit {
        guards: many.iter().map(|put| Guard::Absent(put.key.clone())).collect(),
        puts: many.clone(),
        deletes: vec![],
    };
    assert_eq!(stage.store.commit(&p, commit).await.unwrap(), Outcome::Committed);
    assert_eq!(stage.store.list(&p, Kind::Session, None, 1000).await.unwrap().len(), 256);
    let commit = Commit {
        guards: many.iter().map(|put| Guard::Version(put.key.clone(), put.version)).collect(),
        puts: vec![],
        deletes: many.into_iter().map(|put| put.key).collect(),
    };
    assert_eq!(stage.store.commit(&p, commit).await.unwrap(), Outcome::Committed);
    assert_eq!(stage.scan_all(1000).await, []);
}

async fn the_same_commit_twice_is_one(stage: Stage) {
    let p = home(1);
    let old = put(session(1), "old");
    stage.put_all(&p, [old.clone()]).await;
    let commit = Commit {
        guards: vec![Guard::Version(session(1), old.version), Guard::Absent(session(2))],
        puts: vec![put(session(1), "new"), put(session(2), "new")],
        deletes: vec![],
    };
    for _ in 0..3 {
        assert_eq!(stage.store.commit(&p, commit.clone()).await.unwrap(), Outcome::Committed);
    }
    // As soon as another has written since, it is a conflict.
    stage.put_all(&p, [put(session(2), "newer")]).await;
    assert_eq!(stage.store.commit(&p, commit).await.unwrap(), Outcome::Conflict);
    assert_eq!(stage.values(&p, &[session(1), session(2)]).await, [Some("new".into()), Some("newer".into())]);
}

async fn workers_share_records(stage: Stage) {
    let p = home(1);
    let (one, two) = (stage.opened.for_worker(), stage.opened.for_worker());
    let commit = Commit { puts: vec![put(session(1), "shared")], ..Commit::default() };
    assert_eq!(one.commit(&p, commit).await.unwrap(), Outcome::Committed);
    assert_eq!(two.read(&p, &[session(1)]).await.unwrap()[0].as_ref().unwrap().value, b"shared");
    drop((one, two));
    assert_eq!(stage.values(&p, &[session(1)]).await, [Some("shared".into())]);
}

async fn a_healthy_store_has_no_warnings(stage: Stage) {
    assert_eq!(stage.store.health().await.unwrap().warnings, Vec::<String>::new());
}
