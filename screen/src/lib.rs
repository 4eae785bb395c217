//! Pure judgements on text that both the doctor's rules and the runtime's guards need.
//!
//! Everything takes a `&str` and returns data: no I/O, no clock, no state, time linear in the text, and no panic on
//! any input. Ranges are byte ranges on character boundaries of the text that was given.
//!
//! - [`secrets`]: what looks like a key, a token or a password, strictly (to accuse) and loosely (to redact).
//! - [`hidden`]: characters that people do not see and models read.
//! - [`orders`]: orders to a model in texts that should only describe.
//! - [`checksum`]: the CRC-32 that several vendors, and `mcpsec key new`, write at the end of a token.

pub mod checksum;
pub mod hidden;
pub mod orders;
pub mod secrets;
