//! Whether Redis answers, and whether it is set up to keep what it acknowledged.

use redis::{RedisError, Value};

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

pub(super) async fn check(link: &Link) -> Result<Health, RedisError> {
    link.ask_again(&Question::Command(&redis::cmd("PING"))).await?;
    let mut settings = Vec::new();
    for name in ["maxmemory-policy", "appendonly", "appendfsync"] {
        settings.push(setting(link, name).await?);
    }
    let warnings = match settings.iter().map(Option::as_deref).collect::<Vec<_>>().as_slice() {
        [Some(policy), Some(log), Some(sync)] => judge(policy, log, sync),
        _ => vec![HIDDEN],
    };
    Ok(Health { warnings: warnings.into_iter().map(str::to_owned).collect() })
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

/// A setting; `None` where the server does not tell: many a hosted Redis has no `CONFIG`.
async fn setting(link: &Link, name: &str) -> Result<Option<String>, RedisError> {
    let mut command = redis::cmd("CONFIG");
    command.arg("GET").arg(name);
    match link.ask_again(&Question::Command(&command)).await {
        Ok(Value::Okay | Value::Nil) => Ok(None),
        Ok(value) => Ok(answer::<Vec<String>>(value)?.into_iter().nth(1)),
        Err(error) if error.is_io_error() => Err(error),
        Err(_) => Ok(None),
    }
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
