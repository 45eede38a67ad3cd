//! Who is behind an address. One customer usually holds one IPv4 address, or one IPv6 /64.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How many times the rate of one network a whole region has.
pub(super) const CROWD: u32 = 64;

/// An IPv4 address or an IPv6 /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Network(IpAddr);

/// An IPv4 /16 or an IPv6 /32: what one network operator was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Region(IpAddr);

impl Network {
    pub(super) fn of(address: IpAddr) -> Self {
        Self(cut(address, 32, 64))
    }
}

impl Region {
    pub(super) fn of(address: IpAddr) -> Self {
        Self(cut(address, 16, 32))
    }
}

/// Keeps the first bits of an address; an IPv4 address in IPv6 clothes is an IPv4 address.
fn cut(address: IpAddr, v4: u32, v6: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & (u32::MAX << (32 - v4))).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - v6))).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    #[test]
    fn an_ipv6_customer_is_one_however_many_addresses_it_uses() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }

    #[test]
    fn a_region_is_wider() {
        let region = |text: &str| Region::of(text.parse().unwrap());
        assert_eq!(region("192.0.2.1"), region("192.0.77.9"));
        assert_eq!(region("2001:db8:1::1"), region("2001:db8:ffff::1"));
        assert_ne!(region("2001:db8::1"), region("2001:db9::1"));
    }
}
