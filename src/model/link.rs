//! Linking stages: which stage or image each name in FROM, COPY --from and a mount stands for.
//!
//! FROM matches names exactly and looks upward only; COPY and mounts match in any case and take the last stage of that
//! name in the file. Invariant: the graph that comes out has no cycles, because edges lead downward only; what would
//! break that is a problem and has no edge.

use std::collections::{HashMap, HashSet, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::model::expand::{self, Binding, Dialect};
use crate::model::{
    Base, Instruction, Operation, Problem, SourceRef, Stage, StageEdge, StageGraph, StageId, StageUse, Value,
};
use crate::text::{Span, Spanned};

/// What FROM names, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::model) enum FromName {
    Known(String),
    Unknown,
}

/// What linking gives.
pub(in crate::model) struct Linked {
    pub(in crate::model) graph: StageGraph,
    /// By stage.
    pub(in crate::model) bases: Vec<Base>,
    pub(in crate::model) problems: Vec<Problem>,
}

impl FromName {
    /// The name where no variable is in it.
    pub(in crate::model) fn as_written(stage: &Stage, escape: char) -> Self {
        let Some(from) = stage.from() else { return FromName::Unknown };
        let unset = |_: &str| Binding::Unset;
        let expansion = expand::expand(from.image.raw.as_str(), Dialect::words(escape), &unset);
        match (expansion.uses.is_empty(), expansion.result) {
            (true, Ok(Value::Known(name))) => FromName::Known(name),
            _ => FromName::Unknown,
        }
    }
}

/// Links stages. `triggered` holds the instructions that ONBUILD adds, by stage (or is empty); `is_context` says
/// whether a name is that of a named context, which stands before any stage of that name.
pub(in crate::model) fn link(
    stages: &[Stage],
    triggered: &[Vec<Instruction>],
    names: &[FromName],
    is_context: &dyn Fn(&str) -> bool,
) -> Linked {
    let mut linker = Linker::new(stages, names, is_context);
    let instructions_of = |stage: &'_ Stage| {
        let added = triggered.get(stage.id.0).map_or(&[][..], Vec::as_slice);
        added.iter().chain(&stages[stage.id.0].instructions).collect::<Vec<_>>()
    };
    // A name that is no stage enters the numbering of stages, behind all that are written.
    for stage in stages {
        for instruction in instructions_of(stage) {
            linker.references(stage, instruction);
        }
    }
    linker.finish()
}

struct Linker<'a> {
    stages: &'a [Stage],
    /// The last stage of each name.
    by_name: HashMap<&'a str, StageId>,
    /// Stages that a named context replaces.
    replaced: HashSet<StageId>,
    /// Images that COPY and mounts name, in the order of the file.
    appended: Vec<String>,
    bases: Vec<Base>,
    graph: StageGraph,
    uses: Vec<Use>,
    problems: Vec<Problem>,
}

/// One wish of a stage for another, before it is known whether it can be had.
struct Use {
    used: StageId,
    user: StageId,
    edge: StageEdge,
    /// Which reference of the instruction it is.
    position: usize,
}

impl<'a> Linker<'a> {
    fn new(stages: &'a [Stage], names: &[FromName], is_context: &dyn Fn(&str) -> bool) -> Self {
        let mut linker = Self {
            stages,
            by_name: HashMap::new(),
            replaced: HashSet::new(),
            appended: Vec::new(),
            bases: Vec::with_capacity(stages.len()),
            graph: StageGraph::with_stages(stages.len()),
            uses: Vec::new(),
            problems: Vec::new(),
        };
        for (stage, name) in stages.iter().zip(names) {
            linker.base(stage, name, is_context);
        }
        linker
    }

    fn base(&mut self, stage: &'a Stage, name: &FromName, is_context: &dyn Fn(&str) -> bool) {
        let own = stage.name.as_ref().map(|name| name.value.as_str());
        let base = match (own, name) {
            (Some(own), _) if is_context(own) => {
                self.replaced.insert(stage.id);
                Base::Image(own.to_owned())
            }
            (_, FromName::Unknown) => Base::Unknown,
            (_, FromName::Known(name)) => match self.by_name.get(name.as_str()) {
                Some(&parent) if self.replaced.contains(&parent) => Base::Image(name.clone()),
                Some(&parent) => Base::Stage(parent),
                None if name == "scratch" => Base::Scratch,
                None => Base::Image(name.clone()),
            },
        };
        if let (Base::Stage(used), Some(from), Some(first)) = (&base, stage.from(), stage.instructions.first()) {
            let edge = StageEdge { kind: StageUse::Base, instruction: first.id, span: from.image.span() };
            self.uses.push(Use { used: *used, user: stage.id, edge, position: 0 });
        }
        self.bases.push(base);
        if let Some(own) = own {
            self.by_name.insert(own, stage.id);
        }
    }

    fn references(&mut self, stage: &Stage, instruction: &Instruction) {
        match &instruction.operation {
            Operation::Copy(copy) => {
                if let Some(from) = &copy.from {
                    let source = self.copy_source(from);
                    self.refer(stage, instruction, 0, StageUse::Copy, source, from.span);
                }
            }
            Operation::Run(run) => {
                for (position, mount) in run.mounts.iter().enumerate() {
                    let from = mount.option(&["from"]).filter(|from| !from.raw.is_empty());
                    let name = from.map_or("scratch", |from| from.raw.as_str());
                    let source = self.by_name(name);
                    if let Some(from) = from {
                        self.refer(stage, instruction, position, StageUse::Mount, source, from.span());
                    }
                }
            }
            _ => {}
        }
    }

    /// What COPY --from names: a stage by its number in the file, or by name, or an image.
    fn copy_source(&mut self, from: &Spanned<String>) -> SourceRef {
        let Ok(index) = from.value.parse::<i64>() else { return self.by_name(&from.value) };
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        if index < self.stages.len() {
            return self.stage(StageId(index));
        }
        match self.appended.get(index - self.stages.len()) {
            Some(image) => SourceRef::Image(image.clone()),
            None => {
                let last = self.stages.len().saturating_sub(1);
                let message = format!("there is no stage number {}: stages are numbered 0 to {last}", from.value);
                self.problems.push(Problem::new(from.span, message).help("name the stage with AS and use its name"));
                SourceRef::Invalid
            }
        }
    }

    fn by_name(&mut self, name: &str) -> SourceRef {
        match self.by_name.get(name.to_lowercase().as_str()) {
            Some(&stage) => self.stage(stage),
            None => {
                self.appended.push(name.to_owned());
                SourceRef::Image(name.to_owned())
            }
        }
    }

    fn stage(&self, stage: StageId) -> SourceRef {
        match (&self.stages[stage.0].name, self.replaced.contains(&stage)) {
            (Some(name), true) => SourceRef::Image(name.value.clone()),
            _ => SourceRef::Stage(stage),
        }
    }

    fn refer(
        &mut self,
        user: &Stage,
        instruction: &Instruction,
        position: usize,
        kind: StageUse,
        source: SourceRef,
        span: Span,
    ) {
        // A stage that a named context replaces needs nothing.
        if let (SourceRef::Stage(used), false) = (&source, self.replaced.contains(&user.id)) {
            let edge = StageEdge { kind, instruction: instruction.id, span };
            self.uses.push(Use { used: *used, user: user.id, edge, position });
        }
        self.graph.add_reference(instruction.id, position, source);
    }

    fn finish(mut self) -> Linked {
        let in_cycles = self.report_cycles();
        let uses = std::mem::take(&mut self.uses);
        for (index, wish) in uses.into_iter().enumerate() {
            if wish.used < wish.user {
                self.graph.add_use(wish.used, wish.user, wish.edge);
                continue;
            }
            self.graph.add_reference(wish.edge.instruction, wish.position, SourceRef::Invalid);
            if !in_cycles.contains(&index) {
                self.problems.push(self.too_early(&wish));
            }
        }
        self.problems.sort_by_key(|problem| problem.span);
        Linked { graph: self.graph, bases: self.bases, problems: self.problems }
    }

    /// One problem for each group of stages that need each other; gives the uses of such groups.
    fn report_cycles(&mut self) -> HashSet<usize> {
        let mut graph: DiGraph<(), usize> = DiGraph::with_capacity(self.stages.len(), self.uses.len());
        for _ in self.stages {
            graph.add_node(());
        }
        for (index, wish) in self.uses.iter().enumerate() {
            graph.add_edge(NodeIndex::new(wish.user.0), NodeIndex::new(wish.used.0), index);
        }
        let mut in_cycles = HashSet::new();
        for group in kosaraju_scc(&graph) {
            let group: HashSet<NodeIndex> = group.into_iter().collect();
            let inside = |edge: &petgraph::graph::EdgeReference<'_, usize>| group.contains(&edge.target());
            let mut uses: Vec<usize> = group
                .iter()
                .flat_map(|node| graph.edges(*node).filter(inside).map(|edge| *edge.weight()).collect::<Vec<_>>())
                .collect();
            uses.sort_by_key(|index| self.uses[*index].edge.span);
            // The loop is told from a use that cannot be had; every loop has one, since FROM looks upward only.
            let Some(&first) = uses.iter().find(|index| self.uses[**index].used >= self.uses[**index].user) else {
                continue;
            };
            let path = self.way_back(&graph, &group, first);
            self.problems.push(self.circular(&path));
            in_cycles.extend(uses);
        }
        in_cycles
    }

    /// The shortest loop that begins with the use `first`, as uses.
    fn way_back(&self, graph: &DiGraph<(), usize>, group: &HashSet<NodeIndex>, first: usize) -> Vec<usize> {
        let (start, goal) = (self.uses[first].used, self.uses[first].user);
        let mut reached: HashMap<NodeIndex, usize> = HashMap::new();
        let mut queue = VecDeque::from([NodeIndex::new(start.0)]);
        while let Some(node) = queue.pop_front().filter(|_| start != goal) {
            let mut edges: Vec<_> = graph.edges(node).filter(|edge| group.contains(&edge.target())).collect();
            edges.sort_by_key(|edge| *edge.weight());
            for edge in edges {
                let target = edge.target();
                if target.index() != start.0 && !reached.contains_key(&target) {
                    reached.insert(target, *edge.weight());
                    queue.push_back(target);
                }
            }
        }
        let mut path = Vec::new();
        let mut node = NodeIndex::new(goal.0);
        while let Some(&index) = reached.get(&node) {
            path.push(index);
            node = NodeIndex::new(self.uses[index].user.0);
        }
        path.push(first);
        path.reverse();
        path
    }

    fn circular(&self, path: &[usize]) -> Problem {
        let told = |index: &usize| {
            let wish = &self.uses[*index];
            let text = format!("{} needs {} here", self.title(wish.user), self.title(wish.used));
            Spanned::new(text, wish.edge.span)
        };
        let first = &self.uses[path[0]];
        let message = match first.used == first.user {
            true => format!("{} copies from itself: circular dependency", self.title(first.user)),
            false => format!(
                "circular dependency: {} and {} need each other",
                self.title(first.user),
                self.title(first.used)
            ),
        };
        let mut problem = Problem::new(first.edge.span, message).help("copy from a stage that stands above");
        problem.related = path[1..].iter().map(told).collect();
        problem
    }

    fn too_early(&self, wish: &Use) -> Problem {
        let (used, user) = (self.title(wish.used), self.title(wish.user));
        let mut problem = Problem::new(wish.edge.span, format!("{used} needs to be defined before {user}"))
            .help(format!("move {used} above {user}"));
        let from = &self.stages[wish.used.0];
        let place = from.name.as_ref().map_or(from.span, |name| name.span);
        problem.related.push(Spanned::new(format!("{used} is defined here"), place));
        problem
    }

    /// A stage in words.
    fn title(&self, stage: StageId) -> String {
        match &self.stages[stage.0].name {
            Some(name) => format!("stage `{}`", name.value),
            None => format!("stage {}", stage.0),
        }
    }
}
