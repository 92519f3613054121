//! What Compose and Bake files say, whatever is in them: nothing panics, nothing runs for ever, every place lies in the
//! file, and a change of a Dockerfile within is exactly that.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use rplan::text::{SourceFile, Span};
use rplan::workspace::builds::{Build, BuildFileKind, BuildFiles, Inline, Recipe, Trouble};

fn builds(name: &str, kind: BuildFileKind, text: &str) -> Result<Vec<Build>, Trouble> {
    let read = |path: &Path| match path == Path::new(name) {
        true => Ok(SourceFile::new(name, text)),
        false => Err("there is none".to_owned()),
    };
    BuildFiles::new(&read).builds(Path::new(name), kind)
}

/// Files that are almost what they should be.
fn pieces(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::collection::vec(select(pieces), 0..24).prop_map(|pieces| pieces.concat())
}

const YAML: &[&str] = &[
    "services:\n",
    "  a:\n",
    "  b: &b\n",
    "    build:\n",
    "    build: .\n",
    "    build: *b\n",
    "    <<: *b\n",
    "      dockerfile_inline: |\n",
    "      dockerfile_inline: >-\n",
    "      dockerfile_inline: |2+\n",
    "      context: ",
    "      args: [A=$A, B]\n",
    "      args: {A: 1.20, B: ~}\n",
    "        FROM alpine\n",
    "        RUN $$X ${Y:-y} ${Z}\n",
    "         é\n",
    "\n",
    "  \n",
    "\r\n",
    "\t",
    "      dockerfile_inline: \"FROM a\\nRUN \\u00e9 \\x\"\n",
    "    extends: a\n",
    "    extends: {file: c.yaml, service: b}\n",
    "include: [c.yaml]\n",
    "---\n",
    "!reset ",
    "'",
    "{",
    "]",
    "# x\n",
    "${",
    "$",
];

const HCL: &[&str] = &[
    "target \"a\" {\n",
    "target \"b\" {\n",
    "}\n",
    "  inherits = [\"a\", \"b\"]\n",
    "  inherits = [\"a\"]\n",
    "  dockerfile-inline = <<EOT\n",
    "  dockerfile-inline = <<-EOT\n",
    "EOT\n",
    "  EOT\n",
    "FROM alpine\n",
    "    RUN $${X} ${V} %%{ ${upper(V)}\n",
    "  \té\n",
    "\n",
    "\r\n",
    "  dockerfile-inline = \"FROM ${V}\\nRUN \\u00e9\"\n",
    "  dockerfile-inline = V\n",
    "  args = { A = V, \"B\" = 1, C = null }\n",
    "  args = merge({}, {})\n",
    "variable \"V\" {\n",
    "  default = \"v${V}\"\n",
    "  default = \"v\"\n",
    "V = [\"x\", { y = V }]\n",
    "V = V ? 1 : 2\n",
    "  matrix = { V = [\"1\", \"2\"], W = V }\n",
    "  name = \"n-${V}\"\n",
    "  target = V[0].y\n",
    "group \"g\" { targets = [V] }\n",
    "\"",
    "${",
    "%{ if V }",
    "%{ endif }",
    "# x\n",
];

const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"target\"",
    "\"a\"",
    "\"args\"",
    "\"dockerfile-inline\"",
    "\"FROM a\\nRUN \\u00e9 ${V}\"",
    "\"variable\"",
    "\"V\"",
    "\"default\"",
    "\"matrix\"",
    "\"$${x}\"",
    "\"${\"",
    "1.20",
    "null",
    "true",
    " ",
    "\n",
    "\t",
    "\\",
];

fn keeps_its_promises(name: &str, kind: BuildFileKind, text: &str) {
    match builds(name, kind, text) {
        Ok(builds) => builds.iter().for_each(|build| {
            if let Recipe::Inline(inline) = &build.recipe {
                lies_in_its_file(inline);
                changes_as_wanted(inline, name, kind);
            }
        }),
        Err(Trouble::Wrong { source, error }) => {
            let _ = source.slice(error.span);
        }
        Err(Trouble::Unreadable(why)) => panic!("{why}"),
    }
}

fn lies_in_its_file(inline: &Inline) {
    let text = inline.source().text();
    let mut ends = 0;
    for (offset, character) in text.char_indices() {
        let outer = inline.outward(Span::new(offset, offset + character.len_utf8()));
        assert!(inline.outer().text().get(outer.range()).is_some(), "{outer:?} of {:?}", inline.outer().text());
        assert!(outer.end >= ends, "places keep their order");
        ends = outer.end;
    }
    let _ = inline.outer().slice(inline.outward(Span::at(text.len())));
}

fn changes_as_wanted(inline: &Inline, name: &str, kind: BuildFileKind) {
    let text = inline.source().text();
    for wanted in
        [format!("# new\n{text}"), text.replace("alpine", "a $x ${y}"), format!("{text}USER x\n"), String::new()]
    {
        let Some(edits) = inline.rewritten(&wanted) else { continue };
        let after = edits.apply(inline.outer().bytes());
        let after = builds(name, kind, std::str::from_utf8(&after).expect("text")).expect("it can still be read");
        let found =
            after.iter().any(|build| matches!(&build.recipe, Recipe::Inline(new) if new.source().text() == wanted));
        assert!(found, "{wanted:?} in {:?} became {after:?}", inline.outer().text());
    }
}

fn fixed(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(11), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(fixed(1500))]

    #[test]
    fn hostile_compose_files_keep_every_promise(text in pieces(YAML)) {
        keeps_its_promises("compose.yaml", BuildFileKind::Compose, &text);
    }

    #[test]
    fn compose_files_with_a_dockerfile_keep_every_promise(lines in pieces(YAML), more in pieces(YAML)) {
        let lines = lines.replace("      dockerfile_inline", "      x");
        let text = format!("services:\n  z:\n    build:\n      dockerfile_inline: |\n        FROM alpine\n{lines}{more}");
        keeps_its_promises("compose.yaml", BuildFileKind::Compose, &text);
    }

    #[test]
    fn hostile_bake_files_keep_every_promise(text in pieces(HCL)) {
        keeps_its_promises("docker-bake.hcl", BuildFileKind::Bake, &text);
    }

    #[test]
    fn bake_files_with_a_dockerfile_keep_every_promise(lines in pieces(HCL), dash in select(&["", "-"][..])) {
        let lines = lines.replace("EOT", "x").replace("FROM", "    FROM");
        let text = format!("V = \"v\"\ntarget \"z\" {{\n  dockerfile-inline = <<{dash}EOT\n    FROM alpine\n{lines}\n  EOT\n}}\n");
        keeps_its_promises("docker-bake.hcl", BuildFileKind::Bake, &text);
    }

    #[test]
    fn hostile_json_keeps_every_promise(text in pieces(JSON)) {
        keeps_its_promises("docker-bake.json", BuildFileKind::Bake, &text);
    }

    #[test]
    fn any_text_keeps_every_promise(text in ".{0,200}") {
        keeps_its_promises("compose.yaml", BuildFileKind::Compose, &text);
        keeps_its_promises("docker-bake.hcl", BuildFileKind::Bake, &text);
    }
}

/// However deep, however often it stands for itself.
#[test]
fn what_grows_without_end_ends() {
    let deep = |open: &str, close: &str| format!("V = {}1{}\n", open.repeat(5000), close.repeat(5000));
    for text in
        [deep("[", "]"), deep("(", ")"), deep("\"${", "}\""), deep("!", ""), deep("1 + ", ""), deep("V ? V : ", "")]
    {
        keeps_its_promises("docker-bake.hcl", BuildFileKind::Bake, &text);
    }
    let nested = format!("services:\n  a:\n    build:\n      context: {}x\n", "${A:-".repeat(50_000));
    keeps_its_promises("compose.yaml", BuildFileKind::Compose, &nested);
    let chain: String = (0..2000).map(|n| format!("  s{n}: {{extends: s{}}}\n", n + 1)).collect();
    keeps_its_promises("compose.yaml", BuildFileKind::Compose, &format!("services:\n{chain}"));
    let diamonds: String =
        (1..40).map(|n| format!("target \"t{n}\" {{ inherits = [\"t{0}\", \"t{0}\"] }}\n", n - 1)).collect();
    keeps_its_promises("docker-bake.hcl", BuildFileKind::Bake, &format!("target \"t0\" {{}}\n{diamonds}"));
}
