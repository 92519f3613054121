//! Plans: which steps a Dockerfile has, under which keys, why they run, and in which order.

mod explain;
mod history;
mod interpreter;
mod keys;
mod order;
mod prior;
mod shape;
mod since;
mod stale;

use std::collections::BTreeMap;

use rplan::model::{self, ImageFacts, Problem, ResolveOptions, Resolved, RuntimeConfig, Surroundings};
use rplan::plan::{Images, Outcome, Planned, Step, plan};
use rplan::syntax;
use rplan::text::SourceFile;

/// A Dockerfile and everything that a plan depends on.
#[derive(Clone, Default)]
struct Case {
    dockerfile: String,
    build_args: BTreeMap<String, String>,
    target: Option<String>,
    surroundings: Surroundings,
}

impl Case {
    fn of(dockerfile: &str) -> Self {
        Self { dockerfile: dockerfile.to_owned(), ..Self::default() }
    }

    fn arg(mut self, name: &str, value: &str) -> Self {
        self.build_args.insert(name.to_owned(), value.to_owned());
        self
    }

    fn target(mut self, target: &str) -> Self {
        self.target = Some(target.to_owned());
        self
    }

    fn image(mut self, reference: &str, config: RuntimeConfig) -> Self {
        let digest = Some(rplan::digest::Digest::of(reference));
        let facts = ImageFacts { digest, config, ..ImageFacts::default() };
        self.surroundings.images.insert(model::image_ref::normalized(reference), facts);
        self
    }

    fn resolved(&self) -> Resolved {
        let parsed = syntax::parse(&SourceFile::new("Dockerfile", self.dockerfile.as_bytes()));
        assert_eq!(parsed.errors, [], "{}", self.dockerfile);
        let options = ResolveOptions {
            build_args: self.build_args.clone(),
            target: self.target.clone(),
            platform: "linux/amd64".to_owned(),
            ..ResolveOptions::default()
        };
        model::resolve(model::analyze(parsed.tree), &options, &self.surroundings)
    }

    fn outcome(&self, images: Images) -> Result<Outcome, Vec<Problem>> {
        plan(&self.resolved(), &self.surroundings, images)
    }

    /// The plan, images assumed where they are not at hand.
    fn planned(&self) -> Planned {
        match self.outcome(Images::MayBeAssumed) {
            Ok(Outcome::Planned(planned)) => planned,
            other => panic!("{}\n{other:?}", self.dockerfile),
        }
    }
}

fn planned(dockerfile: &str) -> Planned {
    Case::of(dockerfile).planned()
}

/// The step of this name.
fn step<'a>(planned: &'a Planned, name: &str) -> &'a Step {
    planned.steps.iter().find(|step| step.name.to_string() == name).unwrap_or_else(|| panic!("no step {name}"))
}
