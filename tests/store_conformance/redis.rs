//! What only a server across the network can get wrong.

use std::{
    collections::BTreeSet,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vestibule::{
    config::StoreUrl,
    store::{Backend, Commit, Guard, Kind, Outcome, RecordKey, StoreError, open},
    types::{Clock, SecretText, SystemClock},
};

use crate::{
    redis_server::RedisServer,
    stage::{Stage, entry_keys, home, put, session},
};

fn store_at(url: &str) -> Arc<dyn Backend> {
    open(&StoreUrl::Redis(SecretText::new(url)), Arc::new(SystemClock)).unwrap()
}

/// Asks each verb; each must say, in time, that the store is not available.
async fn is_away(store: &dyn Backend) {
    let p = home(1);
    let commit = Commit { puts: vec![put(session(1), "x")], ..Commit::default() };
    let started = Instant::now();
    let answers = [
        store.read(&p, &[session(1)]).await.map(drop),
        store.commit(&p, commit).await.map(drop),
        store.list(&p, Kind::Session, None, 10).await.map(drop),
        store.due(&p, SystemClock.now(), 10).await.map(drop),
        store.wipe(&p, &[]).await,
        store.scan(&vestibule::store::Cursor::default(), 10).await.map(drop),
        store.health().await.map(drop),
    ];
    for (verb, answer) in answers.into_iter().enumerate() {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "verb {verb}: {answer:?}");
    }
    assert!(started.elapsed() < Duration::from_secs(2 * 7), "{:?}", started.elapsed());
}

#[tokio::test]
async fn an_outage_is_an_error_and_ends_by_itself() {
    let mut server = RedisServer::start();
    let store = store_at(&server.url());
    let commit = Commit { puts: vec![put(session(1), "kept")], ..Commit::default() };
    assert_eq!(store.commit(&home(1), commit).await.unwrap(), Outcome::Committed);
    server.stop();
    let started = Instant::now();
    assert!(matches!(store.read(&home(1), &[session(1)]).await, Err(StoreError::Unavailable(_))));
    assert!(started.elapsed() < Duration::from_secs(2));
    is_away(&*store).await;
    server.restart();
    let read = store.read(&home(1), &[session(1)]).await.unwrap();
    assert_eq!(read[0].as_ref().unwrap().value, b"kept", "an acknowledged write survives");
}

#[tokio::test]
async fn a_restart_between_two_requests_is_not_noticed() {
    let mut server = RedisServer::start();
    let store = store_at(&server.url());
    for round in 0..3 {
        let commit = Commit {
            guards: vec![Guard::Absent(session(round))],
            puts: vec![put(session(round), "x")],
            ..Commit::default()
        };
        assert_eq!(store.commit(&home(1), commit).await.unwrap(), Outcome::Committed);
        server.restart();
        assert_eq!(store.list(&home(1), Kind::Session, None, 10).await.unwrap().len(), usize::from(round) + 1);
        server.restart();
    }
}

#[tokio::test]
async fn a_store_that_is_away_at_the_start_stops_nothing() {
    let mut server = RedisServer::start();
    server.stop();
    let store = store_at(&server.url());
    is_away(&*store).await;
    server.restart();
    assert!(store.health().await.is_ok());
}

#[tokio::test]
async fn a_server_that_says_nothing_keeps_nobody_waiting() {
    // It takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let store = store_at(&format!("redis://{}", silent.local_addr().unwrap()));
    let started = Instant::now();
    let read = store.read(&home(1), &[session(1)]).await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))));
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

/// Greets whoever connects as a Redis does, and says the same to whatever is asked then.
async fn babbling(says: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut asked = vec![0; 65536];
                while let Ok(read @ 1..) = client.read(&mut asked).await {
                    let greetings = asked[..read].windows(7).filter(|window| *window == b"SETINFO").count();
                    let answer = if greetings > 0 { "+OK\r\n".repeat(greetings) } else { says.to_owned() };
                    let _gone = client.write_all(answer.as_bytes()).await;
                }
            });
        }
    });
    url
}

/// AC-74: whatever stands in the place of Redis, or is the matter with it, is an outage: neither a record nor its absence.
#[tokio::test]
async fn nonsense_and_refusals_are_an_outage() {
    for says in [
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "\0\0\0\0",
        ":x\r\n",
        "*-5\r\n",
        "-LOADING Redis is loading the dataset in memory\r\n",
        "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n",
        "-BUSY Redis is busy running a script.\r\n",
        "-NOAUTH Authentication required.\r\n",
        "-NOPERM this user has no permissions\r\n",
        "-CLUSTERDOWN The cluster is down\r\n",
        "-MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.\r\n",
    ] {
        is_away(&*store_at(&babbling(says).await)).await;
    }
    // A promise of more than anybody could hold is waited for no longer than for silence, and nothing is set aside for it.
    for says in ["*1000000000\r\n", "$99999999999\r\nx", "*1\r\n*1\r\n*1\r\n"] {
        let started = Instant::now();
        let read = store_at(&babbling(says).await).read(&home(1), &[session(1)]).await;
        assert!(matches!(read, Err(StoreError::Unavailable(_))), "{says:?}: {read:?}");
        assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    }
}

/// Passes everything on to `server`, and cuts the connection in the place of the first answer to `EVALSHA` that
/// follows a script's being known.
async fn cutting_proxy(server: u16, cuts: Arc<AtomicUsize>) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let cuts = cuts.clone();
            tokio::spawn(async move {
                let mut upstream = tokio::net::TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                let (mut asked, mut answered) = (vec![0; 65536], vec![0; 65536]);
                let mut cut = false;
                loop {
                    tokio::select! {
                        read = client.read(&mut asked) => match read {
                            Ok(read) if read > 0 => {
                                let is_script = asked[..read].windows(7).any(|window| window == b"EVALSHA");
                                cut = is_script && cuts.load(Ordering::SeqCst) > 0;
                                upstream.write_all(&asked[..read]).await.unwrap();
                            }
                            _ => return,
                        },
                        read = upstream.read(&mut answered) => match read {
                            Ok(read) if read > 0 => {
                                if cut {
                                    cuts.fetch_sub(1, Ordering::SeqCst);
                                    return;
                                }
                                client.write_all(&answered[..read]).await.unwrap();
                            }
                            _ => return,
                        },
                    }
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn a_lost_answer_to_a_commit_is_found_out() {
    let server = RedisServer::start();
    let cuts = Arc::new(AtomicUsize::new(0));
    let store = store_at(&format!("redis://127.0.0.1:{}", cutting_proxy(server.port(), cuts.clone()).await));
    let first = put(session(1), "first");
    let create = Commit { guards: vec![Guard::Absent(session(1))], puts: vec![first.clone()], ..Commit::default() };
    assert_eq!(store.commit(&home(1), create).await.unwrap(), Outcome::Committed);

    cuts.store(1, Ordering::SeqCst);
    let replace = Commit {
        guards: vec![Guard::Version(session(1), first.version)],
        puts: vec![put(session(1), "second")],
        ..Commit::default()
    };
    assert_eq!(store.commit(&home(1), replace).await.unwrap(), Outcome::Committed);
    assert_eq!(cuts.load(Ordering::SeqCst), 0, "no answer was lost, so this proved nothing");
    let read = store.read(&home(1), &[session(1)]).await.unwrap().remove(0).unwrap();
    assert_eq!(read.value, b"second");

    // What was taken leaves no trace, so nobody is told that it was them who took it, nor that it was not.
    cuts.store(1, Ordering::SeqCst);
    let take = Commit {
        guards: vec![Guard::Version(session(1), read.version)],
        deletes: vec![session(1)],
        ..Commit::default()
    };
    assert!(matches!(store.commit(&home(1), take).await, Err(StoreError::Unavailable(_))));
    assert_eq!(store.read(&home(1), &[session(1)]).await.unwrap(), [None]);
}

#[tokio::test]
async fn foreign_values_are_neither_believed_nor_touched() {
    let server = RedisServer::start();
    let stage = Stage::on(&StoreUrl::Redis(SecretText::new(server.url())), ());
    let p = home(1);
    let key = format!("{{{}}}:{}", p.as_str(), session(1).as_str());
    stage.put_all(&p, [put(session(1), "ours"), put(session(2), "ours too")]).await;
    for write in [format!("SET {key} hello-there-this-is-not-a-record"), format!("SET {key} x")] {
        assert!(server.command(&write).starts_with("+OK"));
        assert!(matches!(stage.store.read(&p, &[session(1)]).await, Err(StoreError::Corrupt(_))));
        assert!(matches!(stage.store.list(&p, Kind::Session, None, 10).await, Err(StoreError::Corrupt(_))));
        for guards in [vec![], vec![Guard::Absent(session(1))], vec![Guard::Version(session(1), [0; 16])]] {
            for (puts, deletes) in [(vec![put(session(1), "new")], vec![]), (vec![], vec![session(1)])] {
                let commit = Commit { guards: guards.clone(), puts, deletes };
                assert!(matches!(stage.store.commit(&p, commit).await, Err(StoreError::Corrupt(_))));
            }
        }
        assert_eq!(stage.scan_all(100).await.len(), 1, "the walk goes on to the others");
        assert!(server.command(&format!("EXISTS {key}")).starts_with(":1"), "the foreign value is left alone");
    }
    server.command(&format!("DEL {key}"));
    server.command(&format!("LPUSH {key} x"));
    let commit = Commit { guards: vec![Guard::Absent(session(1))], ..Commit::default() };
    assert!(matches!(stage.store.commit(&p, commit).await, Err(StoreError::Corrupt(_))));
    assert_eq!(stage.values(&p, &[session(2)]).await, [Some("ours too".into())]);
}

/// AC-76: what stands in the place of an index stops a commit before anything of it is done: whoever hears that it failed
/// may rely on that.
#[tokio::test]
async fn a_foreign_index_leaves_no_commit_half_done() {
    let server = RedisServer::start();
    let stage = Stage::on(&StoreUrl::Redis(SecretText::new(server.url())), ());
    let p = home(1);
    stage.put_all(&p, [put(session(1), "ours")]).await;
    for index in ["names", "ends", "due"] {
        let key = format!("{{{}}}#{index}", p.as_str());
        server.command(&format!("DEL {key}"));
        assert!(server.command(&format!("LPUSH {key} x")).starts_with(":1"));
        for (puts, deletes) in [
            (vec![put(session(1), "other"), put(session(2), "new")], vec![]),
            (vec![put(session(2), "new")], vec![session(1)]),
            (vec![], vec![session(1)]),
        ] {
            let commit = Commit { puts, deletes, ..Commit::default() };
            assert!(stage.store.commit(&p, commit).await.is_err(), "{index}");
            let values = stage.values(&p, &[session(1), session(2)]).await;
            assert_eq!(values, [Some("ours".into()), None], "{index}");
        }
        server.command(&format!("DEL {key}"));
        stage.put_all(&p, [put(session(1), "ours")]).await;
    }
}

/// AC-74: what Redis does not want to do is an error and leaves nothing behind, what it can do goes on, and all of it comes
/// back by itself.
#[tokio::test]
async fn a_server_that_does_not_want_to_write_loses_and_invents_nothing() {
    let server = RedisServer::start();
    let stage = Stage::on(&StoreUrl::Redis(SecretText::new(server.url())), ());
    let p = home(1);
    stage.put_all(&p, [put(session(1), "ours")]).await;
    for (unwilling, willing) in [
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        ("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
    ] {
        assert!(server.command(unwilling).starts_with("+OK"), "{unwilling}");
        for guards in [vec![], vec![Guard::Absent(session(2))]] {
            let commit = Commit { guards, puts: vec![put(session(1), "new"), put(session(2), "new")], deletes: vec![] };
            let result = stage.store.commit(&p, commit).await;
            assert!(matches!(result, Err(StoreError::Unavailable(_))), "{unwilling}: {result:?}");
        }
        let values = stage.values(&p, &[session(1), session(2)]).await;
        assert_eq!(values, [Some("ours".into()), None], "{unwilling}");
        assert!(server.command(willing).starts_with("+OK"), "{willing}");
        server.command("SCRIPT FLUSH");
        stage.put_all(&p, [put(session(1), "ours")]).await;
    }
}

#[tokio::test]
async fn nothing_outlives_the_last_record() {
    let server = RedisServer::start();
    let store = store_at(&server.url());
    let mut short = put(session(1), "short");
    short.expires = Some(SystemClock.now().plus(Duration::from_millis(200)));
    short.due = Some(SystemClock.now());
    let commit = Commit { puts: vec![short], ..Commit::default() };
    assert_eq!(store.commit(&home(1), commit).await.unwrap(), Outcome::Committed);
    assert!(!server.command("DBSIZE").starts_with(":0"));
    let started = Instant::now();
    while !server.command("DBSIZE").starts_with(":0") {
        assert!(started.elapsed() < Duration::from_secs(20), "{}", server.command("KEYS *"));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn an_index_forgets_what_has_ended() {
    let server = RedisServer::start();
    let stage = Stage::on(&StoreUrl::Redis(SecretText::new(server.url())), ());
    let mut short = put(session(1), "short");
    short.expires = Some(stage.now().plus(Duration::from_secs(60)));
    stage.put_all(&home(1), [short, put(RecordKey::head(), "head")]).await;
    let names = format!("ZCARD {{{}}}#names", home(1).as_str());
    assert!(server.command(&names).starts_with(":2"));
    stage.advance(Duration::from_secs(61));
    stage.put_all(&home(1), [put(RecordKey::head(), "head again")]).await;
    assert!(server.command(&names).starts_with(":1"));
    assert!(server.command(&format!("TTL {{{}}}#names", home(1).as_str())).starts_with(":-1"));
}

#[tokio::test]
async fn health_warns_of_what_may_lose_records() {
    let server = RedisServer::start_with(&["--maxmemory-policy", "allkeys-lru", "--appendonly", "no"]);
    let warnings = store_at(&server.url()).health().await.unwrap().warnings;
    assert!(warnings.len() == 2, "{warnings:?}");
    assert!(warnings[0].contains("maxmemory-policy noeviction") && warnings[1].contains("appendfsync always"));
    // Where CONFIG is not allowed, as at many a host, it says what to look after.
    let server = RedisServer::start_with(&["--rename-command", "CONFIG", ""]);
    let warnings = store_at(&server.url()).health().await.unwrap().warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("CONFIG GET"), "{warnings:?}");
}

#[tokio::test]
async fn a_login_is_needed_where_redis_asks_for_one() {
    let server = RedisServer::start();
    let rules = "ACL SETUSER broker on >p@ss ~{*}* +@read +@write +@scripting +@connection +config|get";
    assert!(server.command(rules).starts_with("+OK"));
    assert!(server.command("ACL SETUSER default off").starts_with("+OK"));
    let at = |login: &str| store_at(&format!("redis://{login}127.0.0.1:{}", server.port()));
    let stage = at("broker:p%40ss@");
    let commit = Commit { puts: vec![put(session(1), "x")], ..Commit::default() };
    assert_eq!(stage.commit(&home(1), commit).await.unwrap(), Outcome::Committed);
    assert!(stage.health().await.is_ok());
    for wrong in ["", "broker:wrong@"] {
        let store = at(wrong);
        let error = store.read(&home(1), &[session(1)]).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)) && !format!("{error:?}").contains("p@ss"));
    }
}

#[tokio::test]
async fn a_login_that_is_put_right_works_without_a_new_handle() {
    let server = RedisServer::start();
    let store = store_at(&format!("redis://broker:later@127.0.0.1:{}", server.port()));
    assert!(matches!(store.health().await, Err(StoreError::Unavailable(_))));
    assert!(server.command("ACL SETUSER broker on >later ~* +@all").starts_with("+OK"));
    assert!(store.health().await.is_ok());
}

#[tokio::test]
async fn sentinel_leads_to_the_primary_and_to_the_next_one() {
    let first = RedisServer::start();
    let second = RedisServer::start();
    let sentinel = sentinel_for(first.port());
    let store = store_at(&format!("redis+sentinel://127.0.0.1:{}/main", sentinel.port()));
    let commit = |id| Commit { puts: vec![put(session(id), "x")], ..Commit::default() };
    assert_eq!(store.commit(&home(1), commit(1)).await.unwrap(), Outcome::Committed);
    assert!(first.command("DBSIZE").starts_with(":3"), "record and index are on the primary");

    // A failover, by hand: another server is the primary now, the old one follows it.
    assert!(first.command(&format!("REPLICAOF 127.0.0.1 {}", second.port())).starts_with("+OK"));
    assert!(sentinel.command("SENTINEL REMOVE main").starts_with("+OK"));
    assert!(sentinel.command(&format!("SENTINEL MONITOR main 127.0.0.1 {} 1", second.port())).starts_with("+OK"));
    let started = Instant::now();
    while store.commit(&home(1), commit(2)).await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(10), "the new primary is not found");
    }
    assert!(second.command("DBSIZE").starts_with(":3"));
}

#[tokio::test]
async fn a_sentinel_that_says_nothing_is_passed_over() {
    let (server, silent) = (RedisServer::start(), TcpListener::bind("127.0.0.1:0").unwrap());
    let sentinel = sentinel_for(server.port());
    let store =
        store_at(&format!("redis+sentinel://{},127.0.0.1:{}/main", silent.local_addr().unwrap(), sentinel.port()));
    let started = Instant::now();
    while store.health().await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(10), "the second Sentinel is never asked");
    }
}

#[tokio::test]
async fn a_kind_that_begins_alike_is_another() {
    let server = RedisServer::start();
    let stage = Stage::on(&StoreUrl::Redis(SecretText::new(server.url())), ());
    let p = home(1);
    stage.put_all(&p, [put(session(1), "x")]).await;
    for name in ["s1:x", "sa:x", "s9"] {
        assert!(server.command(&format!("ZADD {{{}}}#names 0 {name}", p.as_str())).starts_with(":1"));
        assert!(server.command(&format!("SET {{{}}}:{name} x", p.as_str())).starts_with("+OK"));
    }
    assert_eq!(entry_keys(&stage.store.list(&p, Kind::Session, None, 10).await.unwrap()), [session(1)]);
}

#[tokio::test]
async fn a_walk_visits_every_primary_of_a_cluster() {
    let stage = crate::stage::cluster_of(&["0 5000", "5001 16383"]);
    for account in 0..60 {
        stage.put_all(&home(account), [put(session(account), "x")]).await;
    }
    for limit in [10, 1000] {
        let seen: BTreeSet<_> = stage.scan_all(limit).await.into_iter().map(|entry| entry.partition).collect();
        assert_eq!(seen, (0..60).map(home).collect(), "in pages of {limit}");
    }
}

fn sentinel_for(port: u16) -> RedisServer {
    RedisServer::start_from(Some(&format!("sentinel monitor main 127.0.0.1 {port} 1\n")), &["--sentinel"])
}
