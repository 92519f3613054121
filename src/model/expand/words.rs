//! Splitting expanded text into words: blanks separate, except where they were quoted or escaped.

/// The words read so far.
pub(super) struct Words {
    /// None where nobody asks for words.
    done: Option<Vec<String>>,
    current: String,
}

impl Words {
    pub(super) fn collected() -> Self {
        Self { done: Some(Vec::new()), current: String::new() }
    }

    pub(super) fn ignored() -> Self {
        Self { done: None, current: String::new() }
    }

    pub(super) fn add_unquoted(&mut self, text: &str) {
        let Some(done) = &mut self.done else { return };
        for char in text.chars() {
            match char.is_whitespace() {
                false => self.current.push(char),
                true if self.current.is_empty() => {}
                true => done.push(std::mem::take(&mut self.current)),
            }
        }
    }

    pub(super) fn add_quoted(&mut self, text: &str) {
        if self.done.is_some() {
            self.current.push_str(text);
        }
    }

    pub(super) fn finish(self) -> Vec<String> {
        let mut done = self.done.unwrap_or_default();
        if !self.current.is_empty() {
            done.push(self.current);
        }
        done
    }
}
