//! Verification: what differs is told and never passes, what differs by itself is blamed on nobody.

use std::process::Command;

use rplan::diagnostic::RuleId;
use rplan::exec::backend::Cancel;
use rplan::exec::backend::sandbox::Sandbox;
use rplan::exec::{Request, Tools};
use rplan::model::{RuntimeNeeds, resolve};
use rplan::rewrite::{Class, Declared, Origin, Outlook, Proposal, Proposals, Verdict};
use rplan::text::{Edit, EditSet, Span};
use rplan::verify::{Bench, News, Standard, Verified, Wish, verify};

use crate::support::builds::Workshop;
use crate::support::system::system_tests_run;

/// A rewrite that puts a line at the end of the file.
struct Fake {
    id: &'static str,
    line: &'static str,
    ignored: Vec<String>,
    declared: Declared,
}

impl Fake {
    fn new(id: &'static str, line: &'static str) -> Self {
        Self { id, line, ignored: Vec::new(), declared: Declared::default() }
    }
}

/// What the fakes propose, of that alone which is accepted.
fn propose(text: &str, fakes: &[Fake], accepts: &dyn Fn(&Proposal) -> bool) -> Proposals {
    let mut end = text.len();
    let mut moves = Vec::new();
    for Fake { id, line, ignored, declared } in fakes {
        let line = format!("{line}\n");
        let proposal = Proposal {
            id: RuleId::builtin(id),
            class: Class::Verify,
            claim: "made for this test".to_owned(),
            span: Span::at(0),
            edits: EditSet::from_edits([Edit::insert(end, line.clone())]).unwrap(),
            because: Vec::new(),
            assumed: Vec::new(),
            notes: Vec::new(),
            declared: declared.clone(),
            ignored: ignored.clone(),
            gain: None,
        };
        if accepts(&proposal) {
            end += line.len();
            moves.push(proposal);
        }
    }
    let outlook =
        Outlook { edited: "a".to_owned(), edit: (2.0, 1.0), per_hundred: (200.0, 100.0), origin: Origin::Estimated };
    Proposals { moves, refused: Vec::new(), outlook: Some(outlook), scores: None }
}

/// Verifies the fakes on `text`; the ids of those that passed, the verdict, and what the builds were for.
fn verified(shop: &Workshop, text: &str, fakes: &[Fake], wish: Wish) -> (Vec<String>, Verdict, Vec<String>) {
    let request: Request = shop.request(text);
    let store = shop.store();
    let (sandbox, cancel) = (Sandbox::new(env!("CARGO_BIN_EXE_rplan").as_ref()), Cancel::new().unwrap());
    let tools = Tools { store: &store, backend: &sandbox, registries: None, cancel: &cancel };
    let mut titles = Vec::new();
    let mut listener = |news: News<'_>| {
        if let News::Begins(title) = news {
            titles.push(title.to_owned());
        }
    };
    let mut bench = Bench::new(&request, tools, &mut listener);
    let standard = Standard::build(&mut bench).unwrap();
    let resolved = resolve(request.model.clone(), &request.options, &request.surroundings);
    let wanted = |_: &RuntimeNeeds, accepts: &dyn Fn(&Proposal) -> bool| propose(text, fakes, accepts);
    let Verified { passed, verdict, .. } = verify(&mut bench, standard, &resolved, &wanted, wish).unwrap();
    (passed.moves.iter().map(|proposal| proposal.id.to_string()).collect(), verdict, titles)
}

/// The difference of each proposal that failed.
fn failed(verdict: &Verdict) -> Vec<String> {
    let faults = verdict.failed.iter();
    faults
        .flat_map(|fault| {
            let id = &fault.proposal.id;
            fault.differences.iter().map(move |difference| format!("{id}: {} {}", difference.place, difference.what))
        })
        .collect()
}

fn builds_run() -> bool {
    system_tests_run("root, and busybox-static")
}

/// A shop whose context is a repository in which `a` was changed `commits` times.
fn shop_with_history(commits: usize) -> Workshop {
    let shop = Workshop::new();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(shop.path("context")).args(["-c", "user.name=n", "-c", "user.email=n@x"]).args(arguments);
        assert!(command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap().status.success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    shop.write(".dockerignore", ".git\n");
    for number in 0..commits {
        shop.write("a", &format!("{number}\n"));
        shop.write("notes", "of no interest\n");
        git(&["add", "."]);
        git(&["commit", "--quiet", "-m", "change"]);
    }
    shop
}

const RESTLESS: &str = "\
FROM busybox
COPY a /a
RUN head -c 16 /dev/urandom > /random && touch /tmp-$(head -c 8 /dev/urandom | md5sum | cut -c1-8) && cat /proc/sys/kernel/random/uuid > /other
";

#[test]
fn what_a_step_makes_up_anew_is_blamed_on_no_rewrite() {
    if !builds_run() {
        return;
    }
    let shop = Workshop::new();
    shop.write("a", "1\n");
    let (passed, verdict, titles) = verified(&shop, RESTLESS, &[Fake::new("harmless", "ENV A=")], Wish::default());
    assert!(passed.is_empty(), "an empty variable is one all the same");
    assert_eq!(failed(&verdict), ["harmless: ENV A is new: \"\""]);
    assert!(titles.iter().any(|title| title.contains("to be fair")), "{titles:?}");

    let (passed, verdict, titles) = verified(&shop, RESTLESS, &[Fake::new("harmless", "RUN true")], Wish::default());
    assert_eq!(passed, ["harmless"], "{:?}", verdict.failed);
    assert!(verdict.is_clean() && verdict.noise >= 3, "{verdict:?}");
    assert_eq!(titles.len(), 5, "the original twice, the rewritten file, both after an edit: {titles:?}");
    let edit = verdict.edit.unwrap();
    assert_eq!((edit.file.as_str(), edit.count), ("a", 0));
    assert_eq!(edit.measured.original.ran, ["[2/3]", "[3/3]"]);
}

#[test]
fn what_differs_without_a_word_does_not_pass_and_the_others_do() {
    if !builds_run() {
        return;
    }
    let shop = Workshop::new();
    shop.write("a", "1\n");
    let fakes = [
        Fake::new("first", "RUN true"),
        Fake::new("leaves-a-file", "RUN mkdir /new && touch /new/file && chmod 700 /a"),
        Fake::new("breaks", "RUN exit 7"),
        Fake::new("last", "RUN : again"),
    ];
    let text = "FROM busybox\nCOPY a /a\n";
    let (passed, verdict, _) = verified(&shop, text, &fakes, Wish::default());
    assert_eq!(passed, ["first", "last"]);
    assert_eq!(
        failed(&verdict),
        [
            "leaves-a-file: /a has mode 0700, not 0644",
            "leaves-a-file: /new is new, with 1 below it",
            "breaks: [4/4] RUN exit 7 failed: exit code 7",
        ]
    );
    assert!(!verdict.is_clean() && verdict.holds());
    assert!(verdict.cold.rewritten.is_some());
}

#[test]
fn what_was_declared_passes() {
    if !builds_run() {
        return;
    }
    let shop = Workshop::new();
    shop.write("a", "1\n");
    let removes = Declared { removes: vec!["/a".into()], ..Declared::default() };
    let fakes = [
        Fake { declared: removes, ..Fake::new("removes", "RUN rm /a") },
        Fake {
            declared: Declared { config: vec!["USER".into()], ..Declared::default() },
            ..Fake::new("user", "USER 7")
        },
    ];
    let (passed, verdict, _) = verified(&shop, "FROM busybox\nCOPY a /a\n", &fakes, Wish::default());
    assert_eq!((passed, verdict.declared), (vec!["removes".to_owned(), "user".to_owned()], 2));
}

#[test]
fn what_the_ignore_file_leaves_out_is_missing_as_declared() {
    if !builds_run() {
        return;
    }
    let shop = Workshop::new();
    shop.write("a", "1\n");
    shop.write("cache/old", "1\n");
    let fake = |removes: &[&str]| Fake {
        ignored: vec!["cache".to_owned()],
        declared: Declared { removes: removes.iter().map(|path| (*path).to_owned()).collect(), ..Declared::default() },
        ..Fake::new("ignores", "RUN true")
    };
    let text = "FROM busybox\nCOPY . /app\n";
    let (passed, verdict, _) = verified(&shop, text, &[fake(&["/app/cache"])], Wish::default());
    assert_eq!((passed.len(), verdict.declared, verdict.is_clean()), (1, 2, true), "{:?}", verdict.failed);
    let (passed, verdict, _) = verified(&shop, text, &[fake(&[])], Wish::default());
    assert_eq!(
        (passed.len(), failed(&verdict)),
        (0, vec!["ignores: /app/cache is missing, with 1 below it".to_owned()])
    );
}

#[test]
fn what_may_go_must_not_be_what_the_rest_is_loaded_with() {
    if !builds_run() {
        return;
    }
    let shop = Workshop::new();
    shop.write("a", "1\n");
    let gone = |line: &'static str| {
        let declared = Declared { removes: vec!["/".into()], ..Declared::default() };
        let text = "FROM busybox\nCOPY a /a\nCMD [\"run\"]\nRUN printf '#!/bin/awk -f\\n' > /bin/run && chmod 755 /bin/run\nUSER me\nUSER 0\n";
        let (passed, verdict, _) =
            verified(&shop, text, &[Fake { declared, ..Fake::new("removes", line) }], Wish::default());
        (passed.len(), failed(&verdict))
    };
    let no = |what: &str| (0, vec![format!("removes: CMD or ENTRYPOINT starts {what}, which is not there")]);
    assert_eq!(gone("RUN rm /a"), (1, vec![]));
    assert_eq!(gone("RUN rm /bin/run"), no("run"));
    assert_eq!(gone("RUN rm /bin/awk"), no("/bin/run, a script for /bin/awk"));
}

#[test]
fn past_commits_are_replayed_with_both_files() {
    if !builds_run() {
        return;
    }
    let shop = shop_with_history(4);
    let text = "FROM busybox\nRUN echo costly > /costly\nCOPY a /a\nRUN md5sum /a > /sum\n";
    let (passed, verdict, _) = verified(&shop, text, &[Fake::new("more", "RUN true")], Wish { replay: Some(3) });
    assert_eq!(passed, ["more"], "{:?}", verdict.failed);
    let replay = verdict.replay.unwrap();
    assert_eq!(replay.commits.len(), 3);
    assert_eq!(replay.differing.iter().map(|checked| checked.count).collect::<Vec<_>>(), [0, 0, 0]);
    for (number, commit) in replay.commits.iter().enumerate() {
        assert_eq!(commit.changed, 1, "{commit:?}");
        let rewritten = commit.rebuilds.rewritten.as_ref().unwrap();
        let all = ["[1/4]", "[2/4]", "[3/4]", "[4/4]"];
        assert_eq!(commit.rebuilds.original.ran, all[if number == 0 { 0 } else { 2 }..]);
        assert_eq!(rewritten.ran.len(), if number == 0 { 5 } else { 3 }, "{rewritten:?}");
        match &commit.forecasts {
            None => assert_eq!(number, 0),
            Some(forecasts) => {
                assert!(forecasts.original.is_exact && forecasts.rewritten.as_ref().unwrap().is_exact, "{commit:?}");
            }
        }
    }
    assert!(shop.path("context/.git/index").exists() && !shop.path("context/a.orig").exists());
    let left: Vec<_> = std::fs::read_dir(shop.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("replay-")), "{left:?}");
}
