//! `rplan config show`: the settings in force for a path, each with where it comes from.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cli::args::{SettingsFormatName, ShowArgs};
use crate::cli::console::Console;
use crate::cli::exit::{Answer, Exit};
use crate::cli::files::{Settings, settings_of};
use crate::cli::formats;
use crate::cli::in_force::{InForce, Source, Sourced, Typed, joined};
use crate::cli::names::means_all;
use crate::cli::overrides::{Overrides, overridden};
use crate::cli::rulebook::Rulebook;
use crate::config::{self, ImageSettings, LintSettings, OptimizeSettings, ProjectSettings};
use crate::report::{Origin, Setting, SettingsView, write_settings_json, write_settings_text};
use crate::rewrite::ids;
use crate::rules::{OptionMeta, Rule};
use crate::text::Spanned;

pub(super) fn show(args: &ShowArgs, console: &mut Console) -> Answer {
    let file = if args.path.is_dir() { args.path.join("Dockerfile") } else { args.path.clone() };
    let settings = settings_of(&file, args.config.as_deref(), console)?;
    let typed = Typed {
        rules: &args.rules,
        selection: &args.selection,
        thresholds: args.thresholds,
        verbosity: console.verbosity,
    };
    let holding = Overrides::of(&settings)?.holding(&file);
    // Whatever linting would refuse is refused here too.
    let book = Rulebook::new(&settings, &holding, &typed)?;
    let nothing = ProjectSettings::default();
    let project = settings.as_ref().map_or(&nothing, |located| &located.settings);
    let lint = overridden(&settings, &holding);
    let list = List { settings: &settings };
    let mut shown = list.lint(&lint, &typed);
    shown.extend(book.catalogue.rules().iter().flat_map(|rule| list.rule(rule, &lint)));
    shown.extend(list.optimize(&project.optimize));
    shown.extend(project.images.iter().enumerate().flat_map(|(index, image)| list.image(index, image)));
    let name = settings.as_ref().map(|located| located.source.name().to_owned());
    let view = SettingsView { path: args.path.display().to_string(), file: name, settings: shown };
    formats::write_all(&args.formats, SettingsFormatName::Pretty, console, |name, style, out| match name {
        SettingsFormatName::Pretty => write_settings_text(&view, style, out),
        SettingsFormatName::Json => write_settings_json(&view, out),
    })?;
    Ok(Exit::Fine)
}

/// Settings as they are listed.
struct List<'a> {
    settings: &'a Settings,
}

impl List<'_> {
    fn lint(&self, set: &LintSettings, typed: &Typed) -> Vec<Setting> {
        let in_force = InForce::new(set, typed);
        let InForce { profile, edition, select, extend_select, ignore, severity, fail_on, inline_ignores, .. } =
            &in_force;
        let typed_rules = typed.rules.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        let rules: Vec<Sourced<String>> = joined(&set.rules, &typed_rules, "--rules");
        vec![
            self.one("lint.profile", json!(profile.value.as_str()), profile.source),
            self.one("lint.edition", json!(edition.value), edition.source),
            self.all("lint.select", select),
            self.all("lint.extend-select", extend_select),
            self.all("lint.ignore", ignore),
            self.one("lint.severity", json!(severity.value.as_str()), severity.source),
            self.one("lint.fail-on", json!(fail_on.value.as_str()), fail_on.source),
            self.one("lint.inline-ignores", json!(inline_ignores.value), inline_ignores.source),
            self.all("lint.exclude", &joined(&set.exclude, &[], "")),
            self.all("lint.rules", &rules),
            self.all("lint.targets", &joined(&set.targets, &[], "")),
        ]
    }

    /// How a rule is set: its options, and its severity where that is not its own. What is set last counts.
    fn rule(&self, rule: &Rule, set: &LintSettings) -> Vec<Setting> {
        let meta = &rule.meta;
        let tables = || set.rule.iter().filter(|(name, _)| meta.is_called(&name.value));
        let mut severities = BTreeMap::new();
        for (name, severity) in tables().filter_map(|(name, table)| Some((name, table.severity.as_ref()?))) {
            let meant = if means_all(rule, &name.value) { meta.id.as_str() } else { &name.value };
            let key = format!("lint.rule.{meant}.severity");
            severities.insert(meant, self.one(&key, json!(severity.value), Source::Set(severity.span)));
        }
        let option = |option: &OptionMeta| {
            let mut options = tables().flat_map(|(_, table)| &table.options);
            let written = options.rfind(|(name, _)| name.value == option.name);
            let (value, source) =
                written.map_or((&option.default, Source::Usual), |(name, value)| (value, Source::Set(name.span)));
            self.one(&format!("lint.rule.{}.{}", meta.id, option.name), json!(value), source)
        };
        severities.into_values().chain(meta.options.iter().map(option)).collect()
    }

    fn optimize(&self, set: &OptimizeSettings) -> Vec<Setting> {
        let every = || ids::ALL.iter().map(|id| Sourced { value: id.to_string(), source: Source::Usual }).collect();
        let only = set.only.as_ref().map_or_else(every, |only| joined(only, &[], ""));
        vec![self.all("optimize.only", &only), self.all("optimize.skip", &joined(&set.skip, &[], ""))]
    }

    fn image(&self, index: usize, image: &ImageSettings) -> Vec<Setting> {
        let text = |name: &str, value: &str| {
            self.one(&format!("image[{index}].{name}"), json!(value), Source::Set(image.place))
        };
        let of = |part: &Option<Spanned<String>>, name| part.as_ref().map(|part| text(name, &part.value));
        let texts = [of(&image.file, "file"), Some(text("context", &image.context.value)), of(&image.target, "target")];
        let args = image.build_args.iter().map(|(name, value)| text(&format!("build-args.{name}"), value));
        texts.into_iter().flatten().chain(args).collect()
    }

    fn one(&self, key: &str, value: Value, source: Source) -> Setting {
        Setting { key: key.to_owned(), value, origins: vec![self.origin(source)] }
    }

    fn all(&self, key: &str, list: &[Sourced<String>]) -> Setting {
        let mut origins: Vec<Origin> = list.iter().map(|one| self.origin(one.source)).collect();
        origins.dedup();
        if origins.is_empty() {
            origins.push(Origin::Default);
        }
        let values: Vec<&str> = list.iter().map(|one| one.value.as_str()).collect();
        Setting { key: key.to_owned(), value: json!(values), origins }
    }

    fn origin(&self, source: Source) -> Origin {
        match (source, self.settings) {
            (Source::Typed(option), _) => Origin::CommandLine { option },
            (Source::Set(span), Some(located)) => match located.origin(span) {
                Some(config::Origin::File { name, line }) => Origin::File { name, line },
                Some(config::Origin::Variable(variable)) => Origin::Environment { variable: variable.to_owned() },
                None => Origin::HadolintDefault,
            },
            (Source::Set(_) | Source::Usual, _) => Origin::Default,
        }
    }
}
