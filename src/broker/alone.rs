//! Parts of a broker by themselves, for the command line.

use std::sync::Arc;

use super::{
    World,
    parts::{keyring, pseudonyms, sealer},
};
use crate::{
    config::Config,
    keyring::Keyring,
    outbox::{Bell, Outbox},
    partition::Codec,
    registry::Registry,
    store::{OpenStoreError, Store},
};

/// The keyring of a configuration by itself, for the command line.
///
/// # Errors
/// [`OpenStoreError`].
pub fn keyring_alone(config: &Config, world: &World) -> Result<Keyring, OpenStoreError> {
    let store = Store::open(&config.store, Arc::clone(&world.clock))?;
    Ok(keyring(config, world, &store, &sealer(config, world)))
}

/// The registered apps of a configuration by themselves, for the command line.
///
/// # Errors
/// [`OpenStoreError`].
pub fn registry_alone(config: &Config, world: &World) -> Result<Registry, OpenStoreError> {
    let store = Store::open(&config.store, Arc::clone(&world.clock))?;
    let codec = Codec::new(sealer(config, world), pseudonyms(config));
    Ok(Registry::new(store.for_worker(), codec))
}

/// The outbox of a configuration by itself, for the command line.
///
/// # Errors
/// [`OpenStoreError`].
pub fn outbox_alone(config: &Config, world: &World) -> Result<Outbox, OpenStoreError> {
    let store = Store::open(&config.store, Arc::clone(&world.clock))?;
    let codec = Codec::new(sealer(config, world), pseudonyms(config));
    Ok(Outbox::new(store.for_worker(), codec, Arc::clone(&world.clock), Bell::default(), world.audit.clone()))
}
