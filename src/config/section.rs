//! A table of a settings file, read key by key: every key that is asked for is known, every other one is an error. What
//! is asked for is the [`Outline`] of the table too.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use crate::config::file::{Mistakes, meant};
use crate::config::outline::{Asked, Free, Key, Outline, Shape};
use crate::rules::meta::{OptionValue, Text};
use crate::text::{Span, Spanned};

/// A value and where it stands.
pub(super) type Entry<'t> = toml::Spanned<DeValue<'t>>;

/// What a table may hold: whatever `read` asks for.
pub(super) fn outline<'t, T>(read: impl FnOnce(&mut Section<'t>, &mut Mistakes) -> T) -> Outline {
    let outline = Some(Outline::default());
    let (prefix, span, entries, known) = (String::new(), Span::at(0), BTreeMap::new(), Vec::new());
    let mut blank = Section { prefix, span, entries, known, outline };
    read(&mut blank, &mut Mistakes::default());
    blank.outline.unwrap_or_default()
}

/// A table of which some keys have been asked for.
pub(super) struct Section<'t> {
    /// The name in front of its keys, with a dot; empty for the root.
    prefix: String,
    /// Where it begins.
    span: Span,
    /// What nobody asked for yet, with the place of the key.
    entries: BTreeMap<&'t str, (Span, &'t Entry<'t>)>,
    /// What was asked for.
    known: Vec<&'static str>,
    /// The same in full, where nothing is read and only that is wanted.
    outline: Option<Outline>,
}

impl<'t> Section<'t> {
    pub(super) fn new(prefix: String, span: Span, table: &'t DeTable<'t>) -> Self {
        let entries = table.iter().map(|(key, value)| (key.get_ref().as_ref(), (key.span().into(), value)));
        Self { prefix, span, entries: entries.collect(), known: Vec::new(), outline: None }
    }

    /// Where it begins.
    pub(super) fn span(&self) -> Span {
        self.span
    }

    /// Reports which of the keys that must be there are not.
    pub(super) fn require(&mut self, keys: &[&'static str], mistakes: &mut Mistakes) {
        if let Some(outline) = &mut self.outline {
            outline.required.extend(keys);
        }
        for key in keys.iter().filter(|key| !self.entries.contains_key(*key)) {
            mistakes.add(self.span, format!("`{}` is missing", self.path(key)), None);
        }
    }

    /// A text.
    pub(super) fn text(&mut self, key: impl Into<Key>, mistakes: &mut Mistakes) -> Option<Spanned<String>> {
        let (key, value) = self.take(key, Shape::Text)?;
        let text = text_of(value);
        if text.is_none() {
            mistakes.wrong_type(&self.path(key), value, "a text in quotes");
        }
        text
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, key: impl Into<Key>, mistakes: &mut Mistakes) -> Option<Vec<Spanned<String>>> {
        let (key, value) = self.take(key, Shape::Texts)?;
        let Some(items) = value.get_ref().as_array() else {
            mistakes.wrong_type(&self.path(key), value, "a list of texts in quotes");
            return None;
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items.iter() {
            match text_of(item) {
                Some(text) => texts.push(text),
                None => mistakes.wrong_type(&self.path(key), item, "a list of texts in quotes"),
            }
        }
        Some(texts)
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: impl Into<Key>, mistakes: &mut Mistakes) -> Option<Spanned<bool>> {
        let (key, value) = self.take(key, Shape::Flag)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            mistakes.wrong_type(&self.path(key), value, "`true` or `false`");
        }
        flag.map(|flag| Spanned::new(flag, value.span().into()))
    }

    /// A number above zero.
    pub(super) fn count(&mut self, key: impl Into<Key>, mistakes: &mut Mistakes) -> Option<usize> {
        let (key, value) = self.take(key, Shape::Count)?;
        let number = value.get_ref().as_integer();
        let count = number.and_then(|number| usize::from_str_radix(number.as_str(), number.radix()).ok());
        let count = count.filter(|count| *count > 0);
        if count.is_none() {
            mistakes.add(value.span().into(), format!("`{}` is a whole number above zero", self.path(key)), None);
        }
        count
    }

    /// A text, or a whole number as a text.
    pub(super) fn text_or_count(&mut self, key: impl Into<Key>, mistakes: &mut Mistakes) -> Option<Spanned<String>> {
        let (key, value) = self.take(key, Shape::TextOrCount)?;
        let number = value.get_ref().as_integer().map(|number| number.as_str().to_owned());
        let text = number.map(|number| Spanned::new(number, value.span().into())).or_else(|| text_of(value));
        if text.is_none() {
            mistakes.wrong_type(&self.path(key), value, "a number or a text in quotes");
        }
        text
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: impl Into<Key>,
        choices: &[(&'static str, T)],
        mistakes: &mut Mistakes,
    ) -> Option<Spanned<T>> {
        let words = choices.iter().map(|(word, _)| *word).collect();
        let (key, value) = self.take(key, Shape::Choice(words))?;
        let Some(text) = text_of(value) else {
            mistakes.wrong_type(&self.path(key), value, "a text in quotes");
            return None;
        };
        let chosen = choices.iter().find(|(word, _)| *word == text.value);
        if chosen.is_none() {
            let words: Vec<String> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
            let message = format!("`{}` is {}, not `{}`", self.path(key), words.join(" or "), text.value);
            mistakes.add(text.span, message, meant(&text.value, choices.iter().map(|(word, _)| *word)));
        }
        chosen.map(|(_, value)| Spanned::new(*value, text.span))
    }

    /// A table: `[key]`. `read` asks it for what it knows.
    pub(super) fn section<T>(
        &mut self,
        key: impl Into<Key>,
        mistakes: &mut Mistakes,
        read: impl FnOnce(&mut Section<'t>, &mut Mistakes) -> T,
    ) -> Option<T> {
        let key = key.into();
        if self.outline.is_some() {
            self.record(key, Shape::Table(outline(read)));
            return None;
        }
        let (key, value) = self.find(key)?;
        self.read_table(&self.path(key), value, mistakes, read)
    }

    /// A list of tables: `[[key]]`.
    pub(super) fn sections<T>(
        &mut self,
        key: impl Into<Key>,
        mistakes: &mut Mistakes,
        mut read: impl FnMut(&mut Section<'t>, &mut Mistakes) -> T,
    ) -> Vec<T> {
        let key = key.into();
        if self.outline.is_some() {
            self.record(key, Shape::Tables(outline(read)));
            return Vec::new();
        }
        let Some((key, value)) = self.find(key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            mistakes.wrong_type(&self.path(key), value, &format!("a list of tables, each under `[[{key}]]`"));
            return Vec::new();
        };
        items.iter().filter_map(|item| self.read_table(&self.path(key), item, mistakes, &mut read)).collect()
    }

    /// A table whose keys are free names and whose values are tables: `[key.NAME]`.
    pub(super) fn named_sections<T>(
        &mut self,
        key: impl Into<Key>,
        mistakes: &mut Mistakes,
        mut read: impl FnMut(&mut Section<'t>, &mut Mistakes) -> T,
    ) -> Vec<(Spanned<String>, T)> {
        let key = key.into();
        if self.outline.is_some() {
            self.record(key, Shape::Named(outline(read)));
            return Vec::new();
        }
        let Some((key, value)) = self.find(key) else { return Vec::new() };
        let Some(table) = value.get_ref().as_table() else {
            mistakes.wrong_type(&self.path(key), value, "a table of tables");
            return Vec::new();
        };
        let mut named = Vec::new();
        for (name, value) in table.iter() {
            let path = format!("{}.{}", self.path(key), name.get_ref());
            if let Some(settings) = self.read_table(&path, value, mistakes, &mut read) {
                named.push((Spanned::new(name.get_ref().to_string(), name.span().into()), settings));
            }
        }
        // By name, whatever the order of the file.
        named.sort_by(|a, b| a.0.value.cmp(&b.0.value));
        named
    }

    /// Every key as a free name with a text as its value.
    pub(super) fn free_texts(&mut self, mistakes: &mut Mistakes) -> Vec<(Spanned<String>, Spanned<String>)> {
        self.free(Free::Text, "a text in quotes", text_of, mistakes)
    }

    /// Every key that nobody asked for, as a free name with a value.
    pub(super) fn free_values(&mut self, mistakes: &mut Mistakes) -> Vec<(Spanned<String>, OptionValue)> {
        self.free(Free::Value, "true or false, a number or a list of texts", option_value, mistakes)
    }

    fn free<T>(
        &mut self,
        permitted: Free,
        expected: &str,
        read: impl Fn(&Entry) -> Option<T>,
        mistakes: &mut Mistakes,
    ) -> Vec<(Spanned<String>, T)> {
        self.permit(permitted);
        let mut found = Vec::new();
        for (name, (span, value)) in std::mem::take(&mut self.entries) {
            match read(value) {
                Some(value) => found.push((Spanned::new(name.to_owned(), span), value)),
                None => mistakes.wrong_type(&self.path(name), value, expected),
            }
        }
        found
    }

    /// Reports keys that have no business in this file.
    pub(super) fn refuse(&mut self, keys: &[&'static str], mistakes: &mut Mistakes, why: &str) {
        for key in keys {
            if let Some((span, _)) = self.entries.remove(key) {
                let message = format!("there is no setting `{}{key}` in a project's file", self.prefix);
                mistakes.add(span, message, Some(why.to_owned()));
            }
        }
    }

    fn read_table<T>(
        &self,
        path: &str,
        value: &'t Entry<'t>,
        mistakes: &mut Mistakes,
        read: impl FnOnce(&mut Section<'t>, &mut Mistakes) -> T,
    ) -> Option<T> {
        let Some(table) = value.get_ref().as_table() else {
            mistakes.wrong_type(path, value, "a table");
            return None;
        };
        let mut section = Section::new(format!("{path}."), value.span().into(), table);
        let settings = read(&mut section, mistakes);
        section.finish(mistakes);
        Some(settings)
    }

    /// The value of a key that may be of this shape.
    fn take(&mut self, key: impl Into<Key>, shape: Shape) -> Option<(&'static str, &'t Entry<'t>)> {
        let key = key.into();
        self.record(key, shape);
        self.find(key)
    }

    /// The value of a key, which is known from now on.
    fn find(&mut self, key: Key) -> Option<(&'static str, &'t Entry<'t>)> {
        self.known.push(key.name);
        self.entries.remove(key.name).map(|(_, value)| (key.name, value))
    }

    fn record(&mut self, key: Key, shape: Shape) {
        if let Some(outline) = &mut self.outline {
            outline.keys.push(Asked { key, shape });
        }
    }

    /// Any further key may have such a value.
    fn permit(&mut self, free: Free) {
        if let Some(outline) = &mut self.outline {
            outline.free = Some(free);
        }
    }

    fn path(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Reports what nobody asked for.
    pub(super) fn finish(self, mistakes: &mut Mistakes) {
        for (key, (span, _)) in &self.entries {
            let mut known = self.known.clone();
            known.sort_unstable();
            let listed = format!("known here: {}", known.join(", "));
            let help = meant(key, self.known.iter().copied()).unwrap_or(listed);
            mistakes.add(*span, format!("there is no setting `{}{key}`", self.prefix), Some(help));
        }
    }
}

fn text_of(value: &Entry) -> Option<Spanned<String>> {
    value.get_ref().as_str().map(|text| Spanned::new(text.to_owned(), value.span().into()))
}

fn option_value(value: &Entry) -> Option<OptionValue> {
    match value.get_ref() {
        DeValue::Boolean(flag) => Some(OptionValue::Flag(*flag)),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok().map(OptionValue::Number),
        DeValue::Array(items) => {
            let texts = items.iter().map(|item| item.get_ref().as_str().map(|text| Text::Owned(text.to_owned())));
            texts.collect::<Option<Vec<Text>>>().map(|texts| OptionValue::Texts(texts.into()))
        }
        _ => None,
    }
}
