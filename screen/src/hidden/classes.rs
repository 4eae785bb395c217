//! Which code points are hidden, by class.

/// LRM, RLM and ALM.
pub(super) const MARK: &str = "direction mark";
/// Zero width space, joiner, non-joiner, word joiner, byte order mark.
pub(super) const ZERO_WIDTH: &str = "zero-width character";
/// Choose among shapes of the character before; 256 of them can carry any byte.
pub(super) const SELECTOR: &str = "variation selector";

/// The class of a hidden character; `None` for all others.
pub(super) fn of(c: char) -> Option<&'static str> {
    if matches!(c, ' '..='~' | '\n' | '\r' | '\t') {
        return None;
    }
    Some(match c {
        '\0'..='\x1F' | '\x7F' => "control character",
        '\u{80}'..='\u{9F}' => "C1 control character",
        // An invisible copy of ASCII, which some models read as text.
        '\u{E0000}'..='\u{E007F}' => "tag character",
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => "bidirectional override",
        '\u{200E}' | '\u{200F}' | '\u{061C}' => MARK,
        '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{180E}' => ZERO_WIDTH,
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{180B}'..='\u{180D}' | '\u{180F}' => SELECTOR,
        '\u{2061}'..='\u{2064}' => "invisible operator",
        '\u{206A}'..='\u{206F}' | '\u{FFF9}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' => "format character",
        '\u{00AD}' | '\u{034F}' => "format character",
        '\u{3164}' | '\u{115F}' | '\u{1160}' | '\u{FFA0}' => "blank Hangul filler",
        '\u{17B4}' | '\u{17B5}' | '\u{2800}' => "blank character",
        '\u{2028}' | '\u{2029}' => "line separator",
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}' => "private-use character",
        _ if noncharacter(c) => "noncharacter",
        _ => return None,
    })
}

fn noncharacter(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}') || u32::from(c) & 0xFFFE == 0xFFFE
}
