//! Who may do what, and who used it when: the table of an access review.
//!
//! Callers that only a token names are known once they are seen, and then what rules grant them by name. It does **not**
//! know what scopes their tokens held.

use std::collections::BTreeMap;

use mcpsec_policy::{
    Call, Identity, KeyStore, Policy, ProvenBy,
    decide::{covers, entitlements},
    model::Transport,
};
use serde::Serialize;

use super::Entry;

/// One caller and what it may do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Subject {
    /// As in audit records: `local`, `key:ID` and so on.
    pub subject: String,
    /// What people call the key.
    pub name: Option<String>,
    /// What it was granted.
    pub scopes: Vec<String>,
    /// When its key ends, in seconds since 1970.
    pub expires: Option<u64>,
    /// Whether the policy knows it; else it only comes in the log.
    pub known: bool,
    /// What it may do, as the rules say, and how often it did.
    pub entitlements: Vec<Entitlement>,
    /// Decisions against it.
    pub refused: u64,
    /// Time of its last record.
    pub last_seen: Option<String>,
}

/// One entry of a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entitlement {
    /// `method` or `method:target`, with patterns.
    pub may: String,
    /// Calls that ran under it.
    pub uses: u64,
    /// Time of the last one.
    pub last_used: Option<String>,
}

/// The table, and the time that the log covers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Review {
    /// Time of the first decision.
    pub from: Option<String>,
    /// Time of the last.
    pub to: Option<String>,
    /// Every caller that the policy or the log names.
    pub subjects: Vec<Subject>,
}

/// Counts uses, record by record.
pub struct Reviewer {
    policy: Policy,
    subjects: BTreeMap<String, Subject>,
    from: Option<String>,
    to: Option<String>,
}

impl Reviewer {
    /// Everybody who may call under `policy` with the keys of `keys`.
    pub fn new(policy: &Policy, keys: &KeyStore) -> Self {
        let mut reviewer = Self { policy: policy.clone(), subjects: BTreeMap::new(), from: None, to: None };
        for who in policy.access.rules.iter().flat_map(|rule| &rule.who).chain(policy.access.roles.values().flatten()) {
            if let Some(identity) = named(who) {
                reviewer.know(&identity);
            }
        }
        if policy.server.transports.contains(&Transport::Stdio) {
            reviewer.know(&Identity::local());
        }
        if policy.auth.insecure_allow_anyone {
            reviewer.know(&Identity::anonymous());
        }
        for record in keys.records() {
            let subject = reviewer.know(&record.identity());
            subject.name.clone_from(&record.name);
            let expires = record.expires.and_then(|it| it.duration_since(std::time::SystemTime::UNIX_EPOCH).ok());
            subject.expires = expires.map(|since| since.as_secs());
        }
        reviewer
    }

    fn know(&mut self, identity: &Identity) -> &mut Subject {
        let granted = granted(&self.policy, identity);
        let subject = self.subject(&identity.subject);
        subject.known = true;
        subject.scopes = identity.scopes.iter().cloned().collect();
        subject.entitlements = granted;
        subject
    }

    fn subject(&mut self, name: &str) -> &mut Subject {
        let policy = &self.policy;
        self.subjects.entry(name.to_owned()).or_insert_with(|| Subject {
            subject: name.to_owned(),
            name: None,
            scopes: Vec::new(),
            expires: None,
            known: false,
            entitlements: named(name).map(|identity| granted(policy, &identity)).unwrap_or_default(),
            refused: 0,
            last_seen: None,
        })
    }

    /// Takes a decision into account.
    pub fn add(&mut self, entry: &Entry) {
        if !entry.is_decision() {
            return;
        }
        self.from.get_or_insert_with(|| entry.time.clone());
        self.to = Some(entry.time.clone());
        let subject = self.subject(&entry.client);
        subject.last_seen = Some(entry.time.clone());
        if entry.verdict == "refused" {
            subject.refused += 1;
            return;
        }
        let call = Call { method: &entry.method, target: entry.target.as_deref() };
        for entitlement in subject.entitlements.iter_mut().filter(|it| covers(&it.may, call)) {
            entitlement.uses += 1;
            entitlement.last_used = Some(entry.time.clone());
        }
    }

    /// The table.
    pub fn finish(self) -> Review {
        Review { from: self.from, to: self.to, subjects: self.subjects.into_values().collect() }
    }
}

fn granted(policy: &Policy, identity: &Identity) -> Vec<Entitlement> {
    let entitlement = |may: &str| Entitlement { may: may.to_owned(), uses: 0, last_used: None };
    entitlements(policy, identity).map(entitlement).collect()
}

/// The caller that `who` names, if it is one caller that needs no entry in the key file.
fn named(who: &str) -> Option<Identity> {
    let proven_by = match who.split_once(':')?.0 {
        "token" => ProvenBy::Token,
        "user" => ProvenBy::Jwt,
        "cert" => ProvenBy::Certificate,
        "uid" => ProvenBy::Peer,
        _ => return None,
    };
    (!who.contains('*')).then(|| Identity::new(who, proven_by))
}
