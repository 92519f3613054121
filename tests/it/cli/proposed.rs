//! What `rplan optimize` proposes, as findings of `rplan lint`.

use super::*;

/// The sources come before the install, and a file is removed in another layer than the one that made it.
const DOCKERFILE: &str = "\
FROM python:3.9
RUN apt-get update && apt-get install -y git
RUN rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY . .
RUN pip install -r requirements.txt
CMD [\"python\", \"app.py\"]
";

fn place() -> Place {
    Place::with(&[("Dockerfile", DOCKERFILE), ("requirements.txt", "flask==3.0.0\n"), ("app.py", "")])
}

/// `line:column severity[id]` of each finding among those of these names.
fn found(place: &Place, more: &[&str]) -> Vec<String> {
    let lint = ["lint", "Dockerfile", "--format", "compact", "--severity", "style", "--fail-on", "never"];
    let run = place.rplan(&[&lint, more].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let shown = |line: &str| {
        let (place, finding) = line.split_once(": ").expect("a place");
        format!("{} {}", place.trim_start_matches("Dockerfile:"), finding.split_once(' ').expect("a rule").0)
    };
    run.stdout.lines().map(shown).filter(|line| line.contains("[hoist-") || line.contains("[join-")).collect()
}

const BOTH: [&str; 2] = ["2:1 info[join-runs]", "5:1 info[hoist-manifests]"];
const NONE: [&str; 0] = [];

#[test]
fn proposals_are_findings_where_they_are_asked_for() {
    let place = place();
    for asked in ["cache", "all", "hoist-manifests,join-runs"] {
        assert_eq!(found(&place, &["--select", asked]), BOTH, "{asked}");
    }
    assert_eq!(found(&place, &["--extend-select", "cache"]), BOTH);
    assert_eq!(found(&place, &["--select", "cache", "--ignore", "hoist-manifests"]), BOTH[..1]);
    assert_eq!(found(&place, &["--select", "join-runs"]), BOTH[..1]);
    for profile in ["default", "strict", "hadolint", "buildkit"] {
        assert_eq!(found(&place, &["--profile", profile]), NONE, "{profile}");
    }
    assert_eq!(place.rplan(&["lint", "--select", "hoist-manifest"]).code, 2, "no such name");
}

/// The second stands on the text that the first leaves; what is shown is where it is in the file.
#[test]
fn a_proposal_is_drawn_where_it_is_and_says_what_makes_it() {
    let place = place();
    let run = place.rplan(&["lint", "-v", "--select", "join-runs,hoist-manifests"]);
    in_area("cli", || insta::assert_snapshot!("lint_proposals", run.shown()));
    let sarif = place.rplan(&["lint", "-v", "--select", "hoist-manifests", "--format", "sarif"]).stdout;
    let sarif: serde_json::Value = serde_json::from_str(&sarif).expect("it is JSON");
    let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(rule["id"], "hoist-manifests");
    assert!(rule["help"]["text"].as_str().expect("a page").contains("rewrite of `rplan optimize`"), "{rule}");
}

#[test]
fn settings_comments_and_baselines_hold_for_proposals() {
    let place = place();
    let cache = ["--select", "cache"];
    place.write("rplan.toml", "[optimize]\nskip = ['join-runs']\n[lint.rule.hoist-manifests]\nseverity = 'warning'\n");
    assert_eq!(found(&place, &cache), ["5:1 warning[hoist-manifests]"]);
    assert_eq!(place.rplan(&["lint", "--select", "hoist-manifests"]).code, 1, "it counts now");
    place.write("rplan.toml", "");
    let silenced = DOCKERFILE.replace("COPY . .", "# rplan ignore=hoist-manifests\nCOPY . .");
    place.write("Dockerfile", &silenced);
    assert_eq!(found(&place, &cache), BOTH[..1]);
    let run = place.rplan(&["fix", "--select", "all", "--diff"]);
    assert!(!run.stdout.contains("-# rplan"), "whoever was not asked may have something to say: {run:?}");
    let draw = ["--baseline", "known.json", "--write-baseline", "--select", "cache"];
    assert_eq!(found(&place, &draw), NONE);
    assert_eq!(found(&place, &["--baseline", "known.json", "--select", "cache"]), NONE);
    place.write("Dockerfile", DOCKERFILE);
    assert_eq!(found(&place, &["--baseline", "known.json", "--select", "cache"]), BOTH[1..]);
}

#[test]
fn a_proposal_that_was_there_before_a_change_is_none_of_its() {
    let place = place();
    place.commit("begin");
    let since = ["--select", "cache", "--since", "HEAD"];
    place.write("Dockerfile", &DOCKERFILE.replace("CMD", "EXPOSE 80\nCMD"));
    assert_eq!(found(&place, &since), NONE);
    place.write("Dockerfile", &DOCKERFILE.replace("COPY . .", "COPY ./ ."));
    assert_eq!(found(&place, &since), ["5:1 info[hoist-manifests]"]);
}

/// What no builder takes, and what is written into another file, is left alone.
#[test]
fn there_are_no_proposals_for_what_cannot_be_rewritten() {
    let place = place();
    place.write("Dockerfile", &DOCKERFILE.replace("CMD", "NONSENSE\nCMD"));
    assert_eq!(found(&place, &["--select", "cache"]), NONE);
    let inline = DOCKERFILE.replace('\n', "\n        ");
    let compose =
        format!("services:\n  web:\n    build:\n      context: .\n      dockerfile_inline: |\n        {inline}");
    place.write("compose.yaml", compose.trim_end());
    let run = place.rplan(&["lint", "compose.yaml", "-v", "--select", "hoist-manifests,maintainer"]);
    assert_eq!((run.code, run.stdout.contains("hoist-manifests")), (0, false), "{run:?}");
}
