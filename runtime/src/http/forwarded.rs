//! What proxies write about the way of a request: `Forwarded` (RFC 7239), and `X-Forwarded-For` with `-Proto`.
//!
//! Whether any of it is believed is decided in `super::address`.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

const FORWARDED: &str = "forwarded";
const FOR: &str = "x-forwarded-for";
const PROTO: &str = "x-forwarded-proto";

/// One station of the way.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Hop {
    /// Who sent the request to the proxy that wrote this; `None` for what is no address.
    pub(super) address: Option<IpAddr>,
    /// Whether that was over https; `None` where nothing is said.
    pub(super) encrypted: Option<bool>,
}

/// The stations of `Forwarded`, from the first to the last.
pub(super) fn hops(headers: &HeaderMap) -> Vec<Hop> {
    let lists = headers.get_all(FORWARDED).iter().map(|value| value.to_str().unwrap_or_default());
    lists.flat_map(|list| split(list, ',')).map(hop).collect()
}

fn hop(element: &str) -> Hop {
    let mut hop = Hop::default();
    for pair in split(element, ';') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.address = address(value),
            "proto" => hop.encrypted = Some(value.eq_ignore_ascii_case("https")),
            _ => {}
        }
    }
    hop
}

/// Parts of `text` between `separator`s that are not inside of quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        c == separator && !quoted
    })
}

/// The stations of `X-Forwarded-For`.
pub(super) fn x_hops(headers: &HeaderMap) -> Vec<Hop> {
    entries(headers, FOR).map(|entry| Hop { address: address(entry), encrypted: None }).collect()
}

/// Whether each entry of `X-Forwarded-Proto` is https.
pub(super) fn x_schemes(headers: &HeaderMap) -> impl Iterator<Item = bool> {
    entries(headers, PROTO).map(|entry| entry.eq_ignore_ascii_case("https"))
}

fn entries<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    let lists = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
    lists.flat_map(|list| list.split(',')).map(str::trim)
}

/// An address, which some proxies write with a port, and some in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().ok().or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Vec<Hop> {
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED, value.parse().expect("a header value"));
        hops(&headers)
    }

    fn hop(address: &str, encrypted: Option<bool>) -> Hop {
        Hop { address: address.parse().ok(), encrypted }
    }

    #[test]
    fn forwarded_is_read_as_its_standard_has_it() {
        assert_eq!(of("for=192.0.2.60;proto=http;by=203.0.113.43"), [hop("192.0.2.60", Some(false))]);
        assert_eq!(of("For=\"[2001:db8:cafe::17]:4711\""), [hop("2001:db8:cafe::17", None)]);
        assert_eq!(of("for=\"[2001:db8::1]\";proto=HTTPS"), [hop("2001:db8::1", Some(true))]);
        assert_eq!(of("for=192.0.2.43, for=198.51.100.17"), [hop("192.0.2.43", None), hop("198.51.100.17", None)]);
        assert_eq!(of("for=unknown, for=_hidden"), [Hop::default(), Hop::default()]);
    }

    #[test]
    fn quotes_hide_separators() {
        assert_eq!(of("by=\"a,b;for=1.1.1.1\";for=2.2.2.2"), [hop("2.2.2.2", None)]);
        assert_eq!(of("by=\"a\\\",for=1.1.1.1\";for=2.2.2.2"), [hop("2.2.2.2", None)]);
    }
}
