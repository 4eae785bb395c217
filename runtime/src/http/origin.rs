//! Refuses requests that a web page of another origin sent, or that were sent to a name which is not this server's (T1,
//! T2).
//!
//! A browser lets any page send requests to `localhost`, and a page can give its own name the address 127.0.0.1 (DNS
//! rebinding). Browsers then name the page in `Origin` and the page's name in `Host`; both must be ours. This layer is
//! the one place that decides: the same checks of the SDK are switched off behind it.
//!
//! It does **not** authenticate: programs that are not browsers send whatever they like. It also sends no CORS headers,
//! so an allowed page of another origin can send requests but not read answers without a proxy that adds them.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, Uri, header, uri::Authority};

use super::refusal::Refusal;
use crate::serve::ServeError;

/// An origin as RFC 6454 has it.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

/// A name that requests may be sent to; without a port, any port.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Host {
    name: String,
    port: Option<u16>,
}

/// The origins and names that are ours.
#[derive(Debug)]
pub(crate) struct Allowed {
    origins: Vec<Origin>,
    hosts: Vec<Host>,
    /// Our own address as clients write it into `Host`, for the usual request: equal text needs no parsing.
    usual: Vec<String>,
}

impl Allowed {
    /// What the policy lists, and the listener's own: loopback names and its address, as origins with its port. Over a
    /// UNIX socket, which has no address and no browser, that is `localhost`.
    ///
    /// # Errors
    ///
    /// When an entry of the policy can never match.
    pub(crate) fn new(
        local: Option<SocketAddr>,
        encrypted: bool,
        origins: &[String],
        hosts: &[String],
    ) -> Result<Self, ServeError> {
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let address = local.filter(|local| !local.ip().is_unspecified());
        names.extend(address.map(|local| local.ip().to_string()));
        let usual =
            local.map(|local| vec![format!("localhost:{}", local.port()), format!("127.0.0.1:{}", local.port())]);
        let mut usual = usual.unwrap_or_else(|| vec!["localhost".to_owned()]);
        usual.extend(address.map(|local| local.to_string()));
        let scheme = if encrypted { "https" } else { "http" };
        let mut allowed = Self { origins: Vec::new(), hosts: Vec::new(), usual };
        for name in names {
            if let Some(local) = local {
                allowed.origins.push(Origin { scheme: scheme.to_owned(), host: name.clone(), port: local.port() });
            }
            // The port is open: a forwarded port (containers, SSH) differs from ours, and the name alone stops a page
            // that rebinds its own.
            allowed.hosts.push(Host { name, port: None });
        }
        for entry in origins {
            let origin = parse_origin(entry).ok_or_else(|| {
                let hint = "write it as `https://example.com` or `http://localhost:6274`";
                ServeError::Configuration(format!("`{entry}` in `server.allowed_origins` is not an origin: {hint}"))
            })?;
            allowed.origins.push(origin);
        }
        for entry in hosts {
            let host = entry.parse().ok().as_ref().and_then(parse_host).ok_or_else(|| {
                let hint = "write it as `example.com` or `example.com:8443`";
                ServeError::Configuration(format!("`{entry}` in `server.allowed_hosts` is not a host: {hint}"))
            })?;
            allowed.hosts.push(host);
        }
        Ok(allowed)
    }

    /// Whether a request for `uri` with these headers may go on.
    pub(crate) fn judge(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        if !self.is_usual(uri, headers) {
            let host = host_of(uri, headers)?;
            let is_host = |ours: &Host| ours.name == host.name && ours.port.is_none_or(|port| host.port == Some(port));
            if !self.hosts.iter().any(is_host) {
                let why = "this server does not answer to that host name: see `server.allowed_hosts`";
                return Err(Refusal::foreign(why));
            }
        }
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let Some(origin) = origins.next() else { return Ok(()) };
        let origin = origin.to_str().ok().filter(|_| origins.next().is_none()).and_then(parse_origin);
        if origin.is_some_and(|origin| self.origins.contains(&origin)) {
            return Ok(());
        }
        Err(Refusal::foreign("requests from that origin are not accepted: see `server.allowed_origins`"))
    }
}

impl Allowed {
    /// Whether the one `Host` is our address, letter by letter, and the request's own address names no other.
    fn is_usual(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut named = headers.get_all(header::HOST).iter();
        let (Some(host), None, None) = (named.next(), named.next(), uri.authority()) else { return false };
        self.usual.iter().any(|usual| usual.as_bytes() == host.as_bytes())
    }
}

fn host_of(uri: &Uri, headers: &HeaderMap) -> Result<Host, Refusal> {
    let mut named = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (named.next(), named.next()) else {
        return Err(Refusal::malformed("exactly one `Host` header is needed"));
    };
    let host: Option<Authority> = host.to_str().ok().and_then(|text| text.parse().ok());
    let host = host.as_ref().and_then(parse_host);
    let host = host.ok_or(Refusal::malformed("the `Host` header is not a host"))?;
    match uri.authority().map(parse_host) {
        Some(other) if other.as_ref() != Some(&host) => {
            Err(Refusal::malformed("the request's address and its `Host` header differ"))
        }
        _ => Ok(host),
    }
}

fn parse_host(authority: &Authority) -> Option<Host> {
    let named = !authority.host().is_empty() && !authority.as_str().contains('@');
    let port = authority.port_u16();
    // `Authority` takes a port that is no number as no port.
    let whole = authority.as_str().len() == authority.host().len() || port.is_some();
    (named && whole).then(|| Host { name: normal(authority.host()), port })
}

fn parse_origin(text: &str) -> Option<Origin> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    if rest.contains(['/', '?', '#']) {
        return None;
    }
    let host = parse_host(&rest.parse().ok()?)?;
    Some(Origin { scheme, host: host.name, port: host.port.unwrap_or(default) })
}

/// A host name in one spelling: no brackets, small letters, no final dot, addresses as the standard library writes them.
fn normal(host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
    host.parse::<IpAddr>().map_or(host, |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &str)], expected: u16) {
        let local = SocketAddr::from(([127, 0, 0, 1], 8080));
        let allowed = Allowed::new(
            Some(local),
            false,
            &["https://App.example".to_owned()],
            &["mcp.example".to_owned(), "b.example:81".into()],
        )
        .expect("valid entries");
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a header value"));
        }
        let status =
            allowed.judge(&Uri::from_static("/mcp"), &map).map_or_else(|refusal| refusal.status().as_u16(), |()| 200);
        assert_eq!(status, expected, "{headers:?}");
    }

    #[test]
    fn own_and_listed_hosts_are_accepted_and_others_are_not() {
        for host in [
            "127.0.0.1:8080",
            "localhost",
            "LOCALHOST:9999",
            "[::1]:8080",
            "mcp.example",
            "mcp.example.",
            "b.example:81",
        ] {
            check(&[("host", host)], 200);
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:8080",
            "b.example",
            "b.example:82",
            "0.0.0.0:8080",
        ] {
            check(&[("host", host)], 403);
        }
        check(&[], 400);
        check(&[("host", "localhost"), ("host", "evil.example")], 400);
        check(&[("host", "a@localhost")], 400);
        check(&[("host", "localhost:http")], 400);
    }

    #[test]
    fn own_and_listed_origins_are_accepted_and_others_are_not() {
        let accepted = [
            "http://127.0.0.1:8080",
            "http://localhost:8080",
            "http://[::1]:8080",
            "https://app.example",
            "https://app.example:443",
        ];
        for origin in accepted {
            check(&[("host", "localhost"), ("origin", origin)], 200);
        }
        let refused = [
            "null",
            "",
            "http://localhost",
            "http://localhost:3000",
            "https://localhost:8080",
            "http://app.example",
            "http://evil.example",
            "http://localhost:8080.evil.example",
            "http://localhost:8080/",
            "file://",
            "http://a@localhost:8080",
        ];
        for origin in refused {
            check(&[("host", "localhost"), ("origin", origin)], 403);
        }
        check(&[("host", "localhost"), ("origin", "http://localhost:8080"), ("origin", "http://evil.example")], 403);
    }

    #[test]
    fn an_entry_that_can_never_match_is_an_error_at_start() {
        let local = SocketAddr::from(([127, 0, 0, 1], 8080));
        for entry in ["*", "example.com", "null", "https://example.com/path", "ftp://example.com"] {
            assert!(Allowed::new(Some(local), false, &[entry.to_owned()], &[]).is_err(), "{entry}");
        }
        for entry in ["https://example.com", "", "a b", "example.com:x"] {
            assert!(Allowed::new(Some(local), false, &[], &[entry.to_owned()]).is_err(), "{entry}");
        }
    }
}
