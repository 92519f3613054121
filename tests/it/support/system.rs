//! Tests that need root, a registry or the network: they skip with a printed reason unless `RPLAN_TEST_SYSTEM=1`.

/// Whether the tests that need `what` may run here. A skip is printed, so that nobody takes silence for success;
/// with `RPLAN_TEST_SYSTEM=1` nothing is skipped, and a missing tool fails the test that wants it.
pub fn system_tests_run(what: &str) -> bool {
    let wanted = std::env::var_os("RPLAN_TEST_SYSTEM").is_some_and(|value| value == "1");
    if !wanted {
        eprintln!("SKIPPED: needs {what}; set RPLAN_TEST_SYSTEM=1 to run it");
    }
    wanted
}
