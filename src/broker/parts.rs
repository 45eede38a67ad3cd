//! Parts of a broker, each from the configuration.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{BuildError, World};
use crate::{
    accounts::Accounts,
    apps::{Apps, Documents},
    config::{self, Config, ProviderConfig},
    courier::{self, Courier},
    grant,
    keyring::{Keyring, Policy},
    outbox::Bell,
    partition::{Chronicle, Codec},
    seal::{Pseudonyms, Sealer},
    store::Store,
    sweeper::Sweeper,
    upstream::{self, Provider},
    web::{Directory, links},
};

pub(super) const fn grant_lifetimes(lives: &config::Lifetimes) -> grant::Lifetimes {
    grant::Lifetimes {
        code: lives.code,
        access_token: lives.access_token,
        id_token: lives.id_token,
        refresh: grant::RefreshLifetimes {
            idle: lives.refresh_idle,
            absolute: lives.refresh,
            grace: lives.refresh_grace,
        },
        consent: lives.consent,
    }
}

pub(super) fn documents(registration: &config::Registration, world: &World) -> Option<Arc<Documents>> {
    let audiences = registration.audiences.clone();
    let documents = || Arc::new(Documents::new(&world.egress, audiences, Arc::clone(&world.clock)));
    registration.client_id_documents.then(documents)
}

pub(super) fn sealer(config: &Config, world: &World) -> Arc<Sealer> {
    let secrets = &config.secrets;
    Arc::new(Sealer::new(secrets.master.clone(), secrets.accept.clone(), Arc::clone(&world.random)))
}

pub(super) fn pseudonyms(config: &Config) -> Arc<Pseudonyms> {
    let secrets = &config.secrets;
    let pepper = secrets.pepper.clone().unwrap_or_else(|| Pseudonyms::pepper_from(&secrets.master));
    Arc::new(Pseudonyms::new(&pepper))
}

pub(super) fn keyring(config: &Config, world: &World, store: &Store, sealer: &Arc<Sealer>) -> Keyring {
    let policy = Policy::new(&config.keys, &config.lifetimes);
    let (sealer, clock) = (Arc::clone(sealer), Arc::clone(&world.clock));
    Keyring::new(store.for_worker(), sealer, clock, policy, world.audit.clone())
}

pub(super) fn sweeper(config: &Config, world: &World, store: &Store, codec: Codec) -> Sweeper {
    let (store, clock, lives) = (store.for_worker(), &world.clock, &config.lifetimes);
    let chronicle = Chronicle::new(codec.clone(), Arc::clone(clock), lives.history);
    let accounts = Accounts::new(Arc::clone(&store), codec.clone(), Arc::clone(clock), chronicle);
    Sweeper::new(store, accounts, codec, Arc::clone(clock), lives.clone())
}

/// What a courier shares with the rest of the broker.
pub(super) type Shared = (Arc<ArcSwap<Directory>>, Arc<Keyring>, Bell);

pub(super) fn courier(config: &Config, world: &World, store: &Store, codec: Codec, shared: Shared) -> Courier {
    let (directory, keyring, bell) = shared;
    let (store, clock) = (store.for_worker(), Arc::clone(&world.clock));
    let chronicle = Chronicle::new(codec.clone(), Arc::clone(&clock), config.lifetimes.history);
    let accounts = Accounts::new(Arc::clone(&store), codec.clone(), Arc::clone(&clock), chronicle);
    Courier::new(courier::Parts {
        store,
        codec,
        accounts,
        directory,
        keyring,
        egress: world.egress.clone(),
        issuer: config.issuer.clone(),
        bell,
        audit: world.audit.clone(),
        clock,
    })
}

/// Who is registered, from a configuration.
pub(super) fn directory(config: &Config, world: &World) -> Result<Directory, BuildError> {
    let providers: Result<Vec<Arc<dyn Provider>>, BuildError> = config
        .providers
        .iter()
        .filter(|provider| provider.enabled)
        .map(|provider| {
            let callback = config.issuer.url_at(&links::callback(&provider.id));
            let (clock, random) = (Arc::clone(&world.clock), Arc::clone(&world.random));
            Ok(upstream::build(provider, &callback, &world.egress, clock, random)?)
        })
        .collect();
    let targets = config.providers.iter().filter_map(loopback_origin).collect();
    Ok(Directory::new(Apps::new(config.apps.clone()), providers?, targets, config.gate))
}

/// The plain-http origin of a provider on loopback: a form that begins a sign-in leads there.
fn loopback_origin(provider: &ProviderConfig) -> Option<String> {
    let url = provider.kind.base().filter(|_| provider.allow_loopback)?;
    (url.scheme() == "http").then(|| url.origin().ascii_serialization())
}
