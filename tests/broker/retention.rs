//! What is kept keeps to what is written down about it (`Kind::about`), and the sweeper sees to it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use vestibule::{
    broker::{Broker, World},
    partition::{Deed, Origin, StatusCode},
    session::Session,
    store::{self, Cursor, Entry, Kind, about::Keep},
    sweeper::Look,
    types::{Clock, SetClock, SystemClock, SystemRandom, Timestamp},
};

use crate::{
    on_both_stores,
    stage::{App, Browser, OnStore, Stage},
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A broker on the stage's store, in a time of its own, on the stage's configuration with `more` added to it.
fn beside(stage: &Stage, clock: &Arc<SetClock>, more: &str) -> Broker {
    let config = stage.parsed_with(more);
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    Broker::new(config, World { clock, ..World::system() }).unwrap()
}

fn clock_in(span: Duration) -> Arc<SetClock> {
    Arc::new(SetClock::at(SystemClock.now().plus(span)))
}

/// Everything that is in the store at the hour of `clock`.
async fn records_at(stage: &Stage, clock: &Arc<SetClock>) -> Vec<Entry> {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    let (backend, mut from, mut all) = (store::open(&stage.parsed().store, clock).unwrap(), Cursor::default(), vec![]);
    loop {
        let (page, next) = backend.scan(&from, 500).await.unwrap();
        all.extend(page);
        let Some(next) = next else { return all };
        from = next;
    }
}

/// A day in the life: people sign in, apps redeem codes, one of them twice, a line of history is written.
async fn lived_in(stage: &Stage) -> Browser {
    let (browser, app) = (Browser::new(), App::of(stage));
    let address = browser.sign_in(stage, &[], "google").await;
    app.tokens(&address).await;
    let other = Browser::new();
    let second = other.sign_in(stage, &[], "facebook").await;
    app.tokens(&second).await;
    Browser::new().sign_in(stage, &[("client_id", "wiki"), ("redirect_uri", "https://wiki.test/cb")], "google").await;
    let house = stage.broker().house();
    house.accounts.note(&session(stage, &browser).await.who, Deed::Exported).await.unwrap();
    browser
}

async fn session(stage: &Stage, browser: &Browser) -> Session {
    let cookie = browser.cookie(&stage.issuer, "vst_session").unwrap();
    stage.broker().house().sessions.find(&cookie).await.unwrap().unwrap()
}

fn kinds(records: &[Entry]) -> BTreeSet<Kind> {
    records.iter().map(|entry| entry.key.kind().unwrap()).collect()
}

/// Without the mark that the sweeper itself writes, and the keyring, which changes by itself soon after the start.
fn sorted(mut records: Vec<Entry>) -> Vec<(String, String, [u8; 16], Option<Timestamp>)> {
    records.retain(|entry| !matches!(entry.key.kind(), Some(Kind::Mark | Kind::Keyring)));
    let mut all: Vec<_> = records
        .into_iter()
        .map(|entry| {
            let (partition, key) = (entry.partition.as_str().to_owned(), entry.key.as_str().to_owned());
            (partition, key, entry.stored.version, entry.stored.expires)
        })
        .collect();
    all.sort();
    all.dedup();
    all
}

on_both_stores! {
    /// A record of a kind that nobody wrote anything down about, or one that lives longer than was written down, is a
    /// promise broken.
    async fn every_record_keeps_to_what_is_written_down(stage: Stage) {
        lived_in(&stage).await;
        let (records, lifetimes) = (stage.records().await, stage.parsed().lifetimes);
        let seen = kinds(&records);
        for kind in [Kind::Head, Kind::Session, Kind::Grant, Kind::Consent, Kind::History, Kind::Spent, Kind::Keyring] {
            assert!(seen.contains(&kind), "a day without {kind:?} shows nothing");
        }
        let now = SystemClock.now();
        for Entry { key, stored, .. } in records {
            let kind = key.kind().unwrap_or_else(|| panic!("{key:?} is of no kind"));
            let keep = kind.about().keep;
            match (keep.longest(&lifetimes), keep) {
                (Some(longest), _) => {
                    let end = stored.expires.unwrap_or_else(|| panic!("{key:?} never ends, though it should"));
                    assert!(end <= now.plus(longest), "{key:?} ends at {end}, more than {longest:?} from {now}");
                }
                (None, Keep::UntilDone(Some(most))) => {
                    assert!(stored.expires.is_none_or(|end| end <= now.plus(most.of(&lifetimes))), "{key:?}");
                }
                (None, _) => {}
            }
        }
        stage.stop().await;
    }

    async fn the_sweeper_touches_nothing_that_lives(stage: Stage) {
        let browser = lived_in(&stage).await;
        // More than one page of the walk.
        let (house, who) = (stage.broker().house(), session(&stage, &browser).await.who);
        for _ in 0..150 {
            house.accounts.note(&who, Deed::Exported).await.unwrap();
        }
        let before = sorted(stage.records().await);
        let Look::Swept(run) = beside(&stage, &clock_in(Duration::ZERO), "").sweeper().look().await.unwrap() else {
            panic!("the first look sweeps");
        };
        assert_eq!((run.shortened, run.removed), (0, 0));
        assert!(run.looked_at >= before.len().try_into().unwrap());
        assert_eq!(sorted(stage.records().await), before);
        stage.stop().await;
    }

    /// What remains after all periods is the account and what lives as long as it, and no name of anything else.
    async fn when_its_time_is_over_nothing_remains(stage: Stage) {
        lived_in(&stage).await;
        let is_history = |entry: &&Entry| entry.key.kind() == Some(Kind::History);
        let history = stage.records().await.iter().find(is_history).unwrap().key.as_str().to_owned();
        let later = clock_in(400 * DAY);
        let aged = beside(&stage, &later, "");
        let swept = aged.sweeper().look().await.unwrap();
        assert!(matches!(swept, Look::Swept(_)), "{swept:?}");
        let lifetimes = stage.parsed().lifetimes;
        let remains = records_at(&stage, &later).await;
        assert!(kinds(&remains).contains(&Kind::Head));
        for kind in kinds(&remains) {
            assert_eq!(kind.about().keep.longest(&lifetimes), None, "{kind:?}");
        }
        match stage.store.kind() {
            OnStore::Sqlite => {
                let is_in = |bytes: &[u8]| bytes.windows(history.len()).any(|window| window == history.as_bytes());
                crate::stage::eventually("its name is gone from the file", async || {
                    !stage.store.files().iter().any(|(_, bytes)| is_in(bytes))
                })
                .await;
            }
            OnStore::Redis => {
                for (name, _) in stage.store.dump().iter().filter(|(name, _)| name.ends_with("}#names")) {
                    let names = stage.store.ask(&["ZRANGE", name, "0", "-1"]);
                    assert!(!names.iter().any(|name| name.starts_with("h:") || name.starts_with("s:")), "{names:?}");
                }
            }
        }
        stage.stop().await;
    }

    /// An operator who shortens a period need not wait for what was written before.
    async fn a_shorter_period_holds_for_what_is_there_already(stage: Stage) {
        let browser = lived_in(&stage).await;
        let shorter = "\n[lifetimes]\nsession_idle = \"1h\"\nsession = \"2h\"\nconsent = \"1d\"\nhistory = \"1d\"\n";
        let clock = clock_in(Duration::ZERO);
        let now = clock.now();
        let Look::Swept(run) = beside(&stage, &clock, shorter).sweeper().look().await.unwrap() else {
            panic!("the first look sweeps");
        };
        assert!(run.shortened >= 3 && run.removed == 0, "{run:?}");
        for Entry { key, stored, .. } in stage.records().await {
            let most = match key.kind() {
                Some(Kind::Session) => Duration::from_secs(3600 + 60),
                Some(Kind::Consent | Kind::History) => DAY + Duration::from_secs(60),
                _ => continue,
            };
            assert!(stored.expires.unwrap() <= now.plus(most), "{key:?}");
        }
        let page = browser.get(&stage.authorize(&[("prompt", "none")])).await;
        assert!(page.header("location").contains("code="), "who is signed in stays so: {}", page.header("location"));
        stage.stop().await;
    }

    /// What is over already under the shorter period goes at once.
    async fn history_over_its_age_is_removed(stage: Stage) {
        lived_in(&stage).await;
        let clock = clock_in(2 * DAY);
        let broker = beside(&stage, &clock, "\n[lifetimes]\nhistory = \"1d\"\n");
        let Look::Swept(run) = broker.sweeper().look().await.unwrap() else { panic!("the first look sweeps") };
        assert!(run.removed >= 1, "{run:?}");
        assert!(!kinds(&stage.records().await).contains(&Kind::History));
        stage.stop().await;
    }

    /// A deletion is one write, and may break off right after it: what the life left behind goes with the next walk, and
    /// the other account's stays.
    async fn a_deletion_that_broke_off_is_finished(stage: Stage) {
        const OF_A_LIFE: [Kind; 6] = [Kind::Session, Kind::Grant, Kind::Consent, Kind::Served, Kind::History, Kind::Receipt];
        let browser = lived_in(&stage).await;
        let gone = session(&stage, &browser).await.who;
        // Whoever tells the apps sweeps, too, when it has; here it never comes to that.
        let mut stage = stage;
        stage.close().await;
        let code = StatusCode::generate(&SystemRandom);
        let stopped = beside(&stage, &clock_in(Duration::ZERO), "");
        stopped.house().accounts.delete(&gone, Origin::Person, &code).await.unwrap();
        let hangs_on_a_life = |entry: &&Entry| OF_A_LIFE.contains(&entry.key.kind().unwrap());
        let of_it = |records: &[Entry]| records.iter().filter(hangs_on_a_life).filter(|entry| entry.partition == gone.partition()).count();
        let of_others = |records: &[Entry]| records.iter().filter(hangs_on_a_life).filter(|entry| entry.partition != gone.partition()).count();
        let before = stage.records().await;
        assert!(of_it(&before) > 3 && of_others(&before) > 1);
        let swept = beside(&stage, &clock_in(Duration::ZERO), "").sweeper().look().await.unwrap();
        let Look::Swept(run) = swept else { panic!("the first look sweeps") };
        assert_eq!(run.removed, u64::try_from(of_it(&before)).unwrap());
        let after = stage.records().await;
        assert_eq!((of_it(&after), of_others(&after)), (0, of_others(&before)));
        stage.stop().await;
    }

    async fn one_instance_walks_at_a_time(stage: Stage) {
        let clock = clock_in(Duration::ZERO);
        let (one, other) = (beside(&stage, &clock, ""), beside(&stage, &clock, ""));
        for round in 0..3 {
            let (first, second) = tokio::join!(one.sweeper().look(), other.sweeper().look());
            let swept = [first.unwrap(), second.unwrap()].into_iter().filter(|look| matches!(look, Look::Swept(_)));
            assert_eq!(swept.count(), 1, "round {round}");
            assert_eq!((one.sweeper().look().await.unwrap(), other.sweeper().look().await.unwrap()), (Look::Rests, Look::Rests));
            assert_eq!(one.sweeper().last_run(), other.sweeper().last_run());
            clock.forward(Duration::from_secs(6 * 3600));
        }
        // AC-79: a walk of a clock that was ahead, and is set right, stands in the way of none.
        assert!(matches!(one.sweeper().look().await.unwrap(), Look::Swept(_)));
        clock.back(2 * DAY);
        assert!(matches!(other.sweeper().look().await.unwrap(), Look::Swept(_)));
        stage.stop().await;
    }

    /// An instance that stops in the middle of a walk keeps the others from it for a few minutes only.
    async fn a_walk_that_broke_off_is_begun_anew(stage: Stage) {
        let house = stage.broker().house();
        for n in 0..150_u32 {
            assert!(house.spent.spend("test", &[&n.to_be_bytes()], DAY).await.unwrap());
        }
        let clock = clock_in(Duration::ZERO);
        let (one, other) = (beside(&stage, &clock, ""), beside(&stage, &clock, ""));
        let holds_lease = async {
            crate::stage::eventually("the walk has begun", async || kinds(&stage.records().await).contains(&Kind::Mark)).await;
        };
        let mut broke_off = false;
        tokio::select! {
            biased;
            () = holds_lease => broke_off = true,
            _ = one.sweeper().look() => {}
        }
        if broke_off {
            assert_eq!(other.sweeper().look().await.unwrap(), Look::Elsewhere);
            clock.forward(Duration::from_secs(5 * 60));
        } else {
            clock.forward(Duration::from_secs(6 * 3600));
        }
        assert!(matches!(other.sweeper().look().await.unwrap(), Look::Swept(_)));
        stage.stop().await;
    }

    /// The last run is shown where an operator looks.
    async fn the_last_run_is_shown(stage: Stage) {
        let shown = async || Browser::new().get(&format!("{}/readyz", stage.management)).await.json();
        assert_eq!(shown().await["swept"], serde_json::Value::Null);
        let Look::Swept(run) = stage.broker().sweeper().look().await.unwrap() else { panic!("the first look sweeps") };
        let ready = shown().await;
        assert_eq!(ready["swept"]["ended"], run.ended.rfc3339());
        assert_eq!(ready["swept"]["looked_at"], run.looked_at);
        assert_eq!(ready["warnings"].as_array().map(|all| all.iter().filter(|w| w.to_string().contains("sweep")).count()), Some(0));
        stage.stop().await;
    }
}

/// A store that is away ends a walk and nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sweeper_survives_a_store_that_is_away() {
    let mut stage = Stage::start(OnStore::Redis).await;
    let broker = beside(&stage, &clock_in(Duration::ZERO), "");
    stage.store.redis().stop();
    assert!(broker.sweeper().look().await.is_err());
    assert_eq!(broker.sweeper().last_run(), None);
    stage.store.redis().restart();
    crate::stage::eventually("it sweeps again", async || matches!(broker.sweeper().look().await, Ok(Look::Swept(_))))
        .await;
    stage.stop().await;
}

/// Whoever looks at `/readyz` is warned when walks have stopped.
#[tokio::test]
async fn walks_that_stopped_are_warned_of() {
    let stage = Stage::start(OnStore::Sqlite).await;
    let clock = clock_in(Duration::ZERO);
    let broker = beside(&stage, &clock, "");
    assert!(matches!(broker.sweeper().look().await.unwrap(), Look::Swept(_)));
    clock.forward(DAY);
    assert_eq!(broker.sweeper().warning(), None);
    clock.forward(DAY);
    assert!(broker.sweeper().warning().unwrap().starts_with("the last sweep ended at "));
    stage.stop().await;
}
