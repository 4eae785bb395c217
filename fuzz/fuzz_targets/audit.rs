//! Any bytes are an audit log or not; reading them ends, and one that was written by us is whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mcpsec::audit::{
    Entry, cef, ocsf,
    verify::{Expected, Verification},
};
use mcpsec_policy::audit_log::{Chain, Link};

fuzz_target!(|bytes: &[u8]| {
    let mut verification = Verification::new(Expected::default());
    verification.file("audit.jsonl", Some(1), &mut &*bytes).expect("bytes can be read");
    verification.finish();
    let (mut chain, mut written) = (Chain::default(), Vec::new());
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Some(entry) = Entry::parse(line) {
            assert!(!cef::line(&entry).contains('\n'));
            assert_eq!(ocsf::event(&entry)["class_uid"], 6003);
        }
        chain.append(&mut written, |out| out.extend_from_slice(line));
    }
    for line in written.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        assert!(Link::parse(line).expect("a link").intact);
    }
    let mut verification = Verification::new(Expected::default());
    verification.file("audit.jsonl", None, &mut &*written).expect("bytes can be read");
    assert!(verification.finish().findings.iter().all(|finding| !finding.message.contains("hash")));
});
