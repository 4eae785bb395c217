//! Transcripts of the command in `tests/cmd`: what a person types and reads. `TRYCMD=overwrite cargo test` renews them.

#[test]
fn transcripts_show_what_the_command_prints() {
    trycmd::TestCases::new().env("COLUMNS", "100").case("tests/cmd/*.trycmd");
}
