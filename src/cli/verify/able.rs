//! From what was typed to builds of both files, and from what they showed to what may be written.

use std::sync::Arc;

use super::Propose;
use crate::cli::args::{OptimizeArgs, ProgressName};
use crate::cli::build::{epoch, failure, in_full, limits, named_contexts, network, step_failures};
use crate::cli::console::Console;
use crate::cli::earlier::recall;
use crate::cli::exit::{Answer, Failure};
use crate::cli::machine::{Machine, digests};
use crate::cli::optimize::costs;
use crate::cli::registries::registries;
use crate::cli::subject::Subject;
use crate::cli::watch::Watch;
use crate::cli::{handed_in, rootless};
use crate::config::UserSettings;
use crate::exec::backend::Cancel;
use crate::exec::backend::cancel::cancel_on_interrupt;
use crate::exec::backend::sandbox::Sandbox;
use crate::exec::{Outputs, Request, Settings, Tools};
use crate::model::{RuntimeNeeds, Surroundings};
use crate::plan::stale::Builder;
use crate::report::Style;
use crate::rewrite::{Costs, Proposal, Proposals, Verdict};
use crate::store::Store;
use crate::text::SourceFile;
use crate::verify::{self, Bench, Error, News, Standard, Wish};

/// To be called before any thread is started: what calls builds off.
pub(in crate::cli) fn begin(console: &mut Console) -> Answer<Arc<Cancel>> {
    rootless::enter(console)?;
    let cancel = Arc::new(Cancel::new().map_err(Failure::environment)?);
    cancel_on_interrupt(Arc::clone(&cancel)).map_err(Failure::environment)?;
    Ok(cancel)
}

/// Builds the file as it is and with what is proposed for it: what passed, what was found, and what steps took. The
/// subject then knows the base images as they are.
pub(in crate::cli) fn verify(
    cancel: Arc<Cancel>,
    args: &OptimizeArgs,
    subject: &mut Subject,
    propose: Propose<'_>,
    console: &mut Console,
) -> Answer<(Proposals, Verdict, Costs)> {
    let machine = Machine::read()?;
    let source = subject.source.clone();
    let request = request(args, subject, &machine.settings)?;
    let store = Store::open(&machine.store).map_err(|error| failure(&source, error.into()))?;
    let registries = registries(&machine.settings).map_err(|error| failure(&source, error))?;
    let helper = std::env::current_exe()
        .map_err(|error| Failure::environment(format_args!("cannot find rplan's own program: {error}")))?;
    let sandbox = Sandbox::new(&helper);
    let tools = Tools { store: &store, backend: &sandbox, registries: Some(&registries), cancel: &cancel };

    let mut audience = Audience { quiet: console.quiet, style: console.err_style, watch: None };
    let mut listener = |news: News<'_>| audience.hear(news, console);
    let mut bench = Bench::new(&request, tools, &mut listener);
    let told = |error| failed(&source, error);
    let standard = Standard::build(&mut bench).map_err(told)?;
    // What these builds took and on what they stood is what everything else is judged by.
    let last_build = recall(subject, args.dockerfile.target.as_deref(), None)?;
    let costs = costs(subject, last_build.as_ref(), args.builder.map(Builder::from))?;
    let wish = Wish { replay: args.proof.replay.map(usize::from) };
    let wanted = |needs: &RuntimeNeeds, accepts: &dyn Fn(&Proposal) -> bool| {
        let around = Surroundings { needs: Some(needs.clone()), ..subject.around.clone() };
        propose(&subject.resolved, &around, &costs, accepts)
    };
    let verified = verify::verify(&mut bench, standard, &subject.resolved, &wanted, wish).map_err(told)?;
    subject.around.needs = Some(verified.needs);
    Ok((verified.passed, verified.verdict, costs))
}

fn request(args: &OptimizeArgs, subject: &Subject, user: &UserSettings) -> Answer<Request> {
    let OptimizeArgs { dockerfile, proof, .. } = args;
    let defaults = Settings::default();
    let settings = Settings {
        jobs: proof.jobs.map(usize::from).or(user.jobs).unwrap_or(defaults.jobs),
        network: network(proof.network, user),
        epoch: epoch()?,
        secrets: proof.secrets.iter().map(handed_in::secret).collect::<Answer<_>>()?,
        agents: proof.agents.iter().map(handed_in::agent).collect::<Answer<_>>()?,
        limits: limits(user.archives),
        plain_modes: dockerfile.plain_modes || user.plain_modes,
        digests: digests(),
        ..defaults
    };
    Ok(Request {
        model: subject.resolved.model.clone(),
        options: subject.resolved.options.clone(),
        surroundings: subject.around.clone(),
        context: subject.context.clone(),
        named_contexts: named_contexts(&proof.build_contexts)?,
        identity: subject.identity(dockerfile.target.as_deref()),
        settings,
        outputs: Outputs::default(),
    })
}

/// Whoever follows the builds on stderr.
struct Audience {
    quiet: bool,
    style: Style,
    watch: Option<Watch>,
}

impl Audience {
    fn hear(&mut self, news: News<'_>, console: &mut Console) {
        match news {
            News::Begins(title) => {
                if !self.quiet {
                    console.say(format_args!("Building {title}"));
                }
                let progress = if self.quiet { ProgressName::Quiet } else { ProgressName::Auto };
                self.watch = Some(Watch::begin(progress, self.style));
            }
            News::Event(event) => self.watch.iter().for_each(|watch| watch.show(&event)),
            News::Ends => {
                if let Some(watch) = self.watch.take() {
                    watch.end();
                }
                if !self.quiet {
                    console.say("");
                }
            }
        }
    }
}

/// Why nothing can be said of the proposals.
fn failed(source: &SourceFile, error: Error) -> Failure {
    match error {
        Error::Original(outcome) | Error::AtCommit { outcome, .. } => step_failures(source, &outcome, true),
        Error::Build(error) => failure(source, error),
        Error::Context(error) => error.into(),
        Error::NothingToReplay(why) => {
            Failure::usage(why).with_help("--replay needs a build context in a git repository with some history")
        }
        Error::Tree(_) | Error::History(_) | Error::Io { .. } => Failure::environment(in_full(&error)),
    }
}
