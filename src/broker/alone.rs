//! Parts of a broker by themselves, for the command line.

use std::sync::Arc;

use super::{World, keyring, pseudonyms, sealer};
use crate::{
    config::Config,
    keyring::Keyring,
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
