//! Limiters of Go servers that do not limit.

use super::{Known, Scan, written};
use crate::project::syntax::{Expression, Function, Kind};

/// Calls in a window above which a limit limits nobody.
const MANY: f64 = 10_000.0;

/// The token bucket of the extended standard library.
pub(super) const BUCKET: &str = "golang.org/x/time/rate.NewLimiter";

/// Why a limiter does not limit.
pub(super) fn weakness<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>) -> Option<String> {
    let call = known.site.call;
    match written(call) {
        "NewLimiter" if known.symbol == BUCKET => bucket(scan, known),
        "NewLimiter" if known.symbol.contains("tollbooth") => number(call.positional(0)?).and_then(huge),
        "LimitAll" => Some("all callers share one limit".to_owned()),
        "LimitByIP" | "LimitByRealIP" | "Limit" | "NewRateLimiter" => number(call.positional(0)?).and_then(huge),
        _ => None,
    }
}

/// `rate.NewLimiter(rate.Inf, 1)`; one that a request makes for itself is always full.
fn bucket<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>) -> Option<String> {
    let call = known.site.call;
    let limit = call.positional(0)?;
    if scan.program.symbol(known.site.at, limit).as_deref() == Some("golang.org/x/time/rate.Inf") {
        return Some("it is infinite".to_owned());
    }
    if let Some(weakness) = number(limit).and_then(huge) {
        return Some(weakness);
    }
    let function = scan.program.function_at(known.site.at);
    let answers = function.parameters.iter().any(|parameter| {
        parameter.annotation.as_ref().is_some_and(|annotation| annotation.text.contains("http.ResponseWriter"))
    });
    let mut asks = false;
    function.expressions(&mut |expression| {
        asks |= expression.call().is_some_and(|call| matches!(written(call), "Allow" | "Wait" | "AllowN"));
    });
    (answers && asks && !stored(function)).then(|| "each request makes a limiter of its own".to_owned())
}

/// The limiter is put into a map or field: the next request finds it.
fn stored(function: &Function) -> bool {
    let mut stored = false;
    function.expressions(&mut |expression| match &expression.kind {
        Kind::Assign(target, _) => stored |= matches!(target.kind, Kind::Index(..) | Kind::Member(..)),
        Kind::Call(call) => stored |= matches!(written(call), "Store" | "LoadOrStore" | "Set" | "Add"),
        _ => {}
    });
    stored
}

fn number(expression: &Expression) -> Option<f64> {
    match &expression.kind {
        Kind::Number(number) => number.replace('_', "").parse().ok(),
        _ => None,
    }
}

fn huge(count: f64) -> Option<String> {
    (count > MANY).then(|| format!("{count} calls are more than anybody makes"))
}
