//! Pure judgements on text that both the doctor's rules and the runtime's guards need.

pub mod hidden;
pub mod secrets;
