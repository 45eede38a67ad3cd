//! Names in Redis. The partition, in braces, is the hash tag that keeps its records on one slot of a cluster.

use crate::store::{Partition, RecordKey};

/// What stands before a record's name in its key.
pub(super) fn before(partition: &Partition) -> String {
    format!("{{{}}}:", partition.as_str())
}

pub(super) fn record(partition: &Partition, key: &RecordKey) -> String {
    ["{", partition.as_str(), "}:", key.as_str()].concat()
}

/// Names, ends and due times of a partition's records. A record's key has a colon where these have a `#`.
pub(super) fn index(partition: &Partition) -> [String; 3] {
    ["names", "ends", "due"].map(|part| format!("{{{}}}#{part}", partition.as_str()))
}

/// What [`record`] was made of; nothing for a key of another program in the same Redis.
pub(super) fn parse(key: &[u8]) -> Option<(Partition, RecordKey)> {
    let (partition, name) = std::str::from_utf8(key).ok()?.strip_prefix('{')?.split_once("}:")?;
    let key = RecordKey::from_store(name.to_owned());
    key.kind().map(|_| (Partition::from_store(partition.to_owned()), key))
}

/// What `SCAN` looks for.
pub(super) const ALL: &str = "{*}:*";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_what_it_was_made_of() {
        let (partition, key) = (Partition::spent(&[7; 32]), RecordKey::spent());
        assert_eq!(parse(record(&partition, &key).as_bytes()), Some((partition.clone(), key)));
        for foreign in ["{user}:7", "head", "{k}#names", "{k}ring"] {
            assert_eq!(parse(foreign.as_bytes()), None, "{foreign}");
        }
        assert!(index(&partition).iter().all(|key| parse(key.as_bytes()).is_none()));
        assert_eq!(parse(b"\xff{k}:ring"), None);
    }
}
