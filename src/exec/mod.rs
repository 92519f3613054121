//! Running a plan: preparing it, running independent steps at once, and keeping what they made.
//!
//! Does not know Dockerfile syntax, rules or terminals; it speaks to the outside in typed events and ends with an
//! outcome that is data even when a step failed. Exists on Linux with the feature `exec`.
//!
//! [`build()`] goes from top to bottom:
//!
//! - `prepare`: resolve and plan until every base image is at hand (`images`), refuse what no step could do
//! - `drain`: threads that only do and tell; `foreman`: the one that decides and owns all state
//! - `contexts`: files that lie elsewhere than in the build context, brought here
//! - `perform`: one step on a worker's thread, under the protocol of `cache`; `transfer` and `origin` are COPY and ADD,
//!   `base` and `lay_down` are FROM, `remote` is what ADD fetches, `run` with `mounts` and `devices` is RUN, which [`backend`] executes
//! - `visit`: what a RUN left that failed is shown to whoever wants to see it
//! - `commit`: from an overlay's upper directory to a snapshot, and a `chain` of them; `layers`: from there to a layer
//! - `portable`: results and cache mounts to and from other machines, in a format of rplan's own
//! - `finish`: config, history, names; `output`: what is written elsewhere; `last_build`: what is remembered of it all,
//!   and `durations`: of what each command took; `files`: looking at what is there
//!
//! [`rootless`] comes before all of that where an ordinary user builds. [`stored`] is what can be done with an image once it is in the store, and `whereabouts` what is known of registries.

pub mod backend;

mod archive;
mod base;
mod blobs;
mod build;
mod cache;
mod chain;
mod commit;
mod config;
mod contexts;
mod devices;
pub mod doctor;
mod drain;
mod durations;
mod emulation;
mod entitled;
mod error;
mod files;
mod finish;
mod floor;
mod foreman;
mod images;
mod keep;
mod last_build;
mod lay_down;
mod layers;
mod mounts;
mod origin;
mod output;
mod overlay;
mod pack;
mod perform;
mod portable;
mod prepare;
mod remote;
mod repack;
mod request;
mod restack;
pub mod rootless;
mod run;
pub mod stored;
mod supported;
mod transfer;
mod unpack;
mod visit;
mod whereabouts;

pub use blobs::StoreBlobs;
pub use build::build;
pub use cache::files_of;
pub use contexts::{BroughtContext, Fetching, NamedContext, fetch_context, keeps_git_dir, read_context};
pub use durations::usual_durations;
pub use error::{Error, Result};
pub use files::with_files;
pub use images::image_at_hand;
pub use last_build::{BuildRecord, BuiltStep, key as build_key, last_build};
pub use portable::{Brought, CacheExport, CacheImport, CacheMounts, CachePlace, Exported, export_store, import_store};
pub use request::{
    Cause, Destination, Enter, Entitlement, Failure, Fresh, ImageFormat, Made, Outcome, Output, Outputs, Request,
    SecretSource, Settings, StepResult, Tools, Visitor, Written,
};
