//! Rules: each is held to its examples, and everything that is made from them is up to date.
//!
//! `BLESS=1 cargo test --test rules` rewrites what is generated: the lists in `src/rules`, `docs/rules/*.md`.

mod benign;
mod deep;
mod fixes;
mod fixtures;
mod generated;
mod hostile;
mod live;
mod mutation_table;
mod mutations;
mod suppressions;
mod torn;
mod twins;
