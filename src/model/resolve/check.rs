//! What a builder would refuse once values are known.

use super::Resolver;
use super::mounts::{self, MountError};
use crate::model::image_ref::{ImageRef, ImageRefError};
use crate::model::remote::Remote;
use crate::model::{Base, Copy, CopySource, Instruction, Operation, Problem, Stage, Transfer, Word, ports};

const SIGNALS: &[&str] = &[
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
    "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
    "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
];

impl Resolver<'_> {
    /// Checks a stage; its image only where the stage is `needed`, since builders look up no other.
    pub(super) fn check_stage(&mut self, stage: &Stage, base: &Base, needed: bool) {
        let mut found = Vec::new();
        found.extend(self.platform(stage));
        if let (true, Base::Image(name)) = (needed, base) {
            found.extend(self.image(stage, name));
        }
        let added = &self.triggered[stage.id.0];
        for instruction in added.iter().chain(&stage.instructions) {
            found.extend(self.instruction_problems(instruction));
        }
        self.problems.append(&mut found);
    }

    fn platform(&self, stage: &Stage) -> Option<Problem> {
        let word = stage.from()?.platform.as_ref()?;
        let platform = self.known(word)?;
        let part =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.()".contains(&b));
        let count = platform.split('/').count();
        let good = count <= 3 && platform.split('/').all(part);
        (!good).then(|| {
            let problem = Problem::new(word.span(), format!("`{platform}` is no platform"));
            problem.help("write os/arch, such as linux/amd64")
        })
    }

    fn image(&self, stage: &Stage, name: &str) -> Option<Problem> {
        if self.contexts.contain(name) {
            return None;
        }
        let error = ImageRef::parse(name).err()?;
        let problem = Problem::new(stage.from()?.image.span(), format!("`{name}` is no image: {error}"));
        let lower = name.to_lowercase();
        let named_above = matches!(error, ImageRefError::Capitals(_)) && self.stage_names.contains(lower.as_str());
        Some(match named_above {
            true => problem.help(format!("FROM knows the stage only by its name in lower case: `{lower}`")),
            false => problem.help("name an image, a stage above, or scratch"),
        })
    }

    fn instruction_problems(&self, instruction: &Instruction) -> Vec<Problem> {
        match &instruction.operation {
            Operation::Copy(copy) => self.copy(copy),
            Operation::Add(add) => self.chmod(&add.transfer).into_iter().collect(),
            Operation::Expose(expose) => expose.ports.iter().flat_map(|word| self.ports(word)).collect(),
            Operation::Stopsignal(stop) => self.signal(&stop.signal).into_iter().collect(),
            Operation::Run(run) => {
                let options = run.mounts.iter().map(|mount| mounts::options(mount, &|word| self.known(word)));
                options
                    .filter_map(|options| if let Err(MountError::Wrong(p)) = options { Some(p) } else { None })
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn copy(&self, copy: &Copy) -> Vec<Problem> {
        let mut problems: Vec<Problem> = self.chmod(&copy.transfer).into_iter().collect();
        for source in &copy.transfer.sources {
            let CopySource::Path(word) = source else { continue };
            let what = match self.known(word).and_then(Remote::of) {
                Some(Remote::Url) => "a URL",
                Some(Remote::Git) => "a git repository",
                None => continue,
            };
            let problem = Problem::new(word.span(), format!("COPY cannot copy from {what}"));
            problems.push(problem.help("use ADD, which fetches it"));
        }
        problems
    }

    fn chmod(&self, transfer: &Transfer) -> Option<Problem> {
        let word = transfer.chmod.as_ref()?;
        let mode = self.known(word).filter(|mode| !mode.is_empty() && !is_mode(mode))?;
        let problem = Problem::new(word.span(), format!("`{mode}` is no mode"));
        Some(problem.help("write octal digits up to 7777, or a symbolic mode such as `u=rwX,go=rX`"))
    }

    fn ports(&self, word: &Word) -> Vec<Problem> {
        let words = self.split.get(&word.id).into_iter().flatten();
        let problem = |reason| Problem::new(word.span(), reason).help("write a port, a range, or `53/udp`");
        words.filter_map(|port| ports::expand(port).err()).map(problem).collect()
    }

    fn signal(&self, word: &Word) -> Option<Problem> {
        let signal = self.known(word).filter(|signal| !is_signal(signal))?;
        let problem = Problem::new(word.span(), format!("`{signal}` is no signal"));
        Some(problem.help("write a name such as SIGTERM, or a number"))
    }

    fn known(&self, word: &Word) -> Option<&str> {
        self.values[word.id.0].known()
    }
}

fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<i32>() {
        return number != 0;
    }
    let name = text.to_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let real_time = |prefix: &str, most: u32| {
        name.strip_prefix(prefix)
            .and_then(|count| count.parse().ok())
            .is_some_and(|count: u32| (1..=most).contains(&count))
    };
    SIGNALS.contains(&name) || real_time("RTMIN+", 15) || real_time("RTMAX-", 14)
}

/// Octal digits up to 7777, or the symbolic form of chmod.
fn is_mode(text: &str) -> bool {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).is_ok_and(|mode| mode <= 0o7777);
    }
    text.split(',').all(|clause| {
        let who = clause.len() - clause.trim_start_matches(['u', 'g', 'o', 'a']).len();
        let actions = &clause[who..];
        let is_what =
            |what: &str| what.bytes().all(|byte| b"rwxXst".contains(&byte)) || matches!(what, "u" | "g" | "o");
        actions.starts_with(['+', '-', '=']) && actions[1..].split(['+', '-', '=']).all(is_what)
    })
}
