//! Requests of devices on a real store, with the clock in hand.

use tempfile::TempDir;

use super::*;
use crate::{
    config::StoreUrl,
    seal::{Pseudonyms, Sealer},
    types::{SetClock, SystemRandom},
};

struct Place {
    devices: Devices,
    clock: Arc<SetClock>,
    _folder: TempDir,
}

fn place() -> Place {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(SetClock::default()));
    let store = crate::store::open(&StoreUrl::Sqlite(folder.path().join("v.db")), clock.clone()).unwrap();
    let sealer = Sealer::new(Secret32::new([1; 32]), vec![], Arc::new(SystemRandom));
    let codec = Codec::new(Arc::new(sealer), Arc::new(Pseudonyms::new(&Secret32::new([2; 32]))));
    Place { devices: Devices::new(store, codec, clock.clone()), clock, _folder: folder }
}

fn app(name: &str) -> AppId {
    name.parse().unwrap()
}

impl Place {
    async fn begin(&self) -> Begun {
        self.devices.begin(&app("tv"), &Scope::parse("openid")).await.unwrap().unwrap()
    }

    async fn poll(&self, begun: &Begun) -> Polled {
        self.devices.poll(&app("tv"), begun.device_code.expose()).await.unwrap()
    }

    async fn decide(&self, begun: &Begun, decision: Decision<'_>) -> bool {
        let waiting = self.devices.find(&begun.user_code).await.unwrap().unwrap();
        self.devices.decide(&begun.user_code, waiting.id, decision).await.unwrap()
    }
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[tokio::test]
async fn a_device_waits_its_interval_and_longer_each_time_that_it_does_not() {
    let place = place();
    let begun = place.begin().await;
    assert_eq!(place.poll(&begun).await, Polled::Pending);
    place.clock.forward(seconds(4));
    assert_eq!(place.poll(&begun).await, Polled::SlowDown);
    place.clock.forward(seconds(9));
    assert_eq!(place.poll(&begun).await, Polled::SlowDown, "five seconds more than before");
    place.clock.forward(seconds(15));
    assert_eq!(place.poll(&begun).await, Polled::Pending);
    place.clock.forward(seconds(14));
    assert_eq!(place.poll(&begun).await, Polled::SlowDown, "for good");
    // AC-79: what a clock said that was ahead slows nobody down.
    place.clock.back(seconds(300));
    assert_eq!(place.poll(&begun).await, Polled::Pending);
}

#[tokio::test]
async fn the_answer_is_for_the_holder_of_the_device_code_alone() {
    let place = place();
    let (begun, other) = (place.begin().await, place.begin().await);
    let key = SecretText::new("the key");
    assert!(place.decide(&begun, Decision::Approved(&key)).await);
    assert_eq!(place.devices.find(&begun.user_code).await.unwrap(), None, "a code is answered once");
    assert_eq!(place.poll(&begun).await, Polled::Approved(key.clone()));
    assert_eq!(place.poll(&other).await, Polled::Pending);
    let code = begun.device_code.expose();
    assert_eq!(place.devices.poll(&app("other"), code).await.unwrap(), Polled::Unknown);
    for wrong in ["", "x", code.split_at(40).0, &begun.user_code.to_string()] {
        assert_eq!(place.devices.poll(&app("tv"), wrong).await.unwrap(), Polled::Unknown, "{wrong}");
    }
    assert!(place.decide(&other, Decision::Declined).await);
    assert_eq!(place.poll(&other).await, Polled::Declined);
}

/// The same letters may come up again; what was said of the first is nothing to the second.
#[tokio::test]
async fn a_decision_is_about_the_request_that_the_person_saw() {
    let place = place();
    let begun = place.begin().await;
    let other = RandomId::generate(&SystemRandom);
    let decided = place.devices.decide(&begun.user_code, other, Decision::Declined).await.unwrap();
    assert!(!decided);
    assert_eq!(place.poll(&begun).await, Polled::Pending);
}

#[tokio::test]
async fn after_ten_minutes_it_is_over() {
    let place = place();
    let begun = place.begin().await;
    let waiting = place.devices.find(&begun.user_code).await.unwrap().unwrap();
    place.clock.forward(LIVES);
    assert_eq!(place.poll(&begun).await, Polled::Expired);
    assert_eq!(place.devices.find(&begun.user_code).await.unwrap(), None);
    assert!(!place.devices.decide(&begun.user_code, waiting.id, Decision::Declined).await.unwrap());
}

#[tokio::test]
async fn an_app_has_so_many_places_and_no_more() {
    let place = place();
    let mut begun = 0;
    while place.devices.begin(&app("tv"), &Scope::parse("openid")).await.unwrap().is_some() {
        begun += 1;
        assert!(begun <= MOST.get(), "nothing stops it");
    }
    assert!(begun > MOST.get() / 4, "{begun}");
    // Another app is not held up, and time makes room.
    assert!(place.devices.begin(&app("other"), &Scope::parse("openid")).await.unwrap().is_some());
    place.clock.forward(LIVES);
    assert!(place.devices.begin(&app("tv"), &Scope::parse("openid")).await.unwrap().is_some());
}
