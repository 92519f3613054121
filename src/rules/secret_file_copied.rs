//! COPY that takes a file with credentials into the image that ships. Judged by the name of the file and by what stands in
//! it; files of tests and of other people's packages are left alone.

use super::{Check, Cx, Out};
use crate::effect::transfer::brought;
use crate::model::secret::is_secret_name;
use crate::model::{BuildContext, CopySource, Instruction, Operation};

pub(super) struct SecretFileCopied;

/// Files that are larger are not read.
const LARGEST: u64 = 64 * 1024;

/// Parts of paths below which keys are samples.
const SAMPLES: &[&str] =
    &["doc", "example", "fixture", "mock", "node_modules", "sample", "site-packages", "spec", "test", "vendor"];

impl Check for SecretFileCopied {
    /// What is copied is another context's.
    fn trigger(&self, _instruction: &Instruction, _cx: &Cx<'_>, _out: &mut Out<'_>) {}

    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Copy(copy) = &instruction.operation else { return };
        let Some(context) = cx.around.context.as_deref() else { return };
        if !instruction.stage.is_some_and(|stage| cx.ships(stage)) {
            return;
        }
        let workdir = cx.workdir(instruction).unwrap_or_else(|| "/".to_owned());
        let Ok(brought) = brought(&instruction.operation, Some(&workdir), cx.resolved, context) else { return };
        let mut secrets: Vec<&str> =
            brought.paths.values().map(String::as_str).filter(|path| holds_secret(path, context)).collect();
        secrets.sort_unstable();
        let (Some(first), Some(CopySource::Path(word))) = (secrets.first(), copy.transfer.sources.first()) else {
            return;
        };
        let more = match secrets.len() {
            1 => String::new(),
            more => format!(" (and {} more such files)", more - 1),
        };
        out.find(word.span(), format!("`{first}` goes into the image with its secrets{more}"))
            .label("takes it along")
            .help(format!(
                "add `{first}` to .dockerignore, and mount it where a step needs it: RUN --mount=type=secret"
            ));
    }
}

/// Whether the file is one of those that hold credentials, and does.
fn holds_secret(path: &str, context: &dyn BuildContext) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some(is_secret) = judge(path, name) else { return false };
    let is_sample = path.split('/').any(|part| SAMPLES.iter().any(|sample| part.to_lowercase().contains(sample)));
    if is_sample || context.entry(path).is_none_or(|entry| entry.size > LARGEST) {
        return false;
    }
    context.read(path).is_ok_and(|bytes| is_secret(&String::from_utf8_lossy(&bytes)))
}

/// How to tell from what stands in a file of this name whether it holds credentials.
fn judge(path: &str, name: &str) -> Option<fn(&str) -> bool> {
    Some(match name {
        ".env" => has_secret_variable,
        _ if name.starts_with(".env.") => has_secret_variable,
        ".npmrc" | ".yarnrc" | ".yarnrc.yml" => |text| has_setting(text, &["_authToken", "_password", "npmAuthToken"]),
        ".netrc" | "_netrc" => |text| text.split_whitespace().any(|word| word == "password"),
        ".pypirc" => |text| has_setting(text, &["password"]),
        ".git-credentials" => |text| text.contains("://"),
        "config.json" if path.ends_with(".docker/config.json") => |text| text.contains("\"auth\""),
        "credentials" if path.ends_with(".aws/credentials") => |text| has_setting(text, &["aws_secret_access_key"]),
        "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" => is_private_key,
        _ if name.ends_with(".pem") || name.ends_with(".key") => is_private_key,
        _ if name.ends_with(".json") && name.contains("credential") || name.contains("service-account") => {
            |text| text.contains("\"private_key\"") && is_private_key(text)
        }
        _ => return None,
    })
}

fn is_private_key(text: &str) -> bool {
    text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----")
}

/// Whether one of the settings has a value that comes from no variable.
fn has_setting(text: &str, names: &[&str]) -> bool {
    // In .npmrc the name of the registry, with colons, stands before the name of the setting.
    text.lines().any(|line| {
        let at = names.iter().find_map(|name| line.find(name).map(|at| at + name.len()));
        let value =
            at.map_or("", |at| line[at..].trim_matches(|char: char| char.is_whitespace() || "=:\"'".contains(char)));
        !value.is_empty() && !value.starts_with('$')
    })
}

/// Whether a variable whose name is that of a secret has a value that is no placeholder.
fn has_secret_variable(text: &str) -> bool {
    let lines = text.lines().map(|line| line.trim().trim_start_matches("export "));
    lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')).any(|(name, value)| {
        let value = value.trim().trim_matches(['"', '\'']);
        let is_placeholder = ["change", "example", "your", "xxx", "<", "todo", "null", "secret"]
            .iter()
            .any(|word| value.to_lowercase().contains(word));
        is_secret_name(name.trim()) && value.len() >= 8 && !value.starts_with('$') && !is_placeholder
    })
}
