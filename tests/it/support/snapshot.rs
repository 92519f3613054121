//! The one place that says where snapshots live: `snapshots/<area>/` at the top level.

use std::path::Path;

/// Runs `assertions` with insta pointed at `snapshots/<area>`.
pub fn in_area(area: &str, assertions: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(area));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(assertions);
}
