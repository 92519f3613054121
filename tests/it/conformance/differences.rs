//! Why another builder may differ: every line in which it does has a reason in `differences.toml`, or is trouble.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;
use serde::Deserialize;
use similar::{ChangeTag, TextDiff};

use super::case::{Case, Expected};

/// Every reason, and which of them were needed.
pub(super) struct Reasons {
    all: Vec<Reason>,
    used: RefCell<BTreeSet<usize>>,
    counts: RefCell<Counts>,
}

/// Why `peer` differs in `cases`, in the lines that `lines` matches.
struct Reason {
    written: Written,
    cases: Regex,
    lines: Regex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    peer: String,
    /// A pattern for the whole name.
    cases: String,
    /// A pattern for lines of the difference, which begin with `-` (ours) or `+` (theirs); all when left out.
    #[serde(default)]
    lines: String,
    why: String,
}

#[derive(Default)]
struct Counts {
    same: usize,
    explained: usize,
    unexplained: usize,
}

impl Reasons {
    /// Reads the file with the reasons.
    pub fn read(path: &Path) -> Self {
        #[derive(Deserialize)]
        struct File {
            reason: Vec<Written>,
        }
        let file: File = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let reason = |written: Written| {
            assert!(!written.why.is_empty(), "{}: a reason says why", written.cases);
            let cases = Regex::new(&format!("^(?:{})$", written.cases)).unwrap();
            Reason { cases, lines: Regex::new(&written.lines).unwrap(), written }
        };
        let all = file.reason.into_iter().map(reason).collect();
        Self { all, used: RefCell::default(), counts: RefCell::default() }
    }

    /// The lines in which `theirs` differs from `ours` and that nothing explains.
    pub fn unexplained(&self, peer: &str, case: &Case, ours: &Expected, theirs: &Expected) -> Option<String> {
        let differing = differing(ours, theirs);
        let unexplained: Vec<&String> = differing.iter().filter(|line| !self.explain(peer, case, line)).collect();
        let mut counts = self.counts.borrow_mut();
        if differing.is_empty() {
            counts.same += 1;
        } else if unexplained.is_empty() {
            counts.explained += 1;
        } else {
            counts.unexplained += 1;
            return Some(format!(
                "{peer} differs in {}:\n{}",
                case.name,
                unexplained.iter().map(|line| format!("  {line}\n")).collect::<String>()
            ));
        }
        None
    }

    fn explain(&self, peer: &str, case: &Case, line: &str) -> bool {
        let suits = |reason: &Reason| {
            reason.written.peer == peer && reason.cases.is_match(&case.name) && reason.lines.is_match(line)
        };
        let found = self.all.iter().position(suits);
        self.used.borrow_mut().extend(found);
        found.is_some()
    }

    /// The reasons that explain nothing, of those for `peers`.
    pub fn unused(&self, peers: &str) -> Vec<String> {
        let used = self.used.borrow();
        let is_asked = |reason: &Reason| peers.split_whitespace().any(|peer| peer == reason.written.peer);
        let unused = self.all.iter().enumerate().filter(|(index, reason)| is_asked(reason) && !used.contains(index));
        unused
            .map(|(_, Reason { written, .. })| {
                format!(
                    "differences.toml: nothing differs for {} in `{}` with `{}` any more",
                    written.peer, written.cases, written.lines
                )
            })
            .collect()
    }

    /// How many builds were the same, and how many not.
    pub fn summary(&self) -> String {
        let Counts { same, explained, unexplained } = *self.counts.borrow();
        format!("{same} builds are the same, {explained} differ for a reason, {unexplained} without one")
    }
}

/// The lines that are only ours (`-`) or only theirs (`+`). What an error says is nobody's business, only that it is one.
fn differing(ours: &Expected, theirs: &Expected) -> Vec<String> {
    match (ours, theirs) {
        (Expected::Error(_), Expected::Error(_)) => Vec::new(),
        (Expected::Image(_), Expected::Error(said)) => {
            let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
            vec![format!("+ fails: {last}")]
        }
        (Expected::Error(_), Expected::Image(_)) => vec!["- fails".to_owned()],
        (Expected::Image(ours), Expected::Image(theirs)) => {
            let diff = TextDiff::from_lines(ours, theirs);
            let changed = diff.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal);
            changed.map(|change| format!("{}{}", change.tag(), change.value().trim_end())).collect()
        }
    }
}
