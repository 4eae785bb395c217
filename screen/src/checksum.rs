//! The checksum at the end of a token: CRC-32 in six base62 digits, as GitHub, npm and `mcpsec key new` write it.
//!
//! It proves nothing about who made a token. It tells a token from a string that was typed to look like one.

/// Digits in the order that the vendors use.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Number of characters that [`crc32_base62`] gives.
pub const LENGTH: usize = 6;

/// CRC-32 (IEEE) of `text` in six base62 digits, most significant first, padded with `0`.
pub fn crc32_base62(text: &str) -> String {
    let mut rest = crc32(text.as_bytes());
    let mut digits = [b'0'; LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

/// Whether `text` ends in the checksum of what precedes it.
pub fn holds(text: &str) -> bool {
    match text.len().checked_sub(LENGTH).and_then(|at| text.split_at_checked(at)) {
        Some((body, checksum)) => !body.is_empty() && crc32_base62(body) == checksum,
        None => false,
    }
}

/// The digit of base62 with this value; values wrap at 62.
pub fn base62_digit(value: u8) -> char {
    char::from(BASE62[usize::from(value) % BASE62.len()])
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::{crc32, crc32_base62, holds};

    #[test]
    fn the_checksum_agrees_with_published_vectors() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32_base62("hello"), "0zNvy2");
        assert_eq!(crc32_base62(""), "000000");
    }

    #[test]
    fn one_changed_character_breaks_the_checksum() {
        assert!(holds("hello0zNvy2"));
        assert!(!holds("hellp0zNvy2"));
        assert!(!holds("hello0zNvy3"));
        assert!(!holds("000000"), "a checksum of nothing proves nothing");
        assert!(!holds("äöüäöü"), "six bytes from the end need not be a character boundary");
    }
}
