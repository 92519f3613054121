//! Variable scopes: what each instruction sees.
//!
//! Every instruction keeps the whole environment before it. Environments share what they have in common, so that a
//! long file, or a long chain of stages, takes room and time in proportion to its length.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::model::{Instruction, InstructionId, Variable};

/// The environments of the whole file.
#[derive(Debug, Clone, Default)]
pub struct Scopes {
    names: Names,
    /// By instruction.
    before: Vec<Environment>,
}

impl Scopes {
    pub(in crate::model) fn new(names: Names, before: Vec<Environment>) -> Self {
        Self { names, before }
    }

    /// What `name` stands for just before `instruction`.
    pub fn lookup(&self, name: &str, instruction: &Instruction) -> Option<&Variable> {
        self.environment(instruction.id)?.get(self.names.get(name)?)
    }

    /// Every variable visible just before `instruction`, sorted by name.
    pub fn visible(&self, instruction: &Instruction) -> BTreeMap<&str, &Variable> {
        let mut visible = BTreeMap::new();
        if let Some(environment) = self.environment(instruction.id) {
            environment.for_each(&mut |name, variable| {
                visible.insert(self.names.text(name), variable);
            });
        }
        visible
    }

    /// Whether the base image of the stage is not known, so that names not set here may be set there.
    pub fn is_open(&self, instruction: &Instruction) -> bool {
        self.environment(instruction.id).is_some_and(|environment| environment.open)
    }

    fn environment(&self, instruction: InstructionId) -> Option<&Environment> {
        self.before.get(instruction.0)
    }
}

/// A name, as a number.
pub(in crate::model) type NameId = usize;

/// The names of all variables of a file, numbered.
#[derive(Debug, Clone, Default)]
pub(in crate::model) struct Names {
    ids: HashMap<Arc<str>, NameId>,
    texts: Vec<Arc<str>>,
}

impl Names {
    pub(in crate::model) fn get(&self, name: &str) -> Option<NameId> {
        self.ids.get(name).copied()
    }

    pub(in crate::model) fn intern(&mut self, name: &str) -> NameId {
        if let Some(id) = self.get(name) {
            return id;
        }
        let text: Arc<str> = Arc::from(name);
        self.texts.push(Arc::clone(&text));
        self.ids.insert(text, self.texts.len() - 1);
        self.texts.len() - 1
    }

    fn text(&self, id: NameId) -> &str {
        &self.texts[id]
    }
}

/// Variables by name; a copy costs nothing until one of the two is changed.
#[derive(Debug, Clone, Default)]
pub(in crate::model) struct Environment {
    /// How many levels of nodes there are; a tree of `height` levels holds names below `WIDTH` to the power of it.
    height: u32,
    root: Option<Arc<Node>>,
    /// Whether a base image that is not known may have set more.
    pub(in crate::model) open: bool,
}

const WIDTH: usize = 8;

#[derive(Debug, Clone)]
enum Node {
    Branch([Option<Arc<Node>>; WIDTH]),
    Leaf(Arc<Variable>),
}

impl Environment {
    pub(in crate::model) fn get(&self, name: NameId) -> Option<&Variable> {
        self.find(name).map(|variable| &**variable)
    }

    /// The variable as it is shared between environments.
    pub(in crate::model) fn shared(&self, name: NameId) -> Option<Arc<Variable>> {
        self.find(name).cloned()
    }

    fn find(&self, name: NameId) -> Option<&Arc<Variable>> {
        if name >= self.capacity() {
            return None;
        }
        let mut node = self.root.as_deref()?;
        let mut level = self.height;
        loop {
            match node {
                Node::Leaf(variable) => return Some(variable),
                Node::Branch(children) => {
                    level -= 1;
                    node = children[digit(name, level)].as_deref()?;
                }
            }
        }
    }

    pub(in crate::model) fn set(&mut self, name: NameId, variable: Arc<Variable>) {
        while name >= self.capacity() {
            let mut children = [const { None }; WIDTH];
            children[0] = self.root.take();
            self.root = Some(Arc::new(Node::Branch(children)));
            self.height += 1;
        }
        set_below(&mut self.root, self.height, name, variable);
    }

    fn for_each<'a>(&'a self, visit: &mut dyn FnMut(NameId, &'a Variable)) {
        if let Some(root) = &self.root {
            visit_below(root, 0, visit);
        }
    }

    fn capacity(&self) -> usize {
        WIDTH.pow(self.height)
    }
}

/// Which child of a node at `level` (counted from the leaves) leads to `name`.
fn digit(name: NameId, level: u32) -> usize {
    name / WIDTH.pow(level) % WIDTH
}

fn set_below(place: &mut Option<Arc<Node>>, level: u32, name: NameId, variable: Arc<Variable>) {
    if level == 0 {
        *place = Some(Arc::new(Node::Leaf(variable)));
        return;
    }
    let node = place.get_or_insert_with(|| Arc::new(Node::Branch([const { None }; WIDTH])));
    // Copies the node only if another environment shares it.
    match Arc::make_mut(node) {
        Node::Branch(children) => set_below(&mut children[digit(name, level - 1)], level - 1, name, variable),
        Node::Leaf(_) => unreachable!("leaves are at level 0"),
    }
}

fn visit_below<'a>(node: &'a Node, prefix: NameId, visit: &mut dyn FnMut(NameId, &'a Variable)) {
    match node {
        Node::Leaf(variable) => visit(prefix, variable),
        Node::Branch(children) => {
            for (digit, child) in children.iter().enumerate() {
                if let Some(child) = child {
                    visit_below(child, prefix * WIDTH + digit, visit);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Origin, Value};

    fn variable(text: &str) -> Arc<Variable> {
        Arc::new(Variable { value: Some(Value::Known(text.to_owned())), origin: Origin::Env, span: None })
    }

    #[test]
    fn environments_share_and_do_not_disturb_each_other() {
        let mut before = Environment::default();
        (0..1000).for_each(|name| before.set(name, variable(&name.to_string())));
        let mut after = before.clone();
        after.set(7, variable("other"));
        after.set(5000, variable("new"));
        assert_eq!(before.get(7), Some(&*variable("7")));
        assert_eq!(after.get(7), Some(&*variable("other")));
        assert_eq!(after.get(999), Some(&*variable("999")));
        assert_eq!(before.get(5000), None);
        assert_eq!(after.get(4999), None);
        let mut seen = Vec::new();
        after.for_each(&mut |name, _| seen.push(name));
        assert_eq!(seen, (0..1000).chain([5000]).collect::<Vec<_>>());
    }
}
