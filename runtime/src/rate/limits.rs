//! Which limits a call has: its method's, its tool's, and those of the rules that match it.

use std::{collections::BTreeMap, time::Duration};

use http::HeaderValue;
use mcpsec_policy::{
    Call, Policy, Rate,
    model::{Per, RateRule, Window},
    units::show_duration,
};

use super::Standing;
use crate::guard::{Facts, Kind};

/// One limit.
#[derive(Debug)]
pub(crate) struct Limit {
    /// As it is called in headers and in the store: the same in every replica.
    pub(crate) name: String,
    pub(crate) rate: Rate,
    pub(crate) window: Window,
    pub(crate) per: Per,
    /// What a caller over it is told.
    pub(crate) excess: String,
    /// Its number among those that the same callers share.
    pub(super) place: usize,
    /// `RateLimit-Policy`.
    header: Option<HeaderValue>,
}

impl Limit {
    /// Whether each caller has its own.
    pub(crate) fn is_own(&self) -> bool {
        self.per == Per::Client
    }
}

/// All limits of a policy.
pub(crate) struct Limits {
    pub(crate) all: Vec<Limit>,
    /// By tool, its limit.
    tools: BTreeMap<String, usize>,
    /// Rules and their limits.
    rules: Vec<(RateRule, usize)>,
    /// By [`Kind`], the rules that could match.
    by_kind: Vec<Vec<usize>>,
}

/// The limits of one call. No allocation where no rule matches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chosen {
    method: usize,
    tool: Option<usize>,
    rules: Vec<usize>,
}

impl Chosen {
    /// Their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        std::iter::once(self.method).chain(self.tool).chain(self.rules.iter().copied())
    }
}

impl Limits {
    pub(crate) fn new(policy: &Policy) -> Self {
        let rates = &policy.rate;
        let mut limits = Self { all: Vec::new(), tools: BTreeMap::new(), rules: Vec::new(), by_kind: Vec::new() };
        for kind in Kind::ALL {
            let method = kind.method();
            let rate = rates.methods.get(method).copied().unwrap_or(rates.default);
            let excess = format!("too many `{method}` calls");
            limits.add(method.to_owned(), rate, rates.window, Per::Client, excess);
        }
        for (name, rate) in policy.tools.iter().filter_map(|(name, tool)| Some((name, tool.rate?))) {
            let excess = format!("too many calls of the tool `{name}`");
            let place = limits.add(format!("tool {name}"), rate, rates.window, Per::Client, excess);
            limits.tools.insert(name.clone(), place);
        }
        for rule in &rates.rules {
            let whose = match rule.per {
                Per::Client => "",
                Per::Tenant => " of this tenant",
                Per::Server => " of all clients together",
            };
            let (matching, window) = (&rule.matching, rule.window.unwrap_or(rates.window));
            let excess = format!("too many calls{whose}: `{matching}` is limited to {}", rule.limit);
            let name = format!("{matching} {} {window:?}", rule.limit);
            let place = limits.add(name, rule.limit, window, rule.per, excess);
            limits.rules.push((rule.clone(), place));
        }
        limits.by_kind = Kind::ALL.iter().map(|kind| limits.rules_for(*kind)).collect();
        limits
    }

    fn add(&mut self, name: String, rate: Rate, window: Window, per: Per, excess: String) -> usize {
        let place = self.all.iter().filter(|limit| limit.per == per).count();
        let header = format!("{}{}", quoted(&name), Quota { rate });
        let header = HeaderValue::from_str(&header).ok();
        self.all.push(Limit { name, rate, window, per, excess, place, header });
        self.all.len() - 1
    }

    /// The rules that a call of this kind could match, by their method alone.
    fn rules_for(&self, kind: Kind) -> Vec<usize> {
        let named_by_client = matches!(kind, Kind::CustomRequest | Kind::OnCustomNotification);
        let could = |rule: &RateRule| {
            let method = rule.matching.split(':').next().unwrap_or_default();
            let rule = RateRule { matching: method.to_owned(), ..rule.clone() };
            named_by_client || rule.matches(Call { method: kind.method(), target: None })
        };
        self.rules.iter().enumerate().filter(|(_, (rule, _))| could(rule)).map(|(at, _)| at).collect()
    }

    /// The limits of a call. `shared` says whether it also takes from what callers share: it must not where the caller may
    /// not make the call, or a stranger could use up what belongs to others. It is asked only where there is such a limit.
    pub(crate) fn of(&self, facts: &Facts, shared: impl Fn() -> bool) -> Chosen {
        let kind = facts.kind as usize;
        let target = facts.target.as_deref();
        let tool = target.filter(|_| facts.kind == Kind::CallTool).and_then(|tool| self.tools.get(tool).copied());
        let call = Call { method: &facts.method, target };
        let mut rules = Vec::new();
        let mut may_share = None;
        for (rule, place) in self.by_kind[kind].iter().map(|at| &self.rules[*at]) {
            if rule.matches(call) && (rule.per == Per::Client || *may_share.get_or_insert_with(&shared)) {
                rules.push(*place);
            }
        }
        Chosen { method: kind, tool, rules }
    }

    /// The headers of `draft-ietf-httpapi-ratelimit-headers` for an answer: `RateLimit-Policy` and `RateLimit`.
    pub(crate) fn headers(&self, standing: Standing) -> Option<(HeaderValue, HeaderValue)> {
        let limit = &self.all[standing.limit];
        let seconds = standing.reset.as_secs() + u64::from(standing.reset.subsec_nanos() > 0);
        let state = format!("{};r={};t={seconds}", quoted(&limit.name), standing.left);
        Some((limit.header.clone()?, HeaderValue::from_str(&state).ok()?))
    }
}

/// A name as a String of structured fields (RFC 9651), which has only printable ASCII.
fn quoted(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() && !matches!(c, '"' | '\\') || c == ' ' { c } else { '?' };
    format!("\"{}\"", name.chars().map(plain).collect::<String>())
}

/// The parameters of a quota policy. A window that is no whole number of seconds is left out: the draft has no other.
struct Quota {
    rate: Rate,
}

impl std::fmt::Display for Quota {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, ";q={}", self.rate.count)?;
        match self.rate.period {
            period if period.subsec_nanos() == 0 && period != Duration::ZERO => write!(f, ";w={}", period.as_secs()),
            _ => Ok(()),
        }
    }
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown =
            |limit: &Limit| format!("{}: {}/{}", limit.name, limit.rate.count, show_duration(limit.rate.period));
        f.debug_list().entries(self.all.iter().map(shown)).finish()
    }
}

#[cfg(test)]
mod tests {
    use mcpsec_policy::model::RATED_METHODS;

    use super::*;
    use crate::guard::testing::facts;

    #[test]
    fn the_policy_names_every_method_that_has_a_rate() {
        assert_eq!(Kind::ALL.map(Kind::method), RATED_METHODS);
    }

    #[test]
    fn what_callers_share_is_not_taken_by_one_who_may_not() {
        let mut policy = Policy::default();
        let rule =
            |per| RateRule { matching: "tools/call:a*".to_owned(), limit: Rate::per_minute(1), per, window: None };
        policy.rate.rules = vec![rule(Per::Client), rule(Per::Server)];
        let limits = Limits::new(&policy);
        let count = |tool, may| limits.of(&facts(Kind::CallTool, Some(tool)), || may).iter().count();
        assert_eq!((count("abc", true), count("abc", false), count("b", true)), (3, 2, 1));
        assert_eq!(limits.of(&facts(Kind::ListTools, None), || unreachable!("nothing is shared")).iter().count(), 1);
    }

    #[test]
    fn headers_are_structured_fields() {
        let mut policy = Policy::default();
        policy.rate.default = Rate::per_minute(5);
        let limits = Limits::new(&policy);
        let standing = Standing { limit: Kind::CallTool as usize, left: 3, reset: Duration::from_millis(1_001) };
        let (quota, state) = limits.headers(standing).unwrap();
        assert_eq!(
            (quota.to_str().unwrap(), state.to_str().unwrap()),
            ("\"tools/call\";q=5;w=60", "\"tools/call\";r=3;t=2")
        );
        assert_eq!(quoted("tool ä\"\\\n"), "\"tool ????\"");
    }
}
