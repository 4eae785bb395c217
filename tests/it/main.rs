//! Every journey through the built command: one binary, one file per journey.

mod command;
mod generated;
mod key;
mod new;
mod policy;
