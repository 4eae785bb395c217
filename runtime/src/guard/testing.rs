//! Facts of calls that the guards' own tests judge.

use std::sync::Arc;

use mcpsec_policy::Identity;

use super::{Facts, Kind};

/// A local call.
pub(crate) fn facts(kind: Kind, target: Option<&str>) -> Facts {
    Facts {
        request_id: "0123456789abcdef".to_owned(),
        kind,
        method: kind.method().into(),
        target: target.map(str::to_owned),
        caller: Some(Arc::new(Identity::local())),
        transport: "stdio",
        modern: false,
        slot: None,
    }
}

/// A local call of a method that rmcp does not know, or whose parameters it could not read.
pub(crate) fn custom(method: &str) -> Facts {
    Facts { method: method.to_owned().into(), ..facts(Kind::CustomRequest, None) }
}
