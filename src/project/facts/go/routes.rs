//! Whether a check stands before other routes only: `mux.Handle("/admin", guard(admin))` says nothing of `/mcp`.
//!
//! Only what is written down whole counts: the transport's own route has to be found, and every use of the check has to
//! stand in a route with another path. Otherwise the check may stand before the transport.

use super::{Scan, written};
use crate::project::{
    program::{At, Site},
    syntax::{Kind, Span},
};

/// Calls that bind a path to a handler.
const ROUTES: &[&str] = &["Handle", "HandleFunc", "Get", "Post", "Any", "GET", "POST", "ANY", "All", "Mount"];

/// A call that binds a path to a handler.
struct Route<'a> {
    site: Site<'a>,
    path: String,
}

impl<'a> Scan<'_, 'a> {
    /// Whether every one of these places stands in a route that is not the transport's.
    pub(super) fn is_elsewhere(&self, places: &[(usize, Span)], transport: (At, Span)) -> bool {
        if places.is_empty() {
            return false;
        }
        let routes = self.routes();
        let own: Vec<&Route<'a>> = routes.iter().filter(|route| self.leads(route, transport)).collect();
        if own.is_empty() {
            return false;
        }
        places.iter().all(|&(file, span)| {
            let mut around =
                routes.iter().filter(|it| it.site.at.file == file && it.site.span.contains(span)).peekable();
            around.peek().is_some() && around.all(|route| own.iter().all(|own| !covers(&route.path, &own.path)))
        })
    }

    /// Where a check is used: where the function around it is named, or, if nobody names that, where it stands.
    pub(super) fn uses(&self, check: At) -> Vec<(usize, Span)> {
        let function = self.around(check).filter(|at| at.function != 0).last().unwrap_or(check);
        let mut found = Vec::new();
        for &file in
            self.files.iter().filter(|&&file| self.related(function.file, file) || self.is_beside(function.file, file))
        {
            self.program.units()[file].expressions(&mut |owner, expression| {
                if matches!(expression.kind, Kind::Name(_) | Kind::Member(..))
                    && self.program.function(At { file, function: owner }, expression) == Some(function)
                {
                    found.push((file, expression.span));
                }
            });
        }
        if found.is_empty() && check == function {
            // `main` checks nothing itself: its closures do.
            let closures = self.program.units()[check.file].module.functions.iter();
            let inside = closures.filter(|closure| closure.parent == Some(check.function));
            found.extend(inside.map(|closure| (check.file, closure.span)));
        } else if found.is_empty() {
            found.push((check.file, self.program.function_at(check).span));
        }
        found
    }

    /// Whether two files are of one package.
    fn is_beside(&self, a: usize, b: usize) -> bool {
        let folder = |file: usize| self.program.units()[file].path.rsplit_once('/').map_or("", |(folder, _)| folder);
        folder(a) == folder(b)
    }

    fn routes(&self) -> Vec<Route<'a>> {
        let calls = self.calls.iter().filter(|known| ROUTES.contains(&written(known.site.call)));
        let route = calls.filter_map(|known| {
            let text = self.program.text(known.site.at, known.site.call.positional(0)?)?;
            // Since Go 1.22 a method may stand before the path.
            let path = text.split_once(' ').map_or(text.as_str(), |(_, path)| path).to_owned();
            path.starts_with('/').then_some(Route { site: known.site, path })
        });
        route.collect()
    }

    /// Whether a route's handler is a transport, in place or by name.
    fn leads(&self, route: &Route<'a>, (at, span): (At, Span)) -> bool {
        let mut found = route.site.at.file == at.file && route.site.span.contains(span);
        for argument in route.site.call.arguments.iter().skip(1) {
            argument.value.walk(&mut |part| {
                if matches!(part.kind, Kind::Name(_) | Kind::Member(..)) {
                    let origins = self.program.origins(route.site.at, part);
                    found |= origins.iter().any(|(owner, origin)| owner.file == at.file && origin.span == span);
                }
            });
        }
        found
    }
}

/// Whether what stands before one path stands before another, too.
fn covers(path: &str, other: &str) -> bool {
    let trunk = path.trim_end_matches('*').trim_end_matches('/');
    other == path || other.strip_prefix(trunk).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
