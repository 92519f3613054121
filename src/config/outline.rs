//! What a settings file may say, as its reader asks for it: so that no schema and no list can know other keys.

/// What a table may hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    /// The keys that are known, in the order in which they are read.
    pub keys: Vec<Asked>,
    /// Those that must be there.
    pub required: Vec<&'static str>,
    /// What any other key may have as its value; none where other keys are mistakes.
    pub free: Option<Free>,
}

/// One key that is known, and what it may have as its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The key.
    pub key: Key,
    /// Its value.
    pub shape: Shape,
}

/// A key of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it sets, for people.
    pub about: &'static str,
    /// Whether the texts or names in its value are names of rules.
    pub names_rules: bool,
}

/// What a value may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A list of texts.
    Texts,
    /// `true` or `false`.
    Flag,
    /// A whole number above zero.
    Count,
    /// A text or a whole number.
    TextOrCount,
    /// One of these words.
    Choice(Vec<&'static str>),
    /// A table.
    Table(Outline),
    /// A list of tables.
    Tables(Outline),
    /// A table of tables with free names.
    Named(Outline),
}

/// What keys may have as their values that a table does not know by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Free {
    /// A text.
    Text,
    /// The value of a rule's option.
    Value,
}

impl Key {
    /// A key with what it sets.
    pub(super) const fn new(name: &'static str, about: &'static str) -> Self {
        Self { name, about, names_rules: false }
    }

    /// A key whose value holds names of rules.
    pub(super) const fn of_rules(name: &'static str, about: &'static str) -> Self {
        Self { name, about, names_rules: true }
    }
}

impl From<&'static str> for Key {
    fn from(name: &'static str) -> Self {
        Self::new(name, "")
    }
}

impl From<(&'static str, &'static str)> for Key {
    fn from((name, about): (&'static str, &'static str)) -> Self {
        Self::new(name, about)
    }
}

impl Outline {
    /// What is known of a key.
    pub fn key(&self, name: &str) -> Option<&Asked> {
        self.keys.iter().find(|asked| asked.key.name == name)
    }
}
