//! The desk: takes up what is due, so much at a time, and writes down what became of it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::future::join_all;
use tokio::task::JoinSet;

use super::{Courier, post::Sent};
use crate::{
    outbox::{Held, Item, Letter, Outbox},
    partition::{Hint, Told},
    store::StoreError,
    telemetry::metrics,
    types::{AppId, Random, Timestamp, random},
};

/// How much is on its way at once.
const AT_ONCE: usize = 16;
/// How much of that goes to one app.
const AT_ONCE_TO_ONE: usize = 2;
/// How many intents are expanded at once.
const EXPANDED_AT_ONCE: usize = 4;
/// How often an instance looks for what others left or what has become due.
const LOOK: Duration = Duration::from_secs(2);
/// How often it counts what waits.
const COUNT: Duration = Duration::from_secs(30);
/// The first wait after a failure, and the longest.
pub(super) const WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15 * 60));

/// How long to wait after so many tries in vain: doubled each time, with up to as much again by chance, so that those
/// that failed together do not come back together.
pub(super) fn backoff(first: Duration, longest: Duration, tries: u32, random: &dyn Random) -> Duration {
    let delays = ExponentialBuilder::new().with_min_delay(first).with_max_delay(longest).without_max_times();
    let seed = u64::from_be_bytes(random::bytes(random));
    let mut delays = delays.with_jitter().with_jitter_seed(seed).build();
    // Beyond that each wait is the longest.
    delays.nth(tries.min(32).try_into().unwrap_or_default()).unwrap_or(longest)
}

/// What is on its way.
#[derive(Default)]
struct Desk {
    tasks: JoinSet<(Option<AppId>, Result<(), StoreError>)>,
    busy: BTreeMap<AppId, usize>,
    expanding: usize,
    /// Whether something is due for which there was no hand.
    more: bool,
}

impl Desk {
    fn has_hand_for(&self, app: &AppId) -> bool {
        let all: usize = self.busy.values().sum();
        all < AT_ONCE && self.busy.get(app).is_none_or(|busy| *busy < AT_ONCE_TO_ONE)
    }

    fn done(&mut self, app: Option<AppId>) {
        let Some(app) = app else {
            self.expanding = self.expanding.saturating_sub(1);
            return;
        };
        if let Some(busy) = self.busy.get_mut(&app) {
            *busy = busy.saturating_sub(1);
        }
        self.busy.retain(|_, busy| *busy > 0);
    }

    /// The next that is through, and whether the store was there for it.
    async fn next(&mut self) -> Option<Result<(), StoreError>> {
        let joined = self.tasks.join_next().await?;
        let Ok((app, result)) = joined else {
            // A task that panicked is counted by nobody: begin to count anew when all are through.
            return Some(Ok(()));
        };
        self.done(app);
        Some(result)
    }
}

impl Courier {
    /// Expands and delivers until [`Courier::close`]. A store that is away is told once, and waited for.
    pub async fn watch(self: Arc<Self>) {
        let (mut desk, mut closing) = (Desk::default(), self.closing.subscribe());
        let (mut failing, mut counted) = (false, None::<tokio::time::Instant>);
        while !*closing.borrow_and_update() {
            if counted.is_none_or(|at| at.elapsed() >= COUNT) {
                counted = Some(tokio::time::Instant::now());
                self.count().await;
            }
            let mut result = self.take_up(&mut desk).await;
            if result.is_ok() {
                tokio::select! {
                    () = self.outbox.bell().rung() => {}
                    Some(next) = desk.next() => result = next,
                    _ = closing.changed() => {}
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
            match result {
                Ok(()) if std::mem::take(&mut failing) => tracing::info!("the outbox goes on"),
                Ok(()) => {}
                Err(error) => {
                    if !std::mem::replace(&mut failing, true) {
                        tracing::warn!(%error, "the outbox cannot go on");
                    }
                    tokio::time::sleep(LOOK / 2).await;
                }
            }
        }
        while desk.next().await.is_some() {}
    }

    /// Does everything that is due at this moment, and waits for it. For commands and tests.
    ///
    /// # Errors
    /// The store's own; what was begun is finished all the same.
    pub async fn settle(self: &Arc<Self>) -> Result<(), StoreError> {
        let mut desk = Desk::default();
        loop {
            self.take_up(&mut desk).await?;
            match desk.next().await {
                Some(result) => result?,
                None if desk.more => {}
                None => return Ok(()),
            }
        }
    }

    /// Takes up what is due, as far as there are hands.
    async fn take_up(self: &Arc<Self>, desk: &mut Desk) -> Result<(), StoreError> {
        if desk.tasks.is_empty() {
            (desk.busy, desk.expanding) = (BTreeMap::new(), 0);
        }
        desk.more = false;
        let mut postponed: BTreeMap<Timestamp, Vec<Held<Letter>>> = BTreeMap::new();
        for due in join_all(Outbox::shards().map(|shard| self.outbox.due(shard))).await {
            for item in due? {
                match item {
                    Item::Hint(hint) if desk.expanding < EXPANDED_AT_ONCE => self.start_expanding(desk, hint).await?,
                    Item::Hint(_) => desk.more = true,
                    Item::Letter(letter) => match self.rests(desk, &letter.what) {
                        Some(until) => postponed.entry(until).or_default().push(letter),
                        None if desk.has_hand_for(&letter.what.app) => self.start_delivering(desk, letter).await?,
                        None => desk.more = true,
                    },
                }
            }
        }
        for (until, letters) in postponed {
            self.outbox.postpone(letters, until).await?;
        }
        Ok(())
    }

    /// Until when a letter is not sent, since its app does not answer. Fresh news is tried all the same, one at a time:
    /// so an app that is back is noticed. Nothing is put off beyond its end.
    fn rests(&self, desk: &Desk, letter: &Letter) -> Option<Timestamp> {
        let until = self.resting.until(&letter.app, self.parts.clock.now())?;
        let is_probe = letter.attempts == 0 && !desk.busy.contains_key(&letter.app);
        (!is_probe && letter.has_time_left(until)).then_some(until)
    }

    async fn start_expanding(self: &Arc<Self>, desk: &mut Desk, hint: Held<Hint>) -> Result<(), StoreError> {
        if let Some(hint) = self.outbox.claim_hint(hint).await? {
            let courier = Arc::clone(self);
            desk.expanding += 1;
            desk.tasks.spawn(async move { (None, courier.expand(hint).await) });
        }
        Ok(())
    }

    async fn start_delivering(self: &Arc<Self>, desk: &mut Desk, letter: Held<Letter>) -> Result<(), StoreError> {
        if let Some(letter) = self.outbox.claim(letter).await? {
            let (courier, app) = (Arc::clone(self), letter.what.app.clone());
            *desk.busy.entry(app.clone()).or_default() += 1;
            desk.tasks.spawn(async move { (Some(app), courier.deliver(letter).await) });
        }
        Ok(())
    }

    async fn deliver(&self, mut letter: Held<Letter>) -> Result<(), StoreError> {
        let now = self.parts.clock.now();
        // In a mailbox it is due when nobody fetched it in time.
        let sent = if letter.is_in_mailbox() { Sent::Later(None) } else { self.send(&letter.what).await };
        if matches!(sent, Sent::Taken | Sent::Refused) {
            self.resting.answered(&letter.what.app);
        }
        let told = match sent {
            Sent::Taken => Told::Acknowledged(now),
            Sent::Refused => Told::Refused(now),
            Sent::Nowhere => Told::NoChannel,
            Sent::Later(wait) => {
                let (first, longest) = WAITS;
                let random = self.parts.codec.sealer().random();
                let wait = wait.unwrap_or_default().max(backoff(first, longest, letter.what.attempts, random));
                letter.what.attempts = letter.what.attempts.saturating_add(1);
                letter.what.next = now.plus(wait);
                self.resting.failed(&letter.what.app, letter.what.next, now, random);
                if letter.what.has_time_left(letter.what.next) {
                    metrics::letter(&letter.what.app, "later");
                    return self.outbox.put_back(letter).await;
                }
                Told::NotReachable(now)
            }
        };
        self.outbox.end(&letter, told).await
    }

    async fn count(&self) {
        // A store that is away is told elsewhere.
        let Ok(overview) = self.outbox.overview().await else { return };
        let age = overview.oldest.map(|oldest| self.parts.clock.now().since(oldest));
        metrics::outbox(overview.waiting, age.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::SystemRandom;

    #[test]
    fn waits_grow_up_to_the_longest_and_differ_by_chance() {
        let (first, longest) = WAITS;
        let wait = |tries| backoff(first, longest, tries, &SystemRandom);
        for (tries, least) in [(0, 1), (1, 2), (5, 32), (10, 900), (100, 900), (u32::MAX, 900)] {
            let (wait, least) = (wait(tries), Duration::from_secs(least));
            assert!(wait >= least && wait <= least * 2, "{tries}: {wait:?}");
        }
        assert_ne!(wait(9), wait(9));
    }
}
