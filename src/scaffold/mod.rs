//! A template becomes a project: manifest, answers, text in memory, checks, plan, files on disk.
//!
//! Everything up to `write` is pure: the same answers give the same bytes. `write` is the only place in this crate
//! that changes a user's file system for `mcpsec new`. Nothing in a template is ever executed.

pub mod names;

pub mod template;

pub mod answers;

pub mod source;

pub mod lock;

pub mod render;

pub mod check;

pub mod base;

pub mod plan;

pub mod write;
