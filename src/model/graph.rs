//! The stage graph: who needs whom, and where that is written.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, EdgeRef, Reversed};

use crate::model::{InstructionId, StageId};
use crate::text::Span;

/// Stages as nodes; an edge leads from the stage that is used to the stage that uses it.
#[derive(Debug, Clone, Default)]
pub struct StageGraph {
    graph: DiGraph<StageId, StageEdge>,
    /// What each COPY --from and mount `from` refers to.
    references: BTreeMap<(InstructionId, usize), SourceRef>,
}

/// Why one stage needs another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageEdge {
    /// What kind of use it is.
    pub kind: StageUse,
    /// The instruction that uses.
    pub instruction: InstructionId,
    /// Where the name is written.
    pub span: Span,
}

/// The ways to use a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StageUse {
    /// FROM
    Base,
    /// COPY --from
    Copy,
    /// RUN --mount from
    Mount,
}

/// What a name in COPY --from or a mount stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceRef {
    /// A stage of this file.
    Stage(StageId),
    /// A named context, or an image.
    Image(String),
    /// Nothing that can be built: the model reports why.
    Invalid,
}

impl StageGraph {
    /// A graph of `count` stages and no edges.
    pub fn with_stages(count: usize) -> Self {
        let mut graph = DiGraph::with_capacity(count, count);
        (0..count).for_each(|index| {
            graph.add_node(StageId(index));
        });
        Self { graph, references: BTreeMap::new() }
    }

    /// Records that `user` needs `used`.
    pub fn add_use(&mut self, used: StageId, user: StageId, edge: StageEdge) {
        self.graph.add_edge(NodeIndex::new(used.0), NodeIndex::new(user.0), edge);
    }

    /// Records what the `position`-th reference of an instruction stands for: 0 for COPY --from, else the mount's index.
    pub fn add_reference(&mut self, instruction: InstructionId, position: usize, source: SourceRef) {
        self.references.insert((instruction, position), source);
    }

    /// What the `position`-th reference of an instruction stands for.
    pub fn reference(&self, instruction: InstructionId, position: usize) -> Option<&SourceRef> {
        self.references.get(&(instruction, position))
    }

    /// The stages that `user` needs, in the order of the file, with the reason.
    pub fn inputs(&self, user: StageId) -> Vec<(StageId, &StageEdge)> {
        self.neighbours(user, Direction::Incoming)
    }

    /// The stages that need `used`, in the order of the file, with the reason.
    pub fn users(&self, used: StageId) -> Vec<(StageId, &StageEdge)> {
        self.neighbours(used, Direction::Outgoing)
    }

    /// `target` and every stage it needs, directly or not.
    pub fn needed_by(&self, target: StageId) -> BTreeSet<StageId> {
        if target.0 >= self.graph.node_count() {
            return BTreeSet::new();
        }
        let reversed = Reversed(&self.graph);
        let mut search = Dfs::new(reversed, NodeIndex::new(target.0));
        let mut needed = BTreeSet::new();
        while let Some(node) = search.next(reversed) {
            needed.insert(self.graph[node]);
        }
        needed
    }

    /// The underlying graph, for algorithms.
    pub fn as_petgraph(&self) -> &DiGraph<StageId, StageEdge> {
        &self.graph
    }

    fn neighbours(&self, stage: StageId, direction: Direction) -> Vec<(StageId, &StageEdge)> {
        let edges = self.graph.edges_directed(NodeIndex::new(stage.0), direction);
        let mut found: Vec<_> = edges
            .map(|edge| {
                let other = if direction == Direction::Incoming { edge.source() } else { edge.target() };
                (self.graph[other], edge.weight())
            })
            .collect();
        found.sort_by_key(|(stage, edge)| (*stage, edge.instruction, edge.span));
        found
    }
}
