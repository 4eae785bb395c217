//! Where servers of Java are reached: transports of the SDK, and what Spring and Quarkus open by themselves.

use super::{
    super::{
        Bind, Endpoint, Facts, Network, Protection,
        builds::{Build, Setting},
    },
    Known, SPRING, Scan, protection,
    servers::Framework,
};
use crate::finding::Place;

pub(super) fn add(scan: &Scan<'_, '_>, servers: &[Place], facts: &mut Facts) {
    let mut served: Vec<&str> = Vec::new();
    for known in &scan.calls {
        let at = known.site.at;
        let place = scan.place(at, known.site.span);
        if is_stdio(known) {
            facts.stdio.push(place.clone());
        }
        let Some(network) = transport(known) else { continue };
        served.push(scan.path(at));
        facts.endpoints.push(endpoint(scan, known, network, place));
    }
    for build in scan.builds.iter() {
        let Some(framework) = Framework::of(scan, build) else { continue };
        let inside = |path: &str| scan.builds.around(path).is_some_and(|other| std::ptr::eq(other, build));
        let Some(server) = servers.iter().find(|place| inside(&place.path)) else { continue };
        if speaks_stdio(build, framework) {
            facts.stdio.push(server.clone());
        }
        if !served.iter().any(|path| inside(path))
            && let Some(network) = network(build, framework)
        {
            facts.endpoints.push(framed(scan, build, framework, network, server));
        }
    }
}

fn is_stdio(known: &Known<'_>) -> bool {
    known.site.call.construction && known.is("StdioServerTransportProvider")
}

/// `new HttpServletSseServerTransportProvider(..)`, `WebFluxStreamableServerTransportProvider.builder()`
fn transport(known: &Known<'_>) -> Option<Network> {
    let class = known.symbol.strip_suffix(".builder").or(known.site.call.construction.then_some(&known.symbol))?;
    let class = class.rsplit('.').next()?;
    let kinds = ["HttpServlet", "WebMvc", "WebFlux"];
    let rest = kinds.iter().find_map(|kind| class.strip_prefix(kind))?;
    match rest {
        "SseServerTransportProvider" => Some(Network::Sse),
        "StreamableServerTransportProvider" | "StatelessServerTransport" => Some(Network::Http),
        _ => None,
    }
}

/// Whether the framework puts the server on standard input and output.
pub(super) fn speaks_stdio(build: &Build, framework: Framework) -> bool {
    match framework {
        Framework::Spring => {
            let switched = build.setting("spring.ai.mcp.server.stdio");
            match switched {
                Some(setting) => setting.is_on(),
                // Without a web starter there is no other transport.
                None => build.needs(&["webmvc", "webflux", "spring-boot-starter-web"]).is_none(),
            }
        }
        Framework::Quarkus => {
            let off = build.setting("quarkus.mcp.server.stdio.enabled").is_some_and(|it| it.is_off() && it.usual);
            build.needs(&["quarkus-mcp-server-stdio"]).is_some() && !off
        }
    }
}

/// The network transport that a framework opens.
fn network(build: &Build, framework: Framework) -> Option<Network> {
    match framework {
        Framework::Spring => {
            let web = ["mcp-server-webmvc", "mcp-server-webflux"];
            let off = build.setting("spring.main.webapplicationtype").is_some_and(|it| it.value == "none" && it.usual);
            let stdio = build.setting("spring.ai.mcp.server.stdio").is_some_and(|it| it.is_on() && it.usual);
            if off || stdio || build.needs(SPRING).is_none() || build.needs(&web).is_none() {
                return None;
            }
            let protocol = build.setting("spring.ai.mcp.server.protocol").map(|it| it.value.to_ascii_uppercase());
            Some(if protocol.as_deref() == Some("SSE") { Network::Sse } else { Network::Http })
        }
        Framework::Quarkus => {
            // Its HTTP transport speaks both, since there was another.
            build.needs(&["quarkus-mcp-server-http", "quarkus-mcp-server-sse"]).map(|_| Network::Http)
        }
    }
}

fn framed(scan: &Scan<'_, '_>, build: &Build, framework: Framework, network: Network, server: &Place) -> Endpoint {
    let (mut bind, bind_place) = configured(build, framework, server);
    // With both transports, which of them is switched on is decided when it is built or started.
    if framework == Framework::Quarkus && speaks_stdio(build, framework) && bind == Bind::All {
        bind = Bind::Unknown;
    }
    let files = &build.closure;
    let host_check = match framework {
        Framework::Spring => protection::host_check(scan, files),
        Framework::Quarkus => protection::host_check_of_quarkus(scan, build, &bind),
    };
    Endpoint {
        place: server.clone(),
        network,
        bind,
        bind_place,
        authentication: protection::authentication(scan, Some(build), files),
        host_check,
        route: server.clone(),
        rate_limit: protection::rate_limit(scan, Some(build), files),
    }
}

fn endpoint(scan: &Scan<'_, '_>, known: &Known<'_>, network: Network, place: Place) -> Endpoint {
    let at = known.site.at;
    let build = scan.builds.around(scan.path(at));
    let files = build.map(|build| build.closure.clone()).unwrap_or_default();
    let of_spring = |&file: &usize| scan.program.units()[file].text.contains("org.springframework");
    let spring = build.filter(|build| build.needs(&["org.springframework", "spring-boot"]).is_some());
    let spring = spring.filter(|build| build.files.iter().any(of_spring));
    let (bind, bind_place) = match spring {
        Some(build) => configured(build, Framework::Spring, &place),
        None => (Bind::Unknown, place.clone()),
    };
    Endpoint {
        place: place.clone(),
        network,
        bind,
        bind_place,
        authentication: protection::authentication(scan, build, &files),
        host_check: protection::host_check(scan, &files),
        route: place,
        rate_limit: protection::rate_limit(scan, build, &files),
    }
}

/// What the settings say of the address. Without a word both listen everywhere.
fn configured(build: &Build, framework: Framework, server: &Place) -> (Bind, Place) {
    let key = match framework {
        Framework::Spring => "server.address",
        Framework::Quarkus => "quarkus.http.host",
    };
    match build.setting(key).filter(|setting| setting.usual) {
        Some(setting) => (bind(setting), setting.place.clone()),
        None => (Bind::All, server.clone()),
    }
}

/// `127.0.0.1`, `${HOST:0.0.0.0}`
fn bind(setting: &Setting) -> Bind {
    let value = setting.value.trim_matches(['"', '\'']);
    let default = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    match default.map(|inner| inner.split_once(':').map(|(_, default)| default)) {
        None => host(value),
        Some(None) => Bind::Unknown,
        Some(Some(default)) => match host(default) {
            Bind::Loopback => Bind::ConfiguredLoopback,
            Bind::All => Bind::ConfiguredAll,
            other => other,
        },
    }
}

fn host(name: &str) -> Bind {
    match name.trim_matches(['[', ']']) {
        "localhost" | "::1" => Bind::Loopback,
        "0.0.0.0" | "::" => Bind::All,
        name if name.starts_with("127.") => Bind::Loopback,
        "" => Bind::Unknown,
        name => Bind::Address(name.to_owned()),
    }
}

/// Whether something is in force, for those who only ask that.
pub(super) fn present(place: Option<Place>) -> Protection {
    place.map_or(Protection::Absent, Protection::Present)
}
