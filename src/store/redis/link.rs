//! The way to Redis: one multiplexed connection, made when it is needed and made anew when it broke.
//!
//! The client's own `ConnectionManager` does much of this, but it never asks Sentinel who is primary now, stays
//! with the error of a login that was refused once, and keeps a connection whose peer fell silent. So the
//! connection is held here, for a single server, Sentinel and cluster alike. Whoever needs one while it is being
//! made waits for the same attempt, so an outage is not met by a flood of them.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::{ArcSwapOption, Guard};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, RedisResult, ScriptInvocation,
    ServerErrorKind, Value,
    aio::{ConnectionLike, MultiplexedConnection},
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
    cluster_routing::{Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr},
    sentinel::SentinelClient,
};
use tokio::{sync::Mutex, time::timeout};

/// How long who asks waits for a connection to be made, and each try of one may take.
pub(super) const CONNECT: Duration = Duration::from_millis(700);

/// How long an answer may take. Together with [`CONNECT`] under two seconds: then whoever waits gets an error.
pub(super) const RESPONSE: Duration = Duration::from_millis(1200);

/// How long a question may take that is asked twice.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// How long an attempt may go on when nobody waits for it any more: one Sentinel after the other is tried, and
/// the first may be on a machine that is gone.
const ATTEMPT: Duration = Duration::from_secs(10);

/// How many requests may be on their way in one connection.
const IN_FLIGHT: usize = 512;

/// A slot of a cluster, 0 to 16383.
pub(super) type Slot = u16;

/// Where connections come from.
pub(super) enum Source {
    Single(Box<Client>),
    Sentinel(Box<Mutex<SentinelClient>>),
    Cluster(Box<ClusterClient>),
}

impl Source {
    async fn connect(&self) -> RedisResult<Lane> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(RESPONSE))
            .set_pipeline_buffer_size(IN_FLIGHT);
        match self {
            Self::Single(client) => {
                client.get_multiplexed_async_connection_with_config(&config).await.map(Lane::Direct)
            }
            Self::Sentinel(sentinel) => {
                let mut sentinel = sentinel.lock().await;
                sentinel.get_async_connection_with_config(&config).await.map(Lane::Direct)
            }
            Self::Cluster(client) => client.get_async_connection().await.map(Lane::Cluster),
        }
    }
}

/// A connection: to one server, or to all of a cluster.
#[derive(Clone)]
pub(super) enum Lane {
    Direct(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl ConnectionLike for Lane {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Direct(lane) => lane.req_packed_command(cmd),
            Self::Cluster(lane) => lane.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Direct(lane) => lane.req_packed_commands(pipeline, offset, count),
            Self::Cluster(lane) => lane.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Direct(lane) => lane.get_db(),
            Self::Cluster(lane) => lane.get_db(),
        }
    }
}

/// Something to be answered in one round trip.
pub(super) enum Question<'a> {
    Command(&'a Cmd),
    Script(&'a ScriptInvocation<'a>),
    Pipeline(&'a Pipeline),
}

type Attempt = Shared<BoxFuture<'static, RedisResult<Lane>>>;

pub(super) struct Link {
    source: Arc<Source>,
    attempt: ArcSwapOption<Attempt>,
}

impl Link {
    /// Connects when it is first asked something.
    pub(super) fn new(source: Arc<Source>) -> Self {
        Self { source, attempt: ArcSwapOption::empty() }
    }

    /// Another one to the same place.
    pub(super) fn another(&self) -> Self {
        Self::new(Arc::clone(&self.source))
    }

    pub(super) fn is_cluster(&self) -> bool {
        matches!(*self.source, Source::Cluster(_))
    }

    /// Asks once.
    pub(super) async fn ask(&self, question: &Question<'_>) -> RedisResult<Value> {
        self.on(question, None).await
    }

    /// Asks, and once more over a new connection if the old one turns out to be broken: for questions that may be
    /// answered twice.
    pub(super) async fn ask_again(&self, question: &Question<'_>) -> RedisResult<Value> {
        self.again(question, None).await
    }

    /// The same, in a cluster of the primary that serves a slot: for commands that name no key.
    pub(super) async fn ask_primary_again(&self, question: &Question<'_>, slot: Slot) -> RedisResult<Value> {
        self.again(question, Some(slot)).await
    }

    async fn again(&self, question: &Question<'_>, slot: Option<Slot>) -> RedisResult<Value> {
        let started = Instant::now();
        match self.on(question, slot).await {
            Err(error) if error.is_connection_dropped() => {
                let left = PATIENCE.saturating_sub(started.elapsed());
                timeout(left, self.on(question, slot)).await.unwrap_or(Err(error))
            }
            answer => answer,
        }
    }

    async fn on(&self, question: &Question<'_>, slot: Option<Slot>) -> RedisResult<Value> {
        let attempt = self.current();
        let mut lane = match attempt.peek() {
            Some(lane) => lane.clone()?,
            None => timeout(CONNECT, (*attempt).clone()).await.unwrap_or_else(|_| Err(timed_out()))?,
        };
        let answer = send(&mut lane, question, slot).await;
        if let Err(error) = &answer
            && self.is_spoilt(error)
        {
            self.let_go(attempt);
        }
        answer
    }

    /// The connection, or the attempt to make one; a new attempt where there is none, or it has failed.
    fn current(&self) -> Arc<Attempt> {
        let old = self.attempt.load_full();
        match &old {
            Some(attempt) if !matches!(attempt.peek(), Some(Err(_))) => Arc::clone(attempt),
            _ => self.begin(old),
        }
    }

    fn begin(&self, old: Option<Arc<Attempt>>) -> Arc<Attempt> {
        let new = Arc::new(attempt(&self.source));
        let found = Guard::into_inner(self.attempt.compare_and_swap(&old, Some(Arc::clone(&new))));
        match found {
            // Somebody else was faster.
            Some(found) if old.is_none_or(|old| !Arc::ptr_eq(&old, &found)) => found,
            _ => {
                // It goes on, and comes to its end, though nobody may wait for it.
                tokio::spawn((*new).clone());
                new
            }
        }
    }

    fn let_go(&self, spoilt: Arc<Attempt>) {
        self.attempt.compare_and_swap(&Some(spoilt), None);
    }

    /// Whether a connection is of no more use after this error. One to a cluster mends itself, unless it has
    /// lost sight of every node.
    fn is_spoilt(&self, error: &RedisError) -> bool {
        match error.kind() {
            ErrorKind::ClusterConnectionNotFound => true,
            _ if self.is_cluster() => false,
            // Read-only: the primary has become a replica.
            kind => matches!(
                kind,
                ErrorKind::Io
                    | ErrorKind::Parse
                    | ErrorKind::AuthenticationFailed
                    | ErrorKind::Server(ServerErrorKind::ReadOnly)
            ),
        }
    }
}

fn attempt(source: &Arc<Source>) -> Attempt {
    let source = Arc::clone(source);
    async move { timeout(ATTEMPT, source.connect()).await.unwrap_or_else(|_| Err(timed_out())) }.boxed().shared()
}

fn timed_out() -> RedisError {
    io::Error::from(io::ErrorKind::TimedOut).into()
}

async fn send(lane: &mut Lane, question: &Question<'_>, slot: Option<Slot>) -> RedisResult<Value> {
    match (lane, question, slot) {
        (Lane::Cluster(cluster), Question::Command(cmd), Some(slot)) => {
            cluster.route_command((*cmd).clone(), RoutingInfo::SingleNode(primary_of(slot))).await
        }
        (Lane::Cluster(cluster), Question::Pipeline(pipeline), Some(slot)) => {
            let count = pipeline.len();
            cluster.route_pipeline((*pipeline).clone(), 0, count, primary_of(slot)).await.map(Value::Array)
        }
        (lane, Question::Command(cmd), _) => cmd.query_async(lane).await,
        (lane, Question::Script(script), _) => script.invoke_async(lane).await,
        (lane, Question::Pipeline(pipeline), _) => pipeline.query_async(lane).await,
    }
}

fn primary_of(slot: Slot) -> SingleNodeRoutingInfo {
    SingleNodeRoutingInfo::SpecificNode(Route::new(slot, SlotAddr::Master))
}
