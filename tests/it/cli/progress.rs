//! The live view of `rplan build`, at a terminal.

use std::path::Path;

use super::build::Site;
use crate::support::system::system_tests_run;
use crate::support::terminal::Terminal;

/// Its last step waits for a file that the test makes.
const WAITS: &str = "FROM busybox\nRUN echo first\nRUN --mount=type=cache,target=/c echo Grüße; echo a line that is far too \
                     wide for a terminal as narrow as this one is going to be; sleep 1000\n";

fn at_terminal(site: &Site, variables: &[(&str, &str)]) -> Terminal {
    let mut command = site.place.command(Path::new(env!("CARGO_BIN_EXE_rplan")));
    command.args(site.arguments(&["."])).env("TERM", "xterm").envs(variables.iter().copied());
    Terminal::start(&command, 100, 24)
}

#[test]
fn an_interrupt_ends_the_view_clean_and_the_build_with_4() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let site = Site::with(&[("Dockerfile", WAITS)]);
    let mut terminal = at_terminal(&site, &[("NO_COLOR", "1")]);
    terminal.wait_for("      a line that is far too wide");
    terminal.resize(50, 24);
    // The words no longer fit.
    terminal.wait_for("      a line that is far too wide for a terminal…");
    terminal.write("\u{3}");
    assert_eq!(terminal.end(), 4);
    let lines = terminal.lines();
    let said: Vec<&str> = lines.iter().map(String::as_str).filter(|line| line.contains("a line that")).collect();
    assert!(said.is_empty(), "what ran is taken back: {lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("error: the build was called off")), "{lines:#?}");
    assert!(!terminal.raw.contains("\u{1b}[?25l"), "the cursor is never hidden");
    assert!(!terminal.raw.contains("\u{1b}[36m"), "no colours");
}

#[test]
fn where_only_ascii_arrives_whole_nothing_else_is_drawn() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let dockerfile = WAITS.replace("sleep 1000", "false");
    let site = Site::with(&[("Dockerfile", &dockerfile)]);
    let mut terminal = at_terminal(&site, &[("LANG", "C")]);
    assert_eq!(terminal.end(), 3);
    let lines = terminal.lines();
    assert!(lines.iter().any(|line| line == "      Gr??e"), "{lines:#?}");
    assert!(!terminal.raw.contains(['…', '·', '█', '░', '→']), "{}", terminal.raw);
    assert!(terminal.raw.contains("\u{1b}[32mran"), "colours are not the locale's: {}", terminal.raw);
}
