//! How much one may ask. What has no account yet is counted by its network; wrong secrets also by the app that they
//! were for. An app that authenticates is never counted, so nobody can lock it out by guessing.
//!
//! The counts live in the memory of one instance: with *n* of them behind a balancer, up to *n* times as much passes.

mod network;
mod throttle;

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use governor::clock::{Clock, DefaultClock};

use network::{Network, Region};
use throttle::Throttle;

use crate::{
    config::{self, Rate},
    types::{AppId, user_code::UserCode},
};

/// Too much; again after this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests; try again in {} s", .0.as_secs())]
pub struct RetryAfter(Duration);

impl RetryAfter {
    /// Whole seconds for `Retry-After` (RFC 9110, section 10.2.3), at least one.
    pub fn as_secs(self) -> u64 {
        self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0 || self.0.is_zero())
    }
}

/// Counts what was asked.
pub struct Limits<C: Clock + Clone = DefaultClock> {
    counts: Option<Counts<C>>,
}

struct Counts<C: Clock + Clone> {
    networks: Throttle<Network, C>,
    /// Takes over while more networks ask than are kept count of.
    regions: Throttle<Region, C>,
    apps: Throttle<AppId, C>,
    /// Devices that begin, by their app: apart, so that nobody who begins many is taken for one who guesses secrets.
    devices: Throttle<AppId, C>,
    /// Tries of user codes, by their first half.
    codes: Throttle<[u8; 4], C>,
}

/// How many tries one user code bears while it lives: after these it is void, right or wrong. A code has eight letters;
/// whoever looked over a shoulder and saw four of them has five guesses in 160,000.
const TRIES_OF_A_CODE: Rate = Rate { count: NonZeroU32::MIN.saturating_add(4), per: Duration::from_secs(600) };

impl Limits {
    /// As the configuration has it; nothing is limited when that is turned off.
    pub fn new(limits: &config::Limits) -> Self {
        Self::with_clock(limits, &DefaultClock::default())
    }
}

impl<C: Clock + Clone> Limits<C> {
    fn with_clock(limits: &config::Limits, clock: &C) -> Self {
        let counts = || Counts {
            networks: Throttle::new("address", limits.per_address, 1, clock),
            regions: Throttle::new("address", limits.per_address, network::CROWD, clock),
            apps: Throttle::new("app", limits.per_app, 1, clock),
            devices: Throttle::new("device", limits.per_app, 1, clock),
            codes: Throttle::new("user_code", TRIES_OF_A_CODE, 1, clock),
        };
        Self { counts: limits.enabled.then(counts) }
    }

    /// Counts one anonymous start from `address`.
    ///
    /// # Errors
    /// [`RetryAfter`] when its network has asked too much.
    pub fn check_address(&self, address: IpAddr) -> Result<(), RetryAfter> {
        self.counts.as_ref().map_or(Ok(()), |counts| counts.address(address))
    }

    /// Counts one wrong secret from `address`, for `app` if there is such an app. It is called after the secret was
    /// compared, never before: a right one passes whatever was counted.
    ///
    /// # Errors
    /// [`RetryAfter`] when the network, or whoever guesses at this app, has been wrong too often.
    pub fn wrong_secret(&self, app: Option<&AppId>, address: IpAddr) -> Result<(), RetryAfter> {
        let Some(counts) = &self.counts else { return Ok(()) };
        let by_app = app.map_or(Ok(()), |app| counts.apps.count(app));
        counts.address(address).and(by_app)
    }

    /// Counts one device of `app` that begins.
    ///
    /// # Errors
    /// [`RetryAfter`] when there were too many.
    pub fn device_begins(&self, app: &AppId) -> Result<(), RetryAfter> {
        self.counts.as_ref().map_or(Ok(()), |counts| counts.devices.count(app))
    }

    /// Counts one try of a user code, before anybody looks whether there is such a code.
    ///
    /// # Errors
    /// [`RetryAfter`] for one that was tried too often: then it is void.
    pub fn tries_code(&self, code: &UserCode) -> Result<(), RetryAfter> {
        self.counts.as_ref().map_or(Ok(()), |counts| counts.codes.count(&code.first_half()))
    }
}

impl<C: Clock + Clone> Counts<C> {
    fn address(&self, address: IpAddr) -> Result<(), RetryAfter> {
        if self.networks.is_crowded() {
            // Known networks are looked after, too, so that the crowd is noticed to have gone.
            self.networks.sweep_now_and_then();
            return self.regions.count(&Region::of(address));
        }
        self.networks.count(&Network::of(address))
    }
}

#[cfg(test)]
mod tests;
