//! The options of `RUN --mount` once their values are known.

use crate::model::analyze::parse_bool;
use crate::model::{Mount, MountKind, Problem, Word};
use crate::text::{Span, Spanned, nearest};

/// One mount with all its options.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MountOptions {
    /// What is mounted.
    pub kind: MountKind,
    /// The stage, image or named context that it comes from, as written.
    pub from: Option<String>,
    /// `source`, where one is written.
    pub source: Option<String>,
    /// `target`, where one is written; it may be relative to WORKDIR.
    pub target: Option<String>,
    /// Whether the step cannot write to it.
    pub readonly: bool,
    /// `id`, where one is written.
    pub id: Option<String>,
    /// How a cache is shared, where it is written: `shared`, `private` or `locked`.
    pub sharing: Option<String>,
    /// Whether a missing secret or agent is an error.
    pub required: bool,
    /// The limit of a tmpfs in bytes.
    pub size: Option<u64>,
    /// `mode`, where one is written.
    pub mode: Option<u32>,
    /// `uid`, where one is written.
    pub uid: Option<u32>,
    /// `gid`, where one is written.
    pub gid: Option<u32>,
    /// The environment variable of a secret.
    pub env: Option<String>,
}

/// Why the options cannot be told.
pub(in crate::model) enum MountError {
    /// Some value is not known.
    Unknown,
    /// They are wrong.
    Wrong(Problem),
}

const OPTIONS: &[&str] = &[
    "type",
    "from",
    "source",
    "src",
    "target",
    "dst",
    "destination",
    "readonly",
    "ro",
    "readwrite",
    "rw",
    "id",
    "sharing",
    "required",
    "size",
    "mode",
    "uid",
    "gid",
    "env",
];

/// The options of a mount, read in order as builders do: the type counts from where it is written.
pub(in crate::model) fn options<'v>(
    mount: &'v Mount,
    value_of: &dyn Fn(&'v Word) -> Option<&'v str>,
) -> Result<MountOptions, MountError> {
    let mut reader = Reader { mount: MountOptions::of(MountKind::Bind), readonly: None };
    for (key, word) in &mount.options {
        match word {
            None => reader.flag(key)?,
            Some(word) => {
                let value = value_of(word).ok_or(MountError::Unknown)?;
                reader.option(key, Spanned::new(value, word.span()))?;
            }
        }
    }
    reader.finish(mount.span)
}

impl MountOptions {
    fn of(kind: MountKind) -> Self {
        Self {
            kind,
            from: None,
            source: None,
            target: None,
            readonly: true,
            id: None,
            sharing: None,
            required: false,
            size: None,
            mode: None,
            uid: None,
            gid: None,
            env: None,
        }
    }
}

struct Reader {
    mount: MountOptions,
    readonly: Option<bool>,
}

fn wrong<T>(span: Span, message: impl Into<String>) -> Result<T, MountError> {
    Err(MountError::Wrong(Problem::new(span, message)))
}

fn wrong_choice<T>(value: Spanned<&str>, what: &str, choices: &[&str]) -> Result<T, MountError> {
    let help = match nearest(value.value, choices.iter().copied()) {
        Some(choice) => format!("did you mean `{choice}`?"),
        None => format!("one of: {}", choices.join(", ")),
    };
    Err(MountError::Wrong(Problem::new(value.span, format!("`{}` is no {what}", value.value)).help(help)))
}

impl Reader {
    /// An option without a value.
    fn flag(&mut self, key: &Spanned<String>) -> Result<(), MountError> {
        match key.value.as_str() {
            "readonly" | "ro" => self.readonly = Some(true),
            "readwrite" | "rw" => self.readonly = Some(false),
            "required" => self.require(key.span, true)?,
            name if OPTIONS.contains(&name) => return wrong(key.span, format!("`{name}` needs a value: `{name}=…`")),
            name => return wrong_choice(Spanned::new(name, key.span), "option of a mount", OPTIONS),
        }
        Ok(())
    }

    fn option(&mut self, key: &Spanned<String>, value: Spanned<&str>) -> Result<(), MountError> {
        let text = || Some(value.value.to_owned());
        match key.value.as_str() {
            "type" => match MountKind::from_name(value.value) {
                Some(kind) => self.mount.kind = kind,
                None => {
                    let names: Vec<&str> = MountKind::NAMES.iter().map(|(name, _)| *name).collect();
                    return wrong_choice(value, "type of mount", &names);
                }
            },
            "from" => self.mount.from = text().filter(|from| !from.is_empty()),
            "source" | "src" => self.mount.source = text(),
            "target" | "dst" | "destination" => self.mount.target = text(),
            "readonly" | "ro" => self.readonly = Some(truth(value)?),
            "readwrite" | "rw" => self.readonly = Some(!truth(value)?),
            "required" => self.require(key.span, truth(value)?)?,
            "id" => self.mount.id = text(),
            "env" => self.mount.env = text(),
            "sharing" => match value.value.to_lowercase().as_str() {
                "shared" | "private" | "locked" => self.mount.sharing = text().map(|mode| mode.to_lowercase()),
                _ => return wrong_choice(value, "way of sharing", &["shared", "private", "locked"]),
            },
            "size" if self.mount.kind != MountKind::Tmpfs => return self.misplaced("size", key.span),
            "size" => match byte_size(value.value) {
                Some(bytes) => self.mount.size = Some(bytes),
                None => return wrong(value.span, format!("`{}` is no size: write `64m` or `1g`", value.value)),
            },
            "mode" => self.mount.mode = Some(number(value, 8, "octal mode")?),
            "uid" => self.mount.uid = Some(number(value, 10, "user id")?),
            "gid" => self.mount.gid = Some(number(value, 10, "group id")?),
            name => return wrong_choice(Spanned::new(name, key.span), "option of a mount", OPTIONS),
        }
        Ok(())
    }

    fn require(&mut self, span: Span, required: bool) -> Result<(), MountError> {
        if !matches!(self.mount.kind, MountKind::Secret | MountKind::Ssh) {
            return self.misplaced("required", span);
        }
        self.mount.required = required;
        Ok(())
    }

    fn misplaced<T>(&self, option: &str, span: Span) -> Result<T, MountError> {
        let kind = self.mount.kind.name();
        let problem = Problem::new(span, format!("a {kind} mount has no `{option}`"));
        Err(MountError::Wrong(problem.help("the type counts from where it is written: put `type=` first")))
    }

    fn finish(mut self, span: Span) -> Result<MountOptions, MountError> {
        let mount = &mut self.mount;
        let kind = mount.kind;
        let by_default = !matches!(kind, MountKind::Cache | MountKind::Tmpfs);
        mount.readonly = self.readonly.unwrap_or(by_default);
        let misfit = match kind {
            MountKind::Bind | MountKind::Tmpfs if mount.mode.is_some() => Some("a mode"),
            MountKind::Bind | MountKind::Tmpfs if mount.uid.is_some() => Some("a uid"),
            MountKind::Bind | MountKind::Tmpfs if mount.gid.is_some() => Some("a gid"),
            MountKind::Secret if mount.from.is_some() => Some("a `from`"),
            MountKind::Ssh if mount.source.is_some() => Some("a `source`"),
            _ if kind != MountKind::Cache && mount.sharing.is_some() => Some("a way of sharing"),
            _ => None,
        };
        if let Some(misfit) = misfit {
            return wrong(span, format!("a {} mount cannot have {misfit}", kind.name()));
        }
        let has = |option: &Option<String>| option.as_deref().is_some_and(|text| !text.is_empty());
        match kind {
            MountKind::Secret if !has(&mount.id) && !has(&mount.source) && !has(&mount.target) => {
                wrong(span, "a secret mount needs an `id`, a `source` or a `target`")
            }
            MountKind::Secret if has(&mount.id) && has(&mount.source) => {
                wrong(span, "a secret mount has either an `id` or a `source`, which mean the same")
            }
            MountKind::Bind | MountKind::Cache | MountKind::Tmpfs if !has(&mount.target) => {
                wrong(span, format!("a {} mount needs a `target`", kind.name()))
            }
            _ if mount.target.as_deref() == Some("/") => wrong(span, "nothing can be mounted on `/`"),
            _ => Ok(self.mount),
        }
    }
}

fn truth(value: Spanned<&str>) -> Result<bool, MountError> {
    match parse_bool(value.value) {
        Some(truth) => Ok(truth),
        None => wrong(value.span, format!("`{}` is neither true nor false", value.value)),
    }
}

fn number(value: Spanned<&str>, radix: u32, what: &str) -> Result<u32, MountError> {
    let digits = value.value.chars().all(|char| char.is_digit(radix));
    match u32::from_str_radix(value.value, radix) {
        Ok(number) if digits => Ok(number),
        _ => wrong(value.span, format!("`{}` is no {what}", value.value)),
    }
}

/// A size in bytes, with a binary unit: `512`, `64k`, `1.5GiB`.
pub fn byte_size(text: &str) -> Option<u64> {
    let end = text.find(|char: char| !(char.is_ascii_digit() || char == '.')).unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let unit = text[end..].trim_start().to_lowercase();
    let letter = unit.strip_suffix("ib").or_else(|| unit.strip_suffix('b')).unwrap_or(&unit);
    let power = match letter {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    Some((number * 1024f64.powi(power)) as u64)
}
