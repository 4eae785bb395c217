use super::{Hidden, find, neutralize};

#[track_caller]
fn reports(text: &str, expected: &[(&str, &str)]) {
    let found: Vec<_> = find(text).into_iter().map(|hidden| (hidden.class, &text[hidden.range])).collect();
    assert_eq!(found, expected, "in {text:?}");
}

#[test]
fn each_class_is_named() {
    reports("a\u{E0041}\u{E0042}b", &[("tag character", "\u{E0041}\u{E0042}")]);
    reports("a\u{202E}b", &[("bidirectional override", "\u{202E}")]);
    reports("a\u{2066}b", &[("bidirectional override", "\u{2066}")]);
    reports("a\u{200B}b", &[("zero-width character", "\u{200B}")]);
    reports("a\u{FEFF}b", &[("zero-width character", "\u{FEFF}")]);
    reports("a\u{FE01}b", &[("variation selector", "\u{FE01}")]);
    reports("a\u{E000}b", &[("private-use character", "\u{E000}")]);
    reports("a\0b", &[("control character", "\0")]);
    reports("a\u{85}b", &[("C1 control character", "\u{85}")]);
    reports("a\u{2063}b", &[("invisible operator", "\u{2063}")]);
    reports("a\u{3164}b", &[("blank Hangul filler", "\u{3164}")]);
    reports("a\u{AD}b", &[("format character", "\u{AD}")]);
    reports("a\u{200E}b", &[("direction mark", "\u{200E}")]);
    reports("a\u{FFFF}b", &[("noncharacter", "\u{FFFF}")]);
}

#[test]
fn an_escape_sequence_is_one_finding() {
    reports(
        "a\x1b[31;1mred\x1b[0m",
        &[("terminal escape sequence", "\x1b[31;1m"), ("terminal escape sequence", "\x1b[0m")],
    );
    reports("\x1b]8;;https://evil\x07x", &[("terminal escape sequence", "\x1b]8;;https://evil\x07")]);
    reports("\x1b]0;t\x1b\\x", &[("terminal escape sequence", "\x1b]0;t\x1b\\")]);
    reports("\u{9b}31mx", &[("terminal escape sequence", "\u{9b}31m")]);
    reports("\x1b", &[("terminal escape sequence", "\x1b")]);
    // Never finished: only the introducer is one, the rest is text that a person can read.
    reports("\x1b]plain\nnext", &[("terminal escape sequence", "\x1b]")]);
    reports("\x1b[äb", &[("terminal escape sequence", "\x1b[")]);
}

#[test]
fn what_writing_needs_is_quiet() {
    for text in [
        "plain text\r\n\twith tabs",
        "\u{FEFF}starts with a byte order mark",
        "family 👩\u{200D}👩\u{200D}👧 and ❤\u{FE0F}\u{200D}🔥",
        "👩🏽\u{200D}⚕\u{FE0F}",
        "keycap 1\u{FE0F}\u{20E3}",
        "Persian می\u{200C}خواهم",
        "Hindi क्\u{200D}ष",
        "ideograph 葛\u{E0100}",
        "England 🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}!",
        "Hebrew שלום\u{200F}!",
        "العربية \u{200E}نص",
        "naïve façade — “quotes” … ½ € 漢字 한글 ✓",
    ] {
        reports(text, &[]);
    }
}

#[test]
fn what_looks_like_writing_but_carries_data_is_reported() {
    // Selectors after an emoji that already has one: one byte each.
    reports("😀\u{E0101}\u{E0102}", &[("variation selector", "\u{E0101}\u{E0102}")]);
    reports("❤\u{FE0F}\u{FE0F}", &[("variation selector", "\u{FE0F}\u{FE0F}")]);
    // A flag whose tags spell something else.
    reports("🏴\u{E0061}\u{E007F}", &[("tag character", "\u{E0061}\u{E007F}")]);
    reports("latin\u{200D}latin", &[("zero-width character", "\u{200D}")]);
    reports("😀\u{200D}a", &[("zero-width character", "\u{200D}")]);
    reports("می\u{200C}", &[("zero-width character", "\u{200C}")]);
}

#[test]
fn marks_are_visible_and_count_a_run() {
    assert_eq!(neutralize("a\u{202E}b"), "a[U+202E]b");
    assert_eq!(neutralize("a\u{E0041}\u{E0042}\u{E0043}b"), "a[U+E0041 and 2 more]b");
    assert_eq!(neutralize("\x1b[31mred"), "[U+001B and 4 more]red");
    assert!(matches!(neutralize("nothing hidden"), std::borrow::Cow::Borrowed(_)));
    assert!(matches!(neutralize("❤\u{FE0F}"), std::borrow::Cow::Borrowed(_)));
}

#[test]
fn neutral_text_has_nothing_hidden_left_and_no_text_panics() {
    let pieces = [
        "a",
        " ",
        "\x1b",
        "[",
        "]",
        "\\",
        "\x07",
        "3",
        "m",
        "\u{9b}",
        "\u{200D}",
        "\u{FE0F}",
        "😀",
        "\u{E0041}",
        "ä",
        "\u{1F3F4}",
        "\u{E007F}",
        "\u{FEFF}",
        "\n",
        "\0",
        "漢",
        "م",
        "\u{200C}",
        "\u{E0100}",
        "\u{202E}",
    ];
    let mut state = 7_u32;
    for _ in 0..5_000 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(pieces[(state >> 16) as usize % pieces.len()]);
        }
        let mut end = 0;
        for Hidden { range, .. } in find(&text) {
            assert!(end <= range.start && range.start < range.end && text.get(range.clone()).is_some(), "{text:?}");
            end = range.end;
        }
        let clean = neutralize(&text);
        assert!(find(&clean).is_empty(), "{text:?} became {clean:?}");
    }
}
