//! From where a request comes, and over what.
//!
//! The peer of the connection, unless that is a proxy of `server.trusted_proxies`: then the rightmost address in the
//! proxy's header that is not such a proxy. Entries further left were written by whoever sent the request, so they are
//! never read; a header of an untrusted peer is ignored as a whole.
//!
//! A trusted proxy also has to say that the client speaks https to it: a credential that came over http has been read
//! by others. Which headers the proxy writes is the policy's to say (`server.forwarded`): a proxy passes on what it
//! does not know, so the other kind comes from strangers.

use std::net::{IpAddr, Ipv6Addr};

use http::HeaderMap;
use mcpsec_policy::model::{ForwardedBy, Server};

use super::{
    forwarded::{self, Hop},
    refusal::Refusal,
};
use crate::serve::ServeError;

/// A network such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Proxies whose word is taken.
#[derive(Debug)]
pub(crate) struct TrustedProxies {
    networks: Vec<Network>,
    header: ForwardedBy,
    https: bool,
}

impl TrustedProxies {
    /// # Errors
    ///
    /// When an entry is no address and no network.
    pub(crate) fn new(server: &Server) -> Result<Self, ServeError> {
        let networks = server.trusted_proxies.iter().map(|entry| {
            parse(entry).ok_or_else(|| {
                ServeError::Configuration(format!(
                    "`{entry}` in `server.trusted_proxies` is no address and no network such as `10.0.0.0/8`"
                ))
            })
        });
        let networks = networks.collect::<Result<_, _>>()?;
        Ok(Self { networks, header: server.forwarded, https: server.require_https })
    }

    /// The address that `peer` speaks for.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        for hop in self.hops(headers).into_iter().rev() {
            if !self.trusts(client) {
                return client;
            }
            let Some(address) = hop.address else { return client };
            client = address;
        }
        client
    }

    /// Whether a request that `peer` hands on may be looked at: a trusted proxy says that every part of its way was
    /// encrypted.
    ///
    /// # Errors
    ///
    /// 403 where it does not.
    pub(crate) fn judge(&self, peer: IpAddr, headers: &HeaderMap) -> Result<(), Refusal> {
        if !self.https || !self.trusts(peer.to_canonical()) {
            return Ok(());
        }
        let schemes: Vec<Option<bool>> = match self.header {
            ForwardedBy::Forwarded => self.hops(headers).into_iter().map(|hop| hop.encrypted).collect(),
            ForwardedBy::XForwarded => forwarded::x_schemes(headers).map(Some).collect(),
        };
        let says_https = matches!(schemes.last(), Some(Some(_)));
        match says_https && schemes.iter().all(|scheme| *scheme != Some(false)) {
            true => Ok(()),
            false => Err(Refusal::foreign("this server is used over https: the proxy in front does not say so")),
        }
    }

    fn hops(&self, headers: &HeaderMap) -> Vec<Hop> {
        match self.header {
            ForwardedBy::Forwarded => forwarded::hops(headers),
            ForwardedBy::XForwarded => forwarded::x_hops(headers),
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
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

    fn proxies(header: ForwardedBy) -> TrustedProxies {
        let trusted_proxies = vec!["10.0.0.0/8".to_owned(), "::1".to_owned()];
        let server = Server { trusted_proxies, forwarded: header, ..Server::default() };
        TrustedProxies::new(&server).expect("valid entries")
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a header value"));
        }
        headers
    }

    #[track_caller]
    fn check(peer: &str, forwarded: &[&str], expected: &str) {
        let pairs: Vec<_> = forwarded.iter().map(|value| ("x-forwarded-for", *value)).collect();
        let client = proxies(ForwardedBy::XForwarded).client(peer.parse().expect("an address"), &headers(&pairs));
        assert_eq!(client.to_string(), expected);
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
    fn the_header_that_the_proxy_does_not_write_is_not_read() {
        let both = headers(&[("forwarded", "for=1.1.1.1;proto=https"), ("x-forwarded-for", "2.2.2.2")]);
        let peer = "10.1.2.3".parse().expect("an address");
        assert_eq!(proxies(ForwardedBy::XForwarded).client(peer, &both).to_string(), "2.2.2.2");
        assert_eq!(proxies(ForwardedBy::Forwarded).client(peer, &both).to_string(), "1.1.1.1");
        assert!(proxies(ForwardedBy::XForwarded).judge(peer, &both).is_err());
        assert!(proxies(ForwardedBy::Forwarded).judge(peer, &both).is_ok());
    }

    #[test]
    fn every_part_of_the_way_was_encrypted() {
        let judge = |peer: &str, pairs: &[(&'static str, &str)]| {
            let header = match pairs.first() {
                Some(("forwarded", _)) => ForwardedBy::Forwarded,
                _ => ForwardedBy::XForwarded,
            };
            proxies(header).judge(peer.parse().expect("an address"), &headers(pairs)).is_ok()
        };
        assert!(judge("203.0.113.9", &[]), "a stranger is judged elsewhere");
        assert!(judge("10.1.2.3", &[("x-forwarded-proto", "https")]));
        assert!(judge("10.1.2.3", &[("x-forwarded-proto", "https, HTTPS")]));
        assert!(!judge("10.1.2.3", &[]));
        assert!(!judge("10.1.2.3", &[("x-forwarded-proto", "http")]));
        assert!(!judge("10.1.2.3", &[("x-forwarded-proto", "https, http")]));
        assert!(!judge("10.1.2.3", &[("x-forwarded-proto", "http"), ("x-forwarded-proto", "https")]));
        assert!(judge("10.1.2.3", &[("forwarded", "for=1.1.1.1, for=2.2.2.2;proto=https")]));
        assert!(!judge("10.1.2.3", &[("forwarded", "for=1.1.1.1;proto=https, for=2.2.2.2")]));
        assert!(!judge("10.1.2.3", &[("forwarded", "for=1.1.1.1;proto=http, for=2.2.2.2;proto=https")]));
    }

    #[test]
    fn networks_are_compared_by_their_prefix() {
        for entry in ["10.0.0.0/33", "x", "10.0.0.0/", "::/129", ""] {
            let server = Server { trusted_proxies: vec![entry.to_owned()], ..Server::default() };
            assert!(TrustedProxies::new(&server).is_err(), "{entry}");
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
