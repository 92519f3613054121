//! `rplan build --report`, read by a real browser.

use std::path::Path;

use super::build::Site;
use crate::support::system::system_tests_run;

/// What chromium makes of a page, as a screenshot beside it and as the document that is shown.
fn browse(site: &Site, page: &str) -> String {
    let profile = tempfile::tempdir().expect("a directory");
    let address = format!("file://{}", site.place.path().join(page).display());
    let ask = |wish: &str| {
        let mut command = site.place.command(Path::new("chromium"));
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        let output = command.args(["--window-size=1200,900", wish, &address]).output().expect("chromium is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("a document is UTF-8")
    };
    ask(&format!("--screenshot={}", site.place.path().join("page.png").display()));
    let shot = std::fs::read(site.place.path().join("page.png")).expect("a screenshot");
    assert!(shot.starts_with(b"\x89PNG") && shot.len() > 10_000, "something is shown");
    ask("--dump-dom")
}

#[test]
fn a_browser_shows_the_page_and_runs_nothing_of_what_is_in_it() {
    if !system_tests_run("root, busybox-static and chromium") {
        return;
    }
    let hostile =
        "</span></summary><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">";
    let dockerfile = format!(
        "FROM busybox AS tools\nRUN echo tool > /tool\nFROM busybox\nCOPY --from=tools /tool /tool\n\
         RUN : '{hostile}'; echo \"<script>document.title='taken'</script> & so on\"; exit 7\n"
    );
    let site = Site::with(&[("Dockerfile", &dockerfile)]);
    assert_eq!(site.build(&["--report", "page.html", "."]).code, 3);
    let page = site.place.read("page.html");
    for remote in ["http://", "https://", "<script", "<link", "@import", "url("] {
        assert!(!page.contains(remote), "the page needs nothing else: {remote}");
    }
    let document = browse(&site, "page.html");
    assert!(document.contains("<title>Failed: Dockerfile, context "), "{document}");
    assert!(document.contains("exit code 7") && document.contains("<details class=\"step failed\" open=\"\">"));
    assert!(!document.contains("<script") && !document.contains("<img"), "{document}");
    // What was hostile is there, as text.
    assert!(document.contains("document.title='taken'") && document.contains("&lt;script&gt;"), "{document}");

    site.place.write("Dockerfile", &dockerfile.replace("exit 7", "exit 0"));
    assert_eq!(site.build(&["--report", "page.html", "."]).code, 0);
    let document = browse(&site, "page.html");
    for part in ["<title>Built: ", "1 ran, 4 cached", "class=\"step critical\"", "It ran because", "<h2 id=\"layers\">"]
    {
        assert!(document.contains(part), "{part}: {document}");
    }
    let refused = site.build(&["--report", "gone/page.html", "."]);
    assert!(refused.code == 4 && refused.stderr.contains("cannot write `gone/page.html`"), "{refused:?}");
}
