//! Where an address leads, by its text alone. Nothing is resolved.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whose machine a host is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Host {
    /// This machine, also as a container sees it.
    Loopback,
    /// A machine of the same network: private addresses, names without a domain, `.local`, `.internal`.
    Local,
    /// A name that is reserved for documentation.
    Reserved,
    /// Filled in elsewhere.
    Unknown,
    /// Any other.
    Public,
}

/// The host of an unencrypted web address; nothing where it is no such address.
pub fn cleartext(url: &str) -> Option<Host> {
    let (scheme, rest) = url.split_once("://")?;
    let clear = ["http", "ws"].iter().any(|clear| scheme.eq_ignore_ascii_case(clear));
    if !clear {
        return None;
    }
    Some(host(authority(rest)))
}

/// The host and port in what follows `//`.
pub fn authority(rest: &str) -> &str {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Judges a host, with or without port.
pub fn host(authority: &str) -> Host {
    let name = without_port(authority).to_ascii_lowercase();
    let name = name.trim_end_matches('.');
    if name.is_empty() || name.contains(['$', '{', '<', '%', '*', ' ', '`']) || name.starts_with("your") {
        return Host::Unknown;
    }
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return match address {
            _ if address.is_loopback() || address.is_unspecified() => Host::Loopback,
            _ if address.is_private() || address.is_link_local() => Host::Local,
            _ if address.is_documentation() => Host::Reserved,
            _ => Host::Public,
        };
    }
    if let Ok(address) = name.parse::<Ipv6Addr>() {
        let own = address.is_loopback() || address.is_unspecified();
        let local = address.is_unique_local() || address.is_unicast_link_local();
        return if own {
            Host::Loopback
        } else if local {
            Host::Local
        } else {
            Host::Public
        };
    }
    let within = |domains: &[&str]| {
        domains
            .iter()
            .any(|domain| name == *domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
    };
    if within(&["localhost", "host.docker.internal", "host.containers.internal", "localhost.localdomain"]) {
        Host::Loopback
    } else if within(&["example", "example.com", "example.org", "example.net", "invalid", "test"]) {
        Host::Reserved
    } else if !name.contains('.') || within(&["local", "lan", "internal", "home.arpa", "svc", "intranet", "corp"]) {
        Host::Local
    } else {
        Host::Public
    }
}

fn without_port(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_judged_by_its_name() {
        for (url, expected) in [
            ("http://localhost:3000/mcp", Some(Host::Loopback)),
            ("HTTP://127.0.0.1", Some(Host::Loopback)),
            ("http://[::1]:8080/", Some(Host::Loopback)),
            ("http://0.0.0.0:80", Some(Host::Loopback)),
            ("http://host.docker.internal:9/", Some(Host::Loopback)),
            ("http://localhost.evil.com", Some(Host::Public)),
            ("http://user:pass@api.vendor.io/x@y", Some(Host::Public)),
            ("ws://api.vendor.io", Some(Host::Public)),
            ("http://10.0.0.7", Some(Host::Local)),
            ("http://db:5432", Some(Host::Local)),
            ("http://printer.local", Some(Host::Local)),
            ("http://mcp.example.com", Some(Host::Reserved)),
            ("http://${HOST}:1", Some(Host::Unknown)),
            ("http://<host>/", Some(Host::Unknown)),
            ("http://", Some(Host::Unknown)),
            ("https://api.vendor.io", None),
            ("httpx", None),
            ("wsé://", None),
        ] {
            assert_eq!(cleartext(url), expected, "{url}");
        }
    }
}
