//! A pattern is decided for any target, and without a rule that names the caller nothing is allowed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcpsec_policy::{Call, Identity, Policy, decide, model::AccessRule};

fuzz_target!(|input: (&str, &str, &str)| {
    let (pattern, method, target) = input;
    let call = Call { method, target: Some(target) };
    let nobody = decide(&Policy::default(), &Identity::local(), call).is_allowed();
    let mut policy = Policy::default();
    policy.access.rules.push(AccessRule { who: vec!["key:ab12cd34".to_owned()], may: vec![pattern.to_owned()] });
    assert_eq!(decide(&policy, &Identity::local(), call).is_allowed(), nobody);
    policy.access.rules[0].who.push("local".to_owned());
    let _ = decide(&policy, &Identity::local(), call);
});
