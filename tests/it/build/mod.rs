//! Builds from end to end: what runs, what is kept, and what comes out.

mod allowance;
mod archives;
mod cache;
mod contexts;
mod crash;
mod devices;
mod escape;
mod failure;
mod fetch_git;
mod fetch_web;
mod hostile;
mod image;
mod instructions;
mod mounts;
mod outputs;
mod platform;
mod push;
mod refresh;
mod rootless;
mod schedule;
mod secrecy;
mod times;
