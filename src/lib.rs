//! rplan lints, repairs, plans, optimises and builds Dockerfiles.
//!
//! # The house, seen from above
//!
//! One verb per arrow, the result named after the verb. Each arrow is one public function.
//!
//! ```text
//! bytes ──text──▶ SourceFile ──syntax::parse──▶ Parsed { tree, errors }                       never fails
//!   ──model::analyze──▶ Model (symbolic: typed instructions, scopes, StageGraph, shell bodies)
//!   ──model::resolve(build args, platform)──▶ Resolved (every value Known or Unknown)
//!        ├─lint::lint(&Resolved, &Surroundings, selection, extra findings)──▶ Report { findings }
//!        │      └─lint::fixer──▶ EditSet ──text::apply──▶ bytes (parse again until stable)
//!        ├─rewrite::propose(&Resolved, &Surroundings, &Costs)──▶ Proposals { moves (ordered), refused (with the reason) }
//!        └─plan::plan(&Resolved, &Surroundings, &Images)──▶ Planned | Needs(images)
//!               ──exec::build(request)──▶ Outcome { runs: Vec<StepRun>, layers }
//!                      ──oci::assemble──▶ Image ──▶ layout · archive · registry
//! events (event::Event) flow sideways to every observer: terminal, JSONL log, timing report
//! ```
//!
//! # The rooms
//!
//! | room | owns |
//! |---|---|
//! | [`digest`] | what a digest is |
//! | `fields` | small binary files, read field by field |
//! | [`glob`] | patterns over paths: those of COPY, those of ignore files |
//! | [`text`] | bytes ↔ lines and columns, spans, edits |
//! | [`event`] | the typed events of a build |
//! | [`syntax`] | the shape of a Dockerfile, lossless and error-tolerant |
//! | [`model`] | what a Dockerfile means: instructions, scopes, the stage graph, the surroundings |
//! | [`effect`] | what an instruction reads and writes, and when two may change places |
//! | [`diagnostic`] | what a finding is |
//! | [`rules`] | what is bad, and the local repair |
//! | [`lint`] | which rules run, suppression, the fix loop |
//! | [`plan`] | steps, edges, keys, why a key changed |
//! | [`rewrite`] | whole-file proposals with their claim and gain |
//! | [`workspace`] | everything around a Dockerfile, read from disk |
//! | [`tree`] | file trees on disk, confined to a root |
//! | `store` | content-addressed blobs, snapshots, step records, tags |
//! | `oci` | layers, config, manifest; layout, archive, registry |
//! | `exec` | preparing, scheduling, running and caching steps |
//! | `verify` | building what is proposed beside the original, comparing both, replaying commits |
//! | [`config`] | settings files with spans for errors |
//! | [`report`] | findings, plans and events → bytes |
//! | [`cli`] | arguments, terminal, exit codes |
//!
//! Only `workspace`, `tree`, `store`, `oci`, `exec`, `verify`, `config::discover` and `cli` touch disk, clock, environment,
//! network or processes; everything that decides is a pure function of values. `store`, `oci`, `exec` and `verify` exist on
//! Linux with the feature `exec`; linting, fixing, planning and optimising never need them.

#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod digest;
pub mod effect;
pub mod event;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod exec;
mod fields;
pub mod glob;
pub mod lint;
pub mod model;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod oci;
pub mod plan;
#[cfg(feature = "cli")]
pub mod report;
pub mod rewrite;
pub mod rules;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod store;
pub mod syntax;
pub mod text;
pub mod tree;
#[cfg(all(feature = "exec", target_os = "linux"))]
pub mod verify;
pub mod workspace;
