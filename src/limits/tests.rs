use std::{net::Ipv6Addr, num::NonZeroU32};

use governor::clock::FakeRelativeClock;
use metrics_exporter_prometheus::PrometheusBuilder;

use super::{throttle::*, *};
use crate::config::Rate;

const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

fn rate(count: u32) -> Rate {
    Rate { count: NonZeroU32::new(count).unwrap(), per: Duration::from_secs(60) }
}

fn limits(enabled: bool) -> (Limits<FakeRelativeClock>, FakeRelativeClock) {
    let clock = FakeRelativeClock::default();
    let config = config::Limits { enabled, per_address: rate(6), per_app: rate(3) };
    (Limits::with_clock(&config, &clock), clock)
}

#[test]
fn an_address_that_asks_too_much_waits_and_others_do_not() {
    let (limits, clock) = limits(true);
    for _ in 0..6 {
        assert_eq!(limits.check_address(ADDRESS), Ok(()));
    }
    let wait = limits.check_address(ADDRESS).unwrap_err();
    assert_eq!(wait.as_secs(), 10, "one of six a minute");
    assert_eq!(limits.check_address(OTHER), Ok(()));
    clock.advance(Duration::from_secs(10));
    assert_eq!(limits.check_address(ADDRESS), Ok(()));
    assert!(limits.check_address(ADDRESS).is_err());
}

#[test]
fn guessing_at_an_app_is_counted_from_wherever_it_comes() {
    let (limits, _clock) = limits(true);
    let (notes, wiki) = ("notes".parse().unwrap(), "wiki".parse().unwrap());
    for n in 0..3 {
        assert_eq!(limits.wrong_secret(Some(&notes), IpAddr::from([198, 51, 100, n])), Ok(()));
    }
    assert!(limits.wrong_secret(Some(&notes), OTHER).is_err());
    assert_eq!(limits.wrong_secret(Some(&wiki), OTHER), Ok(()));
    assert_eq!(limits.check_address(OTHER), Ok(()), "an app's limit is not its address's");
}

#[test]
fn guessing_at_apps_that_do_not_exist_is_counted_by_address_alone() {
    let (limits, _clock) = limits(true);
    for _ in 0..6 {
        assert_eq!(limits.wrong_secret(None, ADDRESS), Ok(()));
    }
    assert!(limits.wrong_secret(None, ADDRESS).is_err());
    assert_eq!(limits.counts.unwrap().apps.len(), 0);
}

#[test]
fn nothing_is_limited_when_turned_off() {
    let (limits, _clock) = limits(false);
    for _ in 0..1000 {
        assert_eq!(limits.check_address(ADDRESS), Ok(()));
        assert_eq!(limits.wrong_secret(Some(&"notes".parse().unwrap()), ADDRESS), Ok(()));
    }
}

#[test]
fn a_crowd_is_counted_by_region_in_bounded_memory_and_forgotten_when_it_leaves() {
    let (limits, clock) = limits(true);
    let customer = |n: u128| IpAddr::from(Ipv6Addr::from_bits((0x2001_0db8 << 96) | (n << 64)));
    for n in 0..150_000 {
        let _either = limits.check_address(customer(n));
    }
    let counts = limits.counts.as_ref().unwrap();
    assert!(counts.networks.len() <= MAX_KEYS + usize::try_from(SWEEP_EVERY).unwrap());
    assert!(counts.regions.len() <= 1);
    assert!(limits.check_address(customer(1 << 31)).is_err(), "the crowd's own region is exhausted");
    assert_eq!(limits.check_address(ADDRESS), Ok(()), "another region is not");
    clock.advance(Duration::from_secs(120));
    for _ in 0..SWEEP_EVERY {
        let _either = limits.check_address(OTHER);
    }
    assert!(!counts.networks.is_crowded());
    assert!(counts.networks.len() < 10);
}

#[test]
fn retry_after_is_at_least_a_second() {
    assert_eq!(RetryAfter(Duration::ZERO).as_secs(), 1);
    assert_eq!(RetryAfter(Duration::from_millis(1)).as_secs(), 1);
    assert_eq!(RetryAfter(Duration::from_millis(1001)).as_secs(), 2);
    assert_eq!(RetryAfter(Duration::from_secs(9)).as_secs(), 9);
}

/// Nobody sees in a log that somebody was asked to slow down; the numbers say it, by what was counted.
#[test]
fn whoever_is_asked_to_slow_down_is_counted() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let (limits, _clock) = limits(true);
    let app = "notes".parse().unwrap();
    ::metrics::with_local_recorder(&recorder, || {
        for _ in 0..7 {
            let _either = (limits.check_address(ADDRESS), limits.device_begins(&app));
        }
    });
    let text = recorder.handle().render();
    for line in [r#"vestibule_limited_total{by="address"} 1"#, r#"vestibule_limited_total{by="device"} 4"#] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}
