//! Every journey through the built command: one binary, one file per journey.

mod audit;
mod clients;
mod command;
mod doctor;
mod doctor_reports;
mod fix;
mod generated;
mod init;
mod key;
mod lock;
mod many;
mod new;
mod picture;
mod policy;
mod repository;
mod revision;
mod tidy;
mod transcripts;
