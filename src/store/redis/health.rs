//! Whether Redis answers, and whether it is set up to keep what it acknowledged.

use redis::{RedisError, RedisResult, Value};

use super::{
    answer,
    link::{Link, Question},
};
use crate::store::Health;

const EVICTION: &str = "Redis may evict records when its memory is full, and with them sessions and refused \
    tokens: run `CONFIG SET maxmemory-policy noeviction` and put it into redis.conf";

const NO_LOG: &str = "Redis keeps no append-only file, so a restart forgets writes that it acknowledged: set \
    `appendonly yes` and `appendfsync always`";

const LATE_LOG: &str = "Redis writes its append-only file after it has answered, so a crash may forget writes that \
    it acknowledged: set `appendfsync always`";

const HIDDEN: &str = "Redis does not tell how it is set up (CONFIG GET): see to it that `maxmemory-policy` is \
    `noeviction`, `appendonly` is `yes` and `appendfsync` is `always`";

/// What [`judge`] judges by, in its order.
const SETTINGS: [&str; 3] = ["maxmemory-policy", "appendonly", "appendfsync"];

pub(super) async fn check(link: &Link) -> Result<Health, RedisError> {
    let mut questions = redis::pipe();
    questions.ignore_errors().cmd("PING");
    for name in SETTINGS {
        questions.cmd("CONFIG").arg("GET").arg(name);
    }
    let answers: Vec<RedisResult<Value>> = answer(link.ask_again(&Question::Pipeline(&questions)).await?)?;
    let mut answers = answers.into_iter();
    if let Some(pong) = answers.next() {
        answer::<String>(pong?)?;
    }
    let settings: Vec<_> = answers.map(setting).collect();
    let warnings = match settings.iter().map(Option::as_deref).collect::<Vec<_>>().as_slice() {
        [Some(policy), Some(log), Some(sync)] => judge(policy, log, sync),
        _ => vec![HIDDEN],
    };
    Ok(Health { warnings: warnings.into_iter().map(str::to_owned).collect() })
}

/// Name and value; nothing where the server does not tell, as many a hosted Redis.
fn setting(told: RedisResult<Value>) -> Option<String> {
    answer::<Vec<String>>(told.ok()?).ok()?.into_iter().nth(1)
}

fn judge(policy: &str, log: &str, sync: &str) -> Vec<&'static str> {
    let mut warnings = Vec::new();
    if policy != "noeviction" {
        warnings.push(EVICTION);
    }
    match (log, sync) {
        ("yes", "always") => {}
        ("yes", _) => warnings.push(LATE_LOG),
        _ => warnings.push(NO_LOG),
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_keeps_every_write_is_fine() {
        assert!(judge("noeviction", "yes", "always").is_empty());
        assert_eq!(judge("allkeys-lru", "yes", "always"), [EVICTION]);
        assert_eq!(judge("noeviction", "yes", "everysec"), [LATE_LOG]);
        assert_eq!(judge("volatile-ttl", "no", "always"), [EVICTION, NO_LOG]);
    }
}
