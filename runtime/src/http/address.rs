//! From where a request comes.
//!
//! The peer of the connection, unless that is a proxy of `server.trusted_proxies`: then the rightmost entry of
//! `X-Forwarded-For` that is not such a proxy. Entries further left were written by whoever sent the request, so they
//! are never read; a header of an untrusted peer is ignored as a whole.

use std::net::{IpAddr, Ipv6Addr};

use http::HeaderMap;

use crate::serve::ServeError;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// A network such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Proxies whose word is taken.
#[derive(Debug)]
pub(crate) struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// # Errors
    ///
    /// When an entry is no address and no network.
    pub(crate) fn new(entries: &[String]) -> Result<Self, ServeError> {
        let networks = entries.iter().map(|entry| {
            parse(entry).ok_or_else(|| {
                ServeError::Configuration(format!(
                    "`{entry}` in `server.trusted_proxies` is no address and no network such as `10.0.0.0/8`"
                ))
            })
        });
        networks.collect::<Result<_, _>>().map(Self)
    }

    /// The address that `peer` speaks for.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        for header in headers.get_all(FORWARDED_FOR).iter().rev() {
            for entry in header.to_str().unwrap_or_default().rsplit(',') {
                if !self.trusts(client) {
                    return client;
                }
                let Some(address) = parse_entry(entry) else { return client };
                client = address;
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                same(ours.to_bits().into(), theirs.to_bits().into(), self.prefix, 32)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => same(ours.to_bits(), theirs.to_bits(), self.prefix, 128),
            _ => false,
        }
    }
}

fn same(ours: u128, theirs: u128, prefix: u8, width: u8) -> bool {
    (ours ^ theirs).checked_shr(u32::from(width - prefix)).unwrap_or(0) == 0
}

fn parse(entry: &str) -> Option<Network> {
    let (address, prefix) = match entry.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
        None => (entry, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.unwrap_or(width);
    (prefix <= width).then_some(Network { address, prefix })
}

/// One entry of the header: an address, which some proxies write with a port.
fn parse_entry(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let address =
        entry.parse::<IpAddr>().ok().or_else(|| entry.parse().ok().map(|socket: std::net::SocketAddr| socket.ip()));
    address.map(|address| address.to_canonical())
}

/// What is counted as one address: a whole /64 of IPv6, since one host usually has all of it.
pub(crate) fn counted(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & (!0 << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(peer: &str, forwarded: &[&str], expected: &str) {
        let proxies = TrustedProxies::new(&["10.0.0.0/8".to_owned(), "::1".to_owned()]).expect("valid entries");
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().expect("a header value"));
        }
        assert_eq!(proxies.client(peer.parse().expect("an address"), &headers).to_string(), expected);
    }

    #[test]
    fn a_stranger_cannot_say_who_he_is() {
        check("203.0.113.9", &["198.51.100.1"], "203.0.113.9");
        check("::ffff:203.0.113.9", &["198.51.100.1"], "203.0.113.9");
    }

    #[test]
    fn the_rightmost_untrusted_entry_counts() {
        check("10.1.2.3", &[], "10.1.2.3");
        check("10.1.2.3", &["198.51.100.1"], "198.51.100.1");
        check("10.1.2.3", &["1.1.1.1, 198.51.100.1"], "198.51.100.1");
        check("10.1.2.3", &["1.1.1.1, 198.51.100.1, 10.9.9.9"], "198.51.100.1");
        check("10.1.2.3", &["1.1.1.1", "198.51.100.1:4711"], "198.51.100.1");
        check("::1", &["2001:db8::7"], "2001:db8::7");
        check("10.1.2.3", &["1.1.1.1, nonsense"], "10.1.2.3");
    }

    #[test]
    fn networks_are_compared_by_their_prefix() {
        for entry in ["10.0.0.0/33", "x", "10.0.0.0/", "::/129", ""] {
            assert!(TrustedProxies::new(&[entry.to_owned()]).is_err(), "{entry}");
        }
        let all = parse("0.0.0.0/0").expect("a network");
        assert!(all.contains("203.0.113.9".parse().expect("an address")));
        assert!(!all.contains("::1".parse().expect("an address")));
    }

    #[test]
    fn one_host_cannot_be_many_addresses() {
        let counted = |text: &str| counted(text.parse().expect("an address"));
        assert_eq!(counted("2001:db8::1"), counted("2001:db8::ffff:1"));
        assert_ne!(counted("2001:db8::1"), counted("2001:db8:0:1::1"));
        assert_ne!(counted("192.0.2.1"), counted("192.0.2.2"));
    }
}
