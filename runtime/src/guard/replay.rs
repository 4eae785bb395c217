//! Refuses a call that changes things and was there before.
//!
//! A proxy that tries again, a client that sends twice, or somebody who recorded a request would make a tool act twice.
//! With `auth.replay.nonces`, such a call brings in its `_meta` a nonce that this caller never used before
//! ([`NONCE`], 16 to 128 printable characters) and the time ([`TIME`], seconds since 1970) within `window`. With
//! `auth.replay.tokens_once`, the `jti` of its token counts once. Calls of tools that are marked read-only, and lists and
//! reads, need neither; on stdio nobody stands in between.
//!
//! It does **not** protect against who holds the credential itself: a nonce can be thought up by anybody who may call.
//! What is remembered is in the memory of this process: another replica does not know it, and a restart forgets it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::future::{BoxFuture, ready};
use mcpsec_policy::{Identity, Policy, ProvenBy, model};

use super::{Call, Context, Guard, Kind, Next, Outcome, Refusal};

/// Where a nonce is, in `_meta`.
const NONCE: &str = "io.github.mcpsec/nonce";
/// Where the time is, in `_meta`.
const TIME: &str = "io.github.mcpsec/time";
/// A token is remembered for this long after its end: no leeway is larger.
const LEEWAY: Duration = Duration::from_secs(300);
/// How much of the memory one caller may fill, so that it cannot refuse calls to the others.
const SHARE: usize = 10;

/// What was there before.
trait Memory: Send + Sync {
    /// Remembers `mark` of `subject` until `until`.
    fn remember<'a>(
        &'a self,
        subject: &'a str,
        mark: String,
        until: SystemTime,
        now: SystemTime,
    ) -> BoxFuture<'a, Seen>;
}

/// What a memory says of a mark.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Seen {
    First,
    Before,
    /// There is no place to remember it.
    Full,
}

/// The memory of this process.
struct Local {
    most: usize,
    marks: Mutex<Marks>,
}

/// Marks and their ends, by subject.
#[derive(Default)]
struct Marks {
    of: HashMap<String, HashMap<String, SystemTime>>,
    count: usize,
}

impl Marks {
    fn forget(&mut self, now: SystemTime) {
        self.of.values_mut().for_each(|own| own.retain(|_, until| now < *until));
        self.of.retain(|_, own| !own.is_empty());
        self.count = self.of.values().map(HashMap::len).sum();
    }
}

impl Local {
    fn new(most: usize) -> Self {
        Self { most, marks: Mutex::default() }
    }

    fn see(&self, subject: &str, mark: String, until: SystemTime, now: SystemTime) -> Seen {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        let known = marks.of.get(subject).and_then(|own| own.get(&mark)).copied();
        if known.is_some_and(|until| now < until) {
            return Seen::Before;
        }
        let share = self.most.div_ceil(SHARE);
        let is_full =
            |marks: &Marks| self.most <= marks.count || share <= marks.of.get(subject).map_or(0, HashMap::len);
        if is_full(&marks) {
            marks.forget(now);
            if is_full(&marks) {
                return Seen::Full;
            }
        }
        if marks.of.entry(subject.to_owned()).or_default().insert(mark, until).is_none() {
            marks.count += 1;
        }
        Seen::First
    }
}

impl Memory for Local {
    fn remember<'a>(
        &'a self,
        subject: &'a str,
        mark: String,
        until: SystemTime,
        now: SystemTime,
    ) -> BoxFuture<'a, Seen> {
        Box::pin(ready(self.see(subject, mark, until, now)))
    }
}

/// `[auth.replay]`, ready.
pub(crate) struct Replay {
    rules: model::Replay,
    memory: Box<dyn Memory>,
}

impl Replay {
    pub(crate) fn new(policy: &Policy) -> Self {
        let rules = policy.auth.replay.clone();
        let memory = Local::new(rules.remembered);
        Self { rules, memory: Box::new(memory) }
    }

    /// What has to be new about this call, and until when it is remembered.
    fn marks(&self, call: &Call, caller: &Identity, now: SystemTime) -> Result<Vec<(String, SystemTime)>, Refusal> {
        let mut marks = Vec::new();
        if self.rules.nonces {
            marks.push(self.nonce(call, now)?);
        }
        if self.rules.tokens_once && caller.proven_by == ProvenBy::Jwt {
            let (Some(id), Some(until)) = (&caller.credential, caller.valid_until) else {
                return Err(Refusal::access("the token has no `jti`, so it could serve twice", Vec::new()));
            };
            marks.push((format!("jti {id}"), until + LEEWAY));
        }
        Ok(marks)
    }

    fn nonce(&self, call: &Call, now: SystemTime) -> Result<(String, SystemTime), Refusal> {
        let refused = |why: &'static str| Err(Refusal::malformed(why));
        let Context::Request(context) = &call.context else { return refused("a changing call is a request") };
        let nonce = context.meta.get(NONCE).and_then(|value| value.as_str());
        let time = context.meta.get(TIME).and_then(|value| value.as_f64());
        let (Some(nonce), Some(time)) = (nonce, time) else {
            return refused("this call changes something and needs a nonce and a time: see `auth.replay`");
        };
        if !(16..=128).contains(&nonce.len()) || !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            return refused("a nonce has 16 to 128 printable characters");
        }
        let time = Duration::try_from_secs_f64(time).ok().and_then(|since| UNIX_EPOCH.checked_add(since));
        let off = |time: SystemTime| time.duration_since(now).unwrap_or_else(|earlier| earlier.duration());
        match time.filter(|time| off(*time) <= self.rules.window) {
            Some(time) => Ok((format!("nonce {nonce}"), time + self.rules.window)),
            None => refused("the time of this call is too far from the server's"),
        }
    }
}

/// Whether a call may change something, as far as its method and the tool's own mark say.
fn changes(call: &Call, next: &Next<'_>) -> bool {
    match call.facts.kind {
        Kind::CallTool => {
            let tool = call.facts.target.as_deref().and_then(|name| next.endpoint().tool(name));
            let read_only = tool.and_then(|tool| tool.annotations).and_then(|marks| marks.read_only_hint);
            read_only != Some(true)
        }
        Kind::UpdateTask | Kind::CustomRequest => true,
        _ => false,
    }
}

impl Guard for Replay {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        let asked = self.rules.nonces || self.rules.tokens_once;
        let caller = call.facts.caller.clone().filter(|caller| caller.proven_by != ProvenBy::Parent);
        let Some(caller) = caller.filter(|_| asked && changes(&call, &next)) else { return next.run(call) };
        Box::pin(async move {
            let now = SystemTime::now();
            for (mark, until) in self.marks(&call, &caller, now)? {
                match self.memory.remember(&caller.subject, mark, until, now).await {
                    Seen::First => {}
                    Seen::Before => return Err(Refusal::access("this call was there before", Vec::new())),
                    Seen::Full => return Err(Refusal::busy("too many calls are remembered", self.rules.window)),
                }
            }
            next.run(call).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_counts_once_until_its_time_and_one_caller_cannot_fill_the_memory() {
        let memory = Local::new(20);
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let see = |subject: &str, mark: &str, now| memory.see(subject, mark.to_owned(), at(100), at(now));
        assert_eq!(see("ann", "a", 0), Seen::First);
        assert_eq!(see("ann", "a", 99), Seen::Before);
        assert_eq!(see("bob", "a", 99), Seen::First);
        assert_eq!(see("ann", "b", 0), Seen::First);
        assert_eq!(see("ann", "c", 0), Seen::Full);
        assert_eq!(see("bob", "c", 0), Seen::First);
        assert_eq!(memory.see("ann", "a".to_owned(), at(200), at(100)), Seen::First);
        assert_eq!(memory.see("ann", "a".to_owned(), at(200), at(101)), Seen::Before);
    }
}
