//! The composition root: a configuration becomes services, services become routes. The one place of wiring; `serve`,
//! the demo and the tests all start the same thing here.

mod alone;
mod parts;
mod server;

use std::sync::{Arc, atomic::AtomicBool};

use actix_web::{
    middleware::from_fn,
    web::{self, ServiceConfig},
};
use arc_swap::ArcSwap;

pub use alone::{keyring_alone, outbox_alone, registry_alone};
use parts::{courier, directory, documents, grant_lifetimes, keyring, pseudonyms, sealer, sweeper};
pub use server::{ListenError, Running, Sockets, start};

use crate::{
    account,
    accounts::Accounts,
    apps::{Documents, KeySets},
    audit::Audit,
    config::Config,
    consent::Consents,
    courier::Courier,
    devices::Devices,
    egress::Egress,
    events, gate,
    grant::Grants,
    heard::Heard,
    keyring::Keyring,
    limits::Limits,
    login, management,
    oidc::{self, Document},
    outbox::{Bell, Outbox, Ringing},
    partition::{Chronicle, Codec},
    privacy,
    pushed::Pushed,
    registry::Registry,
    seal::{Pseudonyms, Sealer},
    session::{self, Sessions},
    spent::Spent,
    store::{OpenStoreError, Store},
    sweeper::Sweeper,
    telemetry::Metrics,
    types::{Clock, Random, SystemClock, SystemRandom},
    upstream,
    web::{
        Directory, House, Pages, Witness, assets,
        cookies::Cookies,
        errors, front,
        logos::{self, Logos},
        pages::BadBranding,
        params, registered, slow, trace,
    },
};

/// Why a broker cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The store's address.
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    /// A provider.
    #[error(transparent)]
    Provider(#[from] upstream::BuildError),
    /// How it looks.
    #[error(transparent)]
    Branding(#[from] BadBranding),
}

/// The time and chance of a broker.
#[derive(Clone)]
pub struct World {
    /// What goes out.
    pub egress: Egress,
    /// The audit stream.
    pub audit: Audit,
    /// What collects numbers, one for a process.
    pub metrics: Option<Metrics>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
}

impl World {
    /// The real one, telling nobody.
    pub fn system() -> Self {
        Self {
            egress: Egress::default(),
            audit: Audit::off(),
            metrics: None,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }
}

/// A broker, put together.
pub struct Broker {
    config: Config,
    world: World,
    store: Store,
    sealer: Arc<Sealer>,
    pseudonyms: Arc<Pseudonyms>,
    directory: Arc<ArcSwap<Directory>>,
    documents: Option<Arc<Documents>>,
    app_keys: Arc<KeySets>,
    logos: Logos,
    keyring: Arc<Keyring>,
    sweeper: Arc<Sweeper>,
    courier: Arc<Courier>,
    bell: Bell,
    pages: Arc<Pages>,
    pages_abroad: Arc<Pages>,
    /// What checks at the gate have found, for all workers.
    passes: Arc<gate::Warm>,
    limits: Arc<Limits>,
    /// One for all workers: it knows what it saw lately.
    witness: Witness,
    document: Document,
    leaving: Arc<AtomicBool>,
}

impl Broker {
    /// Puts a broker together. Nothing is asked of the store or of a provider yet: one that is away stops nothing.
    ///
    /// # Errors
    /// [`BuildError`] says what the configuration names that cannot be.
    pub fn new(config: Config, world: World) -> Result<Self, BuildError> {
        let sealer = sealer(&config, &world);
        let pseudonyms = pseudonyms(&config);
        let store = Store::open(&config.store, Arc::clone(&world.clock))?;
        let keyring = Arc::new(keyring(&config, &world, &store, &sealer));
        let codec = Codec::new(Arc::clone(&sealer), Arc::clone(&pseudonyms));
        let sweeper = Arc::new(sweeper(&config, &world, &store, codec.clone()));
        let pages = Pages::new(config.issuer.host(), &config.branding, &config.operator)?;
        let pages = Arc::new(pages.with_privacy_page().with_account_page());
        for warning in pages.warnings() {
            tracing::warn!(warning, "branding");
        }
        let directory = Arc::new(ArcSwap::from_pointee(directory(&config, &world)?));
        let logos = Logos::new(&world.egress, Arc::clone(&world.clock));
        let app_keys = Arc::new(KeySets::new(world.egress.clone(), Arc::clone(&world.clock)));
        let documents = documents(&config.registration, &world);
        let limits = Arc::new(Limits::new(&config.limits));
        let document = Document::new(&config.issuer, &config.registration);
        let config_issuer = config.issuer.clone();
        let witness = Witness::new(world.audit.clone());
        let bell = Bell::default();
        let parts = (Arc::clone(&directory), Arc::clone(&keyring), bell.clone());
        let courier = Arc::new(courier(&config, &world, &store, codec, parts));
        Ok(Self {
            config,
            world,
            store,
            sealer,
            pseudonyms,
            directory,
            app_keys,
            documents,
            logos,
            keyring,
            sweeper,
            pages_abroad: Arc::new(pages.abroad(&config_issuer)),
            courier,
            bell,
            pages,
            passes: Arc::default(),
            limits,
            witness,
            document,
            leaving: Arc::default(),
        })
    }

    /// The keys, for the task that watches them.
    pub const fn keyring(&self) -> &Arc<Keyring> {
        &self.keyring
    }

    /// What keeps every retention, for the task that walks.
    pub const fn sweeper(&self) -> &Arc<Sweeper> {
        &self.sweeper
    }

    /// What tells apps who left, for the task that does.
    pub const fn courier(&self) -> &Arc<Courier> {
        &self.courier
    }

    /// The configuration that it was put together from.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Takes over providers, apps and the gate's manners from a configuration that was read anew. Everything else needs a
    /// restart.
    ///
    /// # Errors
    /// [`BuildError`]; then everything stays as it was.
    pub fn reload(&self, config: &Config) -> Result<(), BuildError> {
        self.directory.store(Arc::new(directory(config, &self.world)?));
        // A name may be taken now that was free.
        self.documents.iter().for_each(|documents| documents.forget());
        Ok(())
    }

    /// The services as one worker holds them: what talks to the store has a connection of its own.
    pub fn house(&self) -> House {
        let (config, clock) = (&self.config, &self.world.clock);
        let lives = &config.lifetimes;
        let store = Ringing::around(self.store.for_worker(), self.bell.clone());
        let codec = Codec::new(Arc::clone(&self.sealer), Arc::clone(&self.pseudonyms));
        let sessions = session::Lifetimes { idle: lives.session_idle, absolute: lives.session };
        let grants = grant_lifetimes(lives);
        let chronicle = Chronicle::new(codec.clone(), Arc::clone(clock), lives.history);
        House {
            issuer: config.issuer.clone(),
            listen: config.listen.clone(),
            lifetimes: lives.clone(),
            cookies: Cookies::of(&config.issuer),
            directory: Arc::clone(&self.directory),
            app_keys: Arc::clone(&self.app_keys),
            logos: self.logos.clone(),
            accounts: Accounts::new(Arc::clone(&store), codec.clone(), Arc::clone(clock), chronicle.clone()),
            sessions: Sessions::new(Arc::clone(&store), codec.clone(), Arc::clone(clock), chronicle.clone(), sessions),
            grants: Grants::new(Arc::clone(&store), codec.clone(), Arc::clone(clock), chronicle.clone(), grants),
            registry: config.registration.is_open().then(|| Registry::new(Arc::clone(&store), codec.clone())),
            registration: config.registration.clone(),
            documents: self.documents.clone(),
            fedcm: config.fedcm,
            egress: self.world.egress.clone(),
            devices: Devices::new(Arc::clone(&store), codec.clone(), Arc::clone(clock)),
            consents: Consents::new(Arc::clone(&store), codec.clone(), Arc::clone(clock), chronicle, lives.consent),
            pushed: Pushed::new(Arc::clone(&store), Arc::clone(&self.sealer), Arc::clone(clock)),
            outbox: Outbox::new(
                Arc::clone(&store),
                codec.clone(),
                Arc::clone(clock),
                self.bell.clone(),
                self.world.audit.clone(),
            ),
            heard: Heard::new(Arc::clone(&store), codec, Arc::clone(clock)),
            spent: Spent::new(Arc::clone(&store), Arc::clone(clock), Arc::clone(&self.world.random)),
            store,
            keyring: Arc::clone(&self.keyring),
            jwks_cache_control: format!("public, max-age={}", config.keys.jwks_max_age.as_secs()),
            pages: Arc::clone(&self.pages),
            pages_abroad: Arc::clone(&self.pages_abroad),
            sealer: Arc::clone(&self.sealer),
            pseudonyms: Arc::clone(&self.pseudonyms),
            limits: Arc::clone(&self.limits),
            witness: self.witness.clone(),
            clock: Arc::clone(clock),
        }
    }

    /// Begins to fetch the pictures of apps, so that the first page has them. Needs a running runtime.
    pub fn fetch_logos(&self) {
        for app in self.directory.load().apps.configured() {
            let _later = self.logos.address(app);
        }
    }

    /// The public routes.
    pub fn routes(&self, cfg: &mut ServiceConfig) {
        cfg.app_data(web::Data::new(self.house()))
            .app_data(web::Data::new(self.document.clone()))
            .app_data(web::Data::from(Arc::clone(&self.pages)))
            .app_data(web::PayloadConfig::new(params::MAX_BYTES))
            .app_data(web::Data::from(Arc::clone(&self.passes)))
            .configure(oidc::published)
            .configure(gate::checks)
            .service(
                web::scope("")
                    .wrap(from_fn(registered::learn))
                    .wrap(from_fn(oidc::fedcm::tell_login_status))
                    .wrap(from_fn(errors::render))
                    .wrap(from_fn(slow::no_longer))
                    .wrap(from_fn(trace::trace))
                    .configure(oidc::routes)
                    .configure(|cfg| {
                        if self.config.fedcm {
                            oidc::fedcm::routes(cfg)
                        }
                    })
                    .configure(account::routes)
                    .configure(gate::routes)
                    .configure(events::routes)
                    .configure(login::routes)
                    .configure(assets::routes)
                    .configure(logos::routes)
                    .configure(privacy::routes)
                    .configure(front::routes)
                    .default_service(web::to(front::not_found)),
            );
    }

    /// The routes of the management listener.
    pub fn management(&self, cfg: &mut ServiceConfig) {
        let (keyring, sweeper) = (Arc::clone(&self.keyring), Arc::clone(&self.sweeper));
        let probe = management::Probe::new(self.store.for_worker(), keyring, sweeper, Arc::clone(&self.leaving));
        if let Some(metrics) = &self.world.metrics {
            cfg.app_data(web::Data::new(metrics.clone()));
        }
        cfg.app_data(web::Data::new(probe)).configure(management::routes);
    }
}
