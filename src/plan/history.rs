//! What `docker history` shows of a line, word for word as its users and their tools know it.

use serde::{Deserialize, Serialize};

use crate::plan::StepId;

/// One line of an image's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// By what the line was made.
    pub created_by: String,
    /// The step whose layer it describes; none for a line that makes no layer.
    pub layer: Option<StepId>,
}

impl HistoryEntry {
    /// Whether it describes no layer.
    pub fn is_empty_layer(&self) -> bool {
        self.layer.is_none()
    }
}
