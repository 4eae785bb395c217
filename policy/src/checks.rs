//! Pure checks of single texts: addresses, origins, networks, globs, names.

use std::net::{IpAddr, SocketAddr};

use crate::pattern::LONGEST_PATTERN;

/// An address with a port, numeric: a name would be resolved differently on another machine.
pub(crate) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| match text.strip_prefix("localhost:") {
        Some(port) => format!("write a numeric address, such as \"127.0.0.1:{port}\""),
        None => "expected an address and a port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"".to_owned(),
    })
}

/// `https://host` or `https://host:port`, as a browser sends it.
pub(crate) fn origin(text: &str) -> Result<(), String> {
    if text == "*" || text == "null" {
        return Err(
            "this would accept every web page; name the origins, such as \"https://app.example.org\"".to_owned()
        );
    }
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if host_and_port(rest) => Ok(()),
        _ => Err("an origin is a scheme and a host, such as \"https://app.example.org\", without a path".to_owned()),
    }
}

/// An address with `https`, or with `http` on this machine: what stands in it is followed or compared, so it has no
/// user name, no fragment and no blank.
pub(crate) fn address(text: &str) -> Result<(), String> {
    let (rest, secure) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (_, Some(rest)) => (rest, false),
        _ => return Err("expected an address such as \"https://mcp.example.org/mcp\"".to_owned()),
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let written = text.len() <= 512 && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\"\\<>".contains(&byte));
    if !written || !host_and_port(authority) && !bracketed(authority) {
        return Err("an address has a host, and no user name, fragment, quote or blank".to_owned());
    }
    let name = authority.split(':').next().unwrap_or_default();
    let here = name == "localhost" || name.starts_with("127.") || authority.starts_with("[::1]");
    if secure || here { Ok(()) } else { Err("write https: only this machine may be named with http".to_owned()) }
}

/// An IPv6 address in brackets, with a port.
fn bracketed(authority: &str) -> bool {
    authority.parse::<SocketAddr>().is_ok()
}

/// A host name or address, with or without a port.
pub(crate) fn host(text: &str) -> Result<(), String> {
    match text {
        "*" => Err("this would accept every host and with it DNS rebinding; name the hosts".to_owned()),
        _ if host_and_port(text) => Ok(()),
        _ => Err("expected a host such as \"mcp.example.org\" or \"mcp.example.org:8443\"".to_owned()),
    }
}

fn host_and_port(text: &str) -> bool {
    if text.parse::<SocketAddr>().is_ok() || text.parse::<IpAddr>().is_ok_and(|address| address.is_ipv4()) {
        return true;
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.len() <= 253
        && name.split('.').all(label)
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// An address, or a network such as `10.0.0.0/8`.
pub(crate) fn network(text: &str) -> Result<(), String> {
    let wrong = || "expected an address or a network, such as \"10.0.0.1\" or \"10.0.0.0/8\"".to_owned();
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().map_err(|_| wrong())?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let Some(bits) = bits else { return Ok(()) };
    let digits = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
    match bits.parse::<u32>() {
        Ok(0) if digits => Err("this would believe every machine on the network; name the proxies".to_owned()),
        Ok(bits) if digits && bits <= most => Ok(()),
        _ => Err(wrong()),
    }
}

/// A glob of paths in a project.
pub(crate) fn glob(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("an empty pattern matches nothing".to_owned());
    }
    globset::Glob::new(text).map(drop).map_err(|error| format!("not a pattern of paths: {}", error.kind()))
}

/// A pattern of callers' names: what follows `user:` or `cert:` in a rule.
pub(crate) fn name_pattern(name: &str) -> Result<(), String> {
    let valid = (1..=LONGEST_PATTERN).contains(&name.len())
        && !name.contains("***")
        && !name.chars().any(|c| c.is_control() || c.is_whitespace());
    let why = "a name has 1 to 512 characters, none of them invisible, and no more than two `*` together";
    if valid { Ok(()) } else { Err(why.to_owned()) }
}

/// A path of an address, such as `/ws`.
pub(crate) fn url_path(text: &str) -> Result<(), String> {
    let valid = text.starts_with('/')
        && (2..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~'))
        && !text.split('/').skip(1).any(|part| matches!(part, "" | "." | ".."));
    match text {
        "/mcp" => Err("`/mcp` is the path of HTTP itself".to_owned()),
        _ if valid => Ok(()),
        _ => Err("expected a path such as \"/ws\"".to_owned()),
    }
}

/// A name that goes into logs.
pub(crate) fn name(text: &str) -> Result<(), String> {
    let valid = (1..=128).contains(&text.len()) && !text.chars().any(char::is_control);
    if valid { Ok(()) } else { Err("a name has 1 to 128 bytes and no control characters".to_owned()) }
}

/// A path in a policy file: not empty, no NUL.
pub(crate) fn path(text: &str) -> Result<(), String> {
    if text.is_empty() || text.contains('\0') { Err("this names no file".to_owned()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::{address, glob, host, listen, network, origin};

    #[track_caller]
    fn check<T>(judge: impl Fn(&str) -> Result<T, String>, good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(judge(text).err(), None, "{text:?}");
        }
        for text in bad {
            assert!(judge(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn addresses_are_numeric_and_have_a_port() {
        check(
            listen,
            &["127.0.0.1:0", "[::1]:8080", "0.0.0.0:65535"],
            &["", "127.0.0.1", "localhost:80", "127.0.0.1:65536", "::1:80", ":80"],
        );
        assert!(listen("localhost:81").unwrap_err().contains("127.0.0.1:81"));
    }

    #[test]
    fn origins_are_what_a_browser_sends() {
        check(
            origin,
            &["https://a.example", "http://localhost:3000", "https://[::1]", "http://127.0.0.1:1", "https://[::1]:2"],
            &[
                "",
                "*",
                "null",
                "a.example",
                "https://",
                "https://a/",
                "https://a/b",
                "https://a:0",
                "https://u@a",
                "ftp://a",
                "https://a b",
                "https://-a",
                "https://a..b",
                "https://*.a.example",
            ],
        );
    }

    #[test]
    fn hosts_have_no_scheme_and_no_wildcard() {
        check(
            host,
            &["a.example", "a.example:1", "127.0.0.1", "[::1]", "[::1]:5", "my_host"],
            &["", "*", "*.a", "https://a", "a/", "a:", "a:b", "a:65536", "[::1", "a\n"],
        );
    }

    #[test]
    fn addresses_to_follow_are_encrypted_and_plain() {
        check(
            address,
            &[
                "https://a.example",
                "https://a.example:1/b?c=d",
                "http://127.0.0.1:8080/mcp",
                "https://[::1]:2/",
                "http://localhost",
            ],
            &[
                "",
                "a.example",
                "http://a.example",
                "https://",
                "https://u@a",
                "https://a/#b",
                "https://a/ b",
                "ftp://a",
                "http://localhost.a.example",
                "https://a\"b",
                "http://[fe80::1]",
            ],
        );
    }

    #[test]
    fn networks_have_a_prefix_that_fits() {
        check(
            network,
            &["10.0.0.1", "10.0.0.0/8", "10.0.0.0/32", "fd00::/8", "::1/128", "10.0.0.0/1"],
            &[
                "",
                "10.0.0.0/33",
                "::1/129",
                "10.0.0.0/",
                "10.0.0.0/0",
                "::/0",
                "10.0.0.0/-1",
                "10.0.0.0/+8",
                "host",
                "10.0.0/8",
            ],
        );
    }

    #[test]
    fn globs_must_be_globs() {
        check(glob, &["examples/**", "*.ts", "a/{b,c}"], &["", "a/{b", "[z-a]"]);
    }
}
