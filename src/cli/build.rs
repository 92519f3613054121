//! `rplan build`: from what was typed to a request, and from its outcome to what is told.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::args::{BuildArgs, NetworkName, OnErrorName, ProgressName};
use crate::cli::brought::Elsewhere;
use crate::cli::closing::{self, Closing};
use crate::cli::console::Console;
use crate::cli::earlier::recall;
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::machine::{Machine, digests};
use crate::cli::outputs::{outputs, tell_scripts};
use crate::cli::registries::registries;
use crate::cli::subject::{Subject, problems, values};
use crate::cli::visit::Visits;
use crate::cli::watch::Watch;
use crate::cli::{allowance, build_page, handed_in, input, portable, relay, rootless, spared};
use crate::config::{ArchiveSettings, NetworkSetting, UserSettings};
use crate::diagnostic::{Finding, RuleId, Severity};
use crate::event::Event;
use crate::exec::backend::cancel::cancel_on_interrupt;
use crate::exec::backend::sandbox::Sandbox;
use crate::exec::backend::{Cancel, Network, Status};
use crate::exec::{
    self, Cause, Fetching, Fresh, Made, NamedContext, Outcome, Request, Settings, Tools, Visitor, last_build,
};
use crate::model::Stage;
use crate::oci::layer::Limits;
use crate::plan::Planned;
use crate::report::{BuildPage, BuildSummary};
use crate::store::Store;
use crate::text::{SourceFile, Span};
use crate::tree::Blame;
use crate::workspace::discover::absolute;

/// The name under which a step that failed is drawn.
const STEP_FAILED: RuleId = RuleId::builtin("step-failed");
/// The name under which a build that cannot be done is drawn.
const BUILD_ERROR: RuleId = RuleId::builtin("build-error");

/// The build argument that tells cache mounts of one name apart.
const CACHE_NAMESPACE: &str = "BUILDKIT_CACHE_MOUNT_NS";

/// Builds one Dockerfile.
pub(super) fn run(args: &BuildArgs, console: &mut Console) -> Answer {
    if let Some(name) = args.schema {
        return closing::write_schema(name, console);
    }
    rootless::enter(console)?;
    let cancel = Arc::new(Cancel::new().map_err(Failure::environment)?);
    // Before any other thread: each would keep the signals to itself.
    cancel_on_interrupt(Arc::clone(&cancel)).map_err(Failure::environment)?;
    let visits = visits(args)?;
    let machine = Machine::read()?;
    let handed_in = handed_in(args, &machine.settings)?;
    let names: BTreeSet<String> = args.build_contexts.iter().map(|(name, _)| name.clone()).collect();
    let open = || Store::open(&machine.store).map_err(|error| Failure::environment(in_full(&error)));
    let (store, mut subject) = match Elsewhere::of(&args.dockerfile)? {
        None => {
            let subject = Subject::read_with(&args.dockerfile, names)?;
            (open()?, subject)
        }
        Some(elsewhere) => {
            let store = open()?;
            let keeps_git_dir = exec::keeps_git_dir(&values(&args.dockerfile.build_args));
            let fetching = Fetching { store: &store, settings: &handed_in, keeps_git_dir, cancel: &cancel };
            let subject = elsewhere.subject(&args.dockerfile, names, &fetching)?;
            (store, subject)
        }
    };
    if let Some(file) = subject.context.as_ref().and_then(|context| context.damaged_file()) {
        console.note(format_args!("{} is damaged: the files of the context are read again", file.display()));
    }
    let mut request = request(args, &subject, &machine.settings, handed_in)?;
    request.settings.visitor = visits.clone().map(|visits| visits as Arc<dyn Visitor>);
    let registries = registries(&machine.settings).map_err(|error| failure(&subject.source, error))?;
    let helper = std::env::current_exe()
        .map_err(|error| Failure::environment(format_args!("cannot find rplan's own program: {error}")))?;
    let sandbox = match allowance::group(&args.allowance, console) {
        Some(group) => Sandbox::new(&helper).within(group),
        None => Sandbox::new(&helper),
    };
    let tools = Tools { store: &store, backend: &sandbox, registries: Some(&registries), cancel: &cancel };

    let before = last_build(&store, &request.identity).map_err(|error| failure(&subject.source, error))?;
    // How long one took that failed says nothing of how long one takes.
    let before = before.filter(|build| build.image.is_some());
    let summary = BuildSummary::after(before.map(|build| Duration::from_millis(build.took_ms)));
    let mut closing = Closing::of(args, &request.outputs, summary, subject.in_words())?;
    let progress = if console.quiet { ProgressName::Quiet } else { args.progress };
    let mut page = args.report.as_ref().map(|_| BuildPage::of(subject.in_words()));
    let watch = Watch::begin(progress, console.err_style);
    let outcome = exec::build(&request, tools, &mut |event| {
        closing.observe(&event);
        page.iter_mut().for_each(|page| page.observe(&event));
        watch.show(&event);
        if let (Some(visits), Event::ShellOpened { step, .. }) = (&visits, &event.event) {
            visits.lend(*step);
        }
    });
    watch.end();
    let source = subject.source.clone();
    let is_fine = outcome.as_ref().is_ok_and(|outcome| outcome.failure.is_none());
    let tells_more = is_fine && !console.quiet && closing.has_run_anything();
    let needless = if tells_more { needless(&mut subject, args) } else { None };
    // A build that failed is told of whatever becomes of the page.
    let written = match args.report.as_ref().zip(page) {
        Some((path, page)) => build_page::put(&page, path, subject, args.dockerfile.target.as_deref()),
        None => Ok(()),
    };
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            closing.write(None, Some(&in_full(&error)), console)?;
            return Err(failure(&source, error));
        }
    };
    match (&outcome.failure, &outcome.image) {
        (None, Some(made)) => {
            tell_scripts(&args.outputs, made, &exec::build_key(&request.identity).hex())?;
            closing.write(Some(made), None, console)?;
            tell(&request, made, console);
            needless.into_iter().for_each(|note| console.note(note));
            written.map(|()| Exit::Fine)
        }
        _ => {
            closing.write(None, None, console)?;
            if let Err(failure) = written {
                failure.report(console);
            }
            let is_told = progress != ProgressName::Json;
            let exit = step_failures(&source, &outcome, is_told).report(console);
            closing.tell_kept(console);
            Ok(exit)
        }
    }
}

/// `--on-error shell`, where somebody can use it.
fn visits(args: &BuildArgs) -> Answer<Option<Arc<Visits>>> {
    match args.on_error {
        OnErrorName::Stop | OnErrorName::Keep => Ok(None),
        OnErrorName::Shell if relay::is_possible() => Ok(Some(Arc::default())),
        OnErrorName::Shell => {
            let refusal = Failure::usage("--on-error shell needs a terminal as standard input and standard error");
            Err(refusal.with_help("leave it out where nobody can type: in CI, in a pipe"))
        }
    }
}

/// What bringing a context takes of the settings.
fn handed_in(args: &BuildArgs, user: &UserSettings) -> Answer<Settings> {
    Ok(Settings {
        secrets: args.secrets.iter().map(handed_in::secret).collect::<Answer<_>>()?,
        agents: args.agents.iter().map(handed_in::agent).collect::<Answer<_>>()?,
        limits: limits(user.archives),
        plain_modes: args.dockerfile.plain_modes || user.plain_modes,
        digests: digests(),
        ..Settings::default()
    })
}

/// `--build-context`
pub(super) fn named_contexts(typed: &[(String, String)]) -> Answer<BTreeMap<String, NamedContext>> {
    let here = absolute(Path::new("."));
    let named = |(name, value): &(String, String)| {
        let wrong = |why: String| Failure::usage(format_args!("--build-context {name}: {why}"));
        match NamedContext::parse(value, &here).map_err(wrong)? {
            NamedContext::Directory(path) if !path.is_dir() => Err(wrong(format!("there is no directory `{value}`"))),
            named => Ok((name.clone(), named)),
        }
    };
    typed.iter().map(named).collect()
}

fn request(args: &BuildArgs, subject: &Subject, user: &UserSettings, handed_in: Settings) -> Answer<Request> {
    let (outputs, format) = outputs(&args.outputs, &args.tags, &subject.resolved.options.platform)?;
    let settings = Settings {
        jobs: args.jobs.map(usize::from).or(user.jobs).unwrap_or(handed_in.jobs),
        weights: weights(args, subject)?,
        keep_going: args.keep_going,
        keeps_failed: args.on_error == OnErrorName::Keep,
        network: network(args.network, user),
        allowance: allowance::allowance(&args.allowance),
        entitlements: allowance::entitlements(&args.allowance),
        fresh: match (args.no_cache, args.no_cache_filter.is_empty()) {
            (true, _) => Fresh::Everything,
            (false, false) => Fresh::Stages(args.no_cache_filter.clone()),
            (false, true) => Fresh::Nothing,
        },
        pull: args.pull,
        epoch: epoch()?,
        format,
        labels: args.outputs.labels.iter().cloned().collect(),
        cache_from: args.cache_from.iter().map(portable::import).collect(),
        cache_to: args.cache_to.iter().map(portable::export).collect(),
        cache_namespace: subject.resolved.options.build_args.get(CACHE_NAMESPACE).cloned().unwrap_or_default(),
        ..handed_in
    };
    Ok(Request {
        model: subject.resolved.model.clone(),
        options: subject.resolved.options.clone(),
        surroundings: subject.around.clone(),
        context: subject.context.clone(),
        named_contexts: named_contexts(&args.build_contexts)?,
        identity: subject.identity(args.dockerfile.target.as_deref()),
        settings,
        outputs,
    })
}

/// `--weight`, for stages that there are.
fn weights(args: &BuildArgs, subject: &Subject) -> Answer<BTreeMap<String, u32>> {
    let stages = &subject.resolved.model.stages;
    let label = |(number, stage): (usize, &Stage)| {
        stage.name.as_ref().map_or(number.to_string(), |name| name.value.to_lowercase())
    };
    let labels: BTreeSet<String> = stages.iter().enumerate().map(label).collect();
    let known = |(stage, weight): &(String, u32)| match labels.contains(stage) {
        true => Ok((stage.clone(), *weight)),
        false => Err(Failure::usage(format_args!("--weight: {} has no stage `{stage}`", subject.source.name()))
            .with_help(format!("its stages: {}", labels.iter().cloned().collect::<Vec<_>>().join(", ")))),
    };
    args.weights.iter().map(known).collect()
}

/// What of the network RUN sees: what was typed, or else what the user's settings say.
pub(super) fn network(typed: Option<NetworkName>, user: &UserSettings) -> Network {
    match (typed, user.network) {
        (Some(NetworkName::None), _) | (None, Some(NetworkSetting::None)) => Network::None,
        (Some(NetworkName::Default | NetworkName::Host), _) | (None, Some(NetworkSetting::Host) | None) => {
            Network::Host
        }
    }
}

/// How much may come out of one archive: what the user's settings say, or what is usual.
pub(super) fn limits(set: ArchiveSettings) -> Limits {
    let usual = Limits::default();
    let whole = |set: Option<usize>, usual: u64| set.map_or(usual, |set| set as u64);
    Limits {
        size: set.gib.map_or(usual.size, |gib| (gib as u64).saturating_mul(1 << 30)),
        entries: whole(set.entries, usual.entries),
        ratio: whole(set.ratio, usual.ratio),
        ..usual
    }
}

/// `SOURCE_DATE_EPOCH`
pub(super) fn epoch() -> Answer<Option<i64>> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) if !text.is_empty() => match text.parse() {
            Ok(seconds) => Ok(Some(seconds)),
            Err(_) => Err(Failure::usage(format_args!("SOURCE_DATE_EPOCH is `{text}`: expected seconds since 1970"))),
        },
        _ => Ok(None),
    }
}

/// Where the image is, and what to do next.
fn tell(request: &Request, made: &Made, console: &mut Console) {
    let goes_elsewhere = request.outputs.load || !request.outputs.written.is_empty();
    match (made.names.is_empty(), goes_elsewhere) {
        (true, false) => console.note("kept in rplan's store without a name: -t NAME gives it one"),
        (false, false) => console.note("kept in rplan's store; `docker run` does not see it yet: --load"),
        _ => {}
    }
}

/// The costliest step that ran for nothing. A remark beside what was asked for, so where it cannot be had there is none.
fn needless(subject: &mut Subject, args: &BuildArgs) -> Option<String> {
    let build = recall(subject, args.dockerfile.target.as_deref(), None).ok()??;
    let needless = spared::of_build(&build, subject).ok()?;
    needless.first().map(|needless| format!("{} {}", needless.step, needless.sentence()))
}

/// The steps that did not succeed, each drawn where it is written; with what they said unless that `is_told` already.
pub(super) fn step_failures(source: &SourceFile, outcome: &Outcome, is_told: bool) -> Failure {
    let failures = outcome.failure.iter().chain(&outcome.also_failed);
    let drawn = failures.filter_map(|failed| step_failure(&outcome.planned, failed, is_told));
    let (exits, findings): (Vec<Exit>, Vec<Finding>) = drawn.unzip();
    match exits.first() {
        Some(exit) => Failure::Drawn { exit: *exit, source: source.clone(), findings },
        None => Failure::environment("the build was called off"),
    }
}

/// A step that did not succeed, and how the command ends for it; nothing for one that was called off.
fn step_failure(planned: &Planned, failed: &exec::Failure, is_told: bool) -> Option<(Exit, Finding)> {
    let step = planned.step(failed.step);
    let (exit, span, why) = match &failed.cause {
        Cause::Command(Status::Cancelled) | Cause::Error(exec::Error::Cancelled) => return None,
        Cause::Command(status) => (Exit::StepFailed, step.span, told(status)),
        Cause::Error(error) => {
            let exit = if error.blame() == Blame::Environment { Exit::Environment } else { Exit::StepFailed };
            (exit, error.span().unwrap_or(step.span), in_full(error))
        }
    };
    let mut finding = Finding::new(STEP_FAILED, Severity::Error, span, format!("{} failed: {why}", step.name));
    if !is_told && !failed.tail.is_empty() {
        finding.help = Some(format!("the end of what it said:\n{}", failed.tail.join("\n")));
    }
    Some((exit, finding))
}

fn told(status: &Status) -> String {
    match status {
        Status::Succeeded => unreachable!("a step that succeeded has not failed"),
        Status::Failed { code: 127 } => "exit code 127, which is a shell's for a command that is not there".to_owned(),
        Status::Failed { code } => format!("exit code {code}"),
        Status::TimedOut => "its time was up".to_owned(),
        Status::Cancelled => "the build was called off".to_owned(),
        Status::CouldNotStart { why } => format!("it could not start: {why}"),
    }
}

/// Why no build could be done at all.
pub(super) fn failure(source: &SourceFile, error: exec::Error) -> Failure {
    let drawn = |span: Span, message: String| {
        let finding = Finding::new(BUILD_ERROR, Severity::Error, span, message);
        Failure::Drawn { exit: Exit::No, source: source.clone(), findings: vec![finding] }
    };
    if let exec::Error::Problems(found) = &error {
        return problems(source, found);
    }
    match (error.span(), error.blame()) {
        (Some(span), Blame::Input) => drawn(span, in_full(&error)),
        (None, Blame::Input) => Failure::no(in_full(&error)),
        _ => Failure::environment(in_full(&error)),
    }
}

/// An error with everything that caused it.
pub(super) fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = match error.downcast_ref::<io::Error>() {
            Some(error) => input::reason(error),
            None => error.to_string(),
        };
        // An error that only passes another on says the same twice.
        if !text.ends_with(&reason) {
            let _ = write!(text, ": {reason}");
        }
        cause = error.source();
    }
    text
}
