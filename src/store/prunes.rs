//! When results were given up: a step whose result is gone can say since when.

use super::Store;
use super::error::Result;
use super::files;

/// How many are remembered.
const MOST: usize = 64;

impl Store {
    /// When, in seconds since 1970, results were first given up after `time`; `None` if they were not.
    pub fn first_prune_since(&self, time: i64) -> Result<Option<i64>> {
        Ok(self.prunes()?.into_iter().find(|prune| *prune >= time))
    }

    pub(super) fn note_prune(&self) -> Result<()> {
        let mut prunes = self.prunes()?;
        prunes.push(jiff::Timestamp::now().as_second());
        let first = prunes.len().saturating_sub(MOST);
        files::publish_json(&self.root().join("prunes.json"), &prunes[first..].to_vec())
    }

    fn prunes(&self) -> Result<Vec<i64>> {
        Ok(files::read_json(&self.root().join("prunes.json"))?.unwrap_or_default())
    }
}
