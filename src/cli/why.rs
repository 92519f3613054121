//! `rplan why`: what is remembered of the last build.

use std::time::Duration;

use crate::cli::afar;
use crate::cli::args::{AnswerFormatName, BuilderName, DockerfileArgs, WhyArgs};
use crate::cli::console::Console;
use crate::cli::earlier::{EarlierStep, LastBuild, Maker, recall_by, recall_made_by};
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::formats;
use crate::cli::moment::written;
use crate::cli::plan::planned;
use crate::cli::spared::{self, Needless};
use crate::cli::subject::Subject;
use crate::event::StepInfo;
use crate::plan::StepName;
use crate::plan::stale::Builder;
use crate::report::{WhyStep, WhyView, write_why_json, write_why_text};
use crate::text::Span;

/// What is asked about.
struct Asked {
    /// What was built, in words.
    words: String,
    build: LastBuild,
    /// Its steps that ran for nothing.
    needless: Vec<Needless>,
    /// The Dockerfile as it is now, where it lies here.
    subject: Option<Subject>,
}

/// Tells of the last build of a context, file and target.
pub(super) fn run(args: &WhyArgs, console: &mut Console) -> Answer {
    let asked = match afar::identities(args) {
        Some((identities, words)) => Asked::afar(args, &identities, words)?,
        None => Asked::here(args)?,
    };
    let build = &asked.build;
    let steps: Vec<&EarlierStep> = match &args.step {
        None => build.own_steps().collect(),
        Some(step) => vec![find(step, build, asked.subject.as_ref())?],
    };
    let view = WhyView {
        at: (build.at, written(build.at)),
        took: Duration::from_millis(build.took_ms),
        succeeded: build.succeeded,
        image: build.image,
        builder: (build.maker == Maker::Buildx).then_some("docker buildx"),
        steps: steps.into_iter().map(|step| why(step, &asked.needless)).collect(),
        subject: asked.words,
    };
    formats::write_all(&args.formats, AnswerFormatName::Pretty, console, |name, style, out| match name {
        AnswerFormatName::Pretty => write_why_text(&view, style, out),
        AnswerFormatName::Json => write_why_json(&view, out),
    })?;
    Ok(Exit::Fine)
}

/// Whose builds are asked for. Those of others tell nobody how they went.
fn maker(name: BuilderName) -> Answer<Maker> {
    match name {
        BuilderName::Rplan => Ok(Maker::Rplan),
        BuilderName::Buildkit => Ok(Maker::Buildx),
        BuilderName::Buildah | BuilderName::Kaniko => {
            let name = Builder::from(name).as_str();
            Err(Failure::usage(format_args!("{name} leaves no record of its builds that rplan could read"))
                .with_help(format!("rplan plan --for {name} --changed PATH tells what it would run, and why")))
        }
    }
}

impl Asked {
    fn here(args: &WhyArgs) -> Answer<Self> {
        let dockerfile = DockerfileArgs {
            context: args.context.clone(),
            file: args.file.clone(),
            target: args.target.clone(),
            build_args: Vec::new(),
            platform: None,
            plain_modes: false,
        };
        let mut subject = Subject::read(&dockerfile)?;
        let maker = args.builder.map(maker).transpose()?;
        let build = recall_made_by(&mut subject, args.target.as_deref(), args.timings.as_deref(), maker)?;
        let build = build.ok_or_else(|| {
            unknown(subject.source.name(), args)
                .with_help("rplan build; or --timings FILE with what `docker buildx build --progress=rawjson` wrote")
        })?;
        let needless = spared::of_build(&build, &subject)?;
        Ok(Self { words: subject.in_words(), build, needless, subject: Some(subject) })
    }

    /// What was fetched is not fetched again to tell of it: what is remembered has to do.
    fn afar(args: &WhyArgs, identities: &[String], words: String) -> Answer<Self> {
        if args.timings.is_some() {
            return Err(Failure::usage("--timings needs the context and its Dockerfile here"));
        }
        let maker = args.builder.map(maker).transpose()?;
        let known = identities.iter().map(|identity| recall_by(identity, maker)).collect::<Answer<Vec<_>>>()?;
        let last = known.into_iter().flatten().max_by_key(|build| build.at);
        let build =
            last.ok_or_else(|| unknown(&words, args).with_help("rplan build; the address counts as it was typed"))?;
        Ok(Self { words, build, needless: Vec::new(), subject: None })
    }
}

fn unknown(what: &str, args: &WhyArgs) -> Failure {
    let by = args.builder.map(|name| format!(" by {}", Builder::from(name).as_str())).unwrap_or_default();
    Failure::no(format_args!("no build of {what}{by} is known here"))
}

fn why(step: &EarlierStep, needless: &[Needless]) -> WhyStep {
    let record = &step.record;
    let needless = needless.iter().find(|needless| needless.step == record.name).map(Needless::sentence);
    WhyStep {
        info: StepInfo::called(record.name.to_string(), record.text.clone()),
        ending: step.ending.clone(),
        took: Duration::from_millis(step.took_ms.unwrap_or_default()),
        size: step.size.unwrap_or_default(),
        because: step.because.iter().map(ToString::to_string).chain(needless).collect(),
    }
}

/// The step that `4`, `builder:2` or `Dockerfile:7` means.
fn find<'a>(asked: &str, build: &'a LastBuild, subject: Option<&Subject>) -> Answer<&'a EarlierStep> {
    let (place, number) = match asked.rsplit_once(':') {
        Some((place, number)) => (Some(place), number),
        None => (None, asked),
    };
    let number: usize = number
        .parse()
        .map_err(|_| Failure::usage(format_args!("`{asked}` is no step: expected 4, builder:2 or Dockerfile:7")))?;
    let last = build.steps.last().map(|step| step.record.name.stage.clone());
    let is_called = |name: &StepName| match place {
        None => name.number == number && Some(&name.stage) == last.as_ref(),
        Some(stage) => name.number == number && name.stage.as_deref() == Some(stage),
    };
    let mut found = build.own_steps().find(|step| is_called(&step.record.name));
    if let (None, Some(file), Some(subject)) = (found, place, subject) {
        found =
            at_line(file, number, subject)?.and_then(|name| build.own_steps().find(|step| step.record.name == name));
    }
    found.ok_or_else(|| {
        let names: Vec<String> = build.own_steps().map(|step| step.record.name.to_string()).collect();
        Failure::usage(format_args!("the last build has no step `{asked}`"))
            .with_help(format!("its steps: {}", names.join(", ")))
    })
}

/// The name of the step that is written on a line of the Dockerfile as it is now.
fn at_line(file: &str, line: usize, subject: &Subject) -> Answer<Option<StepName>> {
    let source = &subject.source;
    let is_meant = source.name() == file || source.name().rsplit('/').next() == Some(file);
    if !is_meant || line == 0 || line > source.line_count() {
        return Ok(None);
    }
    let planned = planned(subject, &subject.resolved)?;
    let covers = |span: Span| (source.line_of(span.start)..=source.line_of(span.end)).contains(&(line - 1));
    Ok(planned.steps.iter().find(|step| covers(step.span)).map(|step| step.name.clone()))
}
