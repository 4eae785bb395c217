//! A token that anybody can write.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Flaw},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "jwt-unverified",
    group: "auth",
    title: "a token is believed without proof",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-347", "CWE-345", "MCP07", "MCP specification: servers must validate access tokens"],
    docs: "
A JSON Web Token is text that anybody can write. What makes it worth anything is its signature, checked with the issuer's
key. Reading it without that check, accepting the algorithm `none`, or ignoring its date takes the caller's word for who
the caller is.

Verify: `jwtVerify` of jose or `jwt.verify` in TypeScript, `jwt.decode` with key and algorithms in Python, `decode` with a
`DecodingKey` in Rust, `jwt.Parse` in Go. Name the algorithms. Decode without proof only to find the key, and verify afterwards.

Reading without proof is reported with medium confidence where the code around deals with requests, and as a guess
elsewhere: a client may look at its own token's date. Where another call of the same file verifies, reading is not
reported. Projects that do not listen on a network are not asked.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for token in project.facts.conduct.token_checks.iter().filter(|token| token.flaw != Flaw::Audience) {
        let (message, severity) = match token.flaw {
            Flaw::Signature | Flaw::Audience => ("reads a token and does not check its signature", Severity::Critical),
            Flaw::NoneAccepted => ("accepts tokens without a signature", Severity::Critical),
            Flaw::Expiry => ("accepts tokens that have expired", Severity::Medium),
        };
        let sure = match token.flaw {
            Flaw::NoneAccepted | Flaw::Expiry => Confidence::High,
            Flaw::Signature | Flaw::Audience if token.of_callers => Confidence::Medium,
            Flaw::Signature | Flaw::Audience => Confidence::Low,
        };
        let (severity, confidence) = context::weigh(project, &token.place, severity, sure);
        findings.push(Finding {
            severity,
            confidence,
            ..context::finding(
                project,
                &RULE,
                token.place.clone(),
                format!("`{}` {message}", token.written),
                "whoever writes a token, or keeps an old one, is whom it says",
                "verify the signature with the issuer's key, named algorithms and the date",
            )
        });
    }
}
