//! From the policy file to the exit code.

use std::process::ExitCode;

use mcpsec_runtime::run;

use crate::server::Everything;

async fn exit_code(policy: &str) -> ExitCode {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mcpsec.toml");
    std::fs::write(&path, policy).unwrap();
    run(path, || -> Everything { panic!("a handler was made under a policy that cannot be enforced") }).await
}

#[tokio::test]
async fn a_policy_that_cannot_be_enforced_is_exit_code_2_before_anything_runs() {
    let broken = [
        "version = 1\n[server]\nname = \"a\"\ntransports = [\"stdio\"]\n[limits]\ntimeuot = \"5s\"\n",
        "version = 1\n[server]\nname = \"a\"\ntransports = [\"stdio\"]\n[telemetry]\n",
        "version = 1\n[server]\nname = \"a\"\ntransports = [\"stdio\"]\n[audit]\nsink = \"file:absent/folder/audit.jsonl\"\n",
        "not toml",
    ];
    for policy in broken {
        assert_eq!(exit_code(policy).await, ExitCode::from(2), "{policy}");
    }
    let missing = run("/nonexistent/mcpsec.toml", Everything::new).await;
    assert_eq!(missing, ExitCode::from(2));
}

#[tokio::test]
async fn an_http_policy_without_authentication_is_exit_code_2() {
    let open = "version = 1\n[server]\nname = \"a\"\ntransports = [\"http\"]\nlisten = \"127.0.0.1:0\"\n";
    assert_eq!(exit_code(open).await, ExitCode::from(2));
}
