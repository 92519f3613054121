//! What a builder would refuse, beyond the shape of the lines.

use rplan::model::{self, Surroundings};
use rplan::syntax;
use rplan::text::SourceFile;

use super::{options, problems, resolved, resolved_with, with_args};

/// The problems of one instruction in a stage.
fn of(instruction: &str) -> Vec<String> {
    problems(&resolved(&format!("FROM scratch\n{instruction}")))
}

fn is_refused(instruction: &str) -> bool {
    !of(instruction).is_empty()
}

#[test]
fn there_must_be_a_stage_and_nothing_before_it() {
    assert_eq!(problems(&resolved("ARG A")), [": no stage to build: there is no FROM"]);
    assert_eq!(problems(&resolved("RUN x\nFROM scratch")), ["RUN: RUN before the first FROM"]);
}

#[test]
fn what_stands_below_a_broken_from_is_not_taken_for_wrong() {
    let parsed = syntax::parse(&SourceFile::new("f", "FROM --plaform=x alpine AS a\nRUN x\nFROM a\nCOPY --from=a x y"));
    assert_eq!(parsed.errors.len(), 1);
    let resolved = model::resolve(model::analyze(parsed.tree), &options(), &Surroundings::default());
    assert_eq!(problems(&resolved), [""; 0]);
    let parsed = syntax::parse(&SourceFile::new("f", "FROM\nRUN x"));
    let resolved = model::resolve(model::analyze(parsed.tree), &options(), &Surroundings::default());
    assert_eq!(problems(&resolved), [""; 0]);
}

#[test]
fn sources_of_copies_and_mounts_are_plain() {
    assert_eq!(of("COPY --from=$x a b"), ["$x: `--from` cannot use variables or quotes"]);
    assert_eq!(of("COPY --from=a$ a b"), [""; 0]);
    assert_eq!(of("RUN --mount=from=$x,target=/x y"), ["$x: `from` of a mount cannot use variables"]);
}

#[test]
fn copy_fetches_nothing() {
    assert_eq!(of("COPY https://example.com/a /"), ["https://example.com/a: COPY cannot copy from a URL"]);
    assert_eq!(of("ENV U=git@host:a\nCOPY $U /"), ["$U: COPY cannot copy from a git repository"]);
    assert_eq!(of("COPY ./https://x /"), [""; 0]);
    assert_eq!(of("ADD https://example.com/a /"), [""; 0]);
}

#[test]
fn modes_signals_ports_and_platforms_are_checked_once_known() {
    for good in ["0", "755", "7777", "+x", "u=rwX,go=rX", "a+X", "g=u", "u+x-w"] {
        assert!(!is_refused(&format!("COPY --chmod={good} a b")), "{good}");
    }
    for bad in ["8", "10000", "x", "u", "u=z", "rwx", "u+x,", "0x7"] {
        assert!(is_refused(&format!("COPY --chmod={bad} a b")), "{bad}");
    }
    for good in ["SIGTERM", "term", "9", "SIGRTMIN+3", "RTMAX-14", "CLD"] {
        assert!(!is_refused(&format!("STOPSIGNAL {good}")), "{good}");
    }
    for bad in ["NOPE", "0", "SIGRTMIN+16", "SIGSIGTERM"] {
        assert!(is_refused(&format!("STOPSIGNAL {bad}")), "{bad}");
    }
    assert_eq!(of("EXPOSE 80 x/tcp"), ["x/tcp: `x` is no port: a number from 0 to 65535"]);
    assert_eq!(of("ENV P=\"80 90-80\"\nEXPOSE $P"), ["$P: the range `90-80` runs backwards"]);
    assert_eq!(problems(&resolved("FROM --platform=a/b/c/d scratch")), ["a/b/c/d: `a/b/c/d` is no platform"]);
    assert_eq!(problems(&resolved("FROM --platform=$BUILDPLATFORM scratch")), [""; 0]);
}

#[test]
fn mounts_take_the_options_of_their_type() {
    for good in [
        "target=/x",
        "type=cache,target=/x,sharing=locked,mode=0700,uid=1,gid=2,id=c,source=/y",
        "type=tmpfs,target=/x,size=64m",
        "type=secret,id=s,required",
        "type=secret,source=s,env=E",
        "type=ssh,required=true",
        "TYPE=bind,Target=/x,ro=false",
        "\"type=cache,target=/x\"",
        "type=$T,target=/x",
    ] {
        assert_eq!(of(&format!("ARG T=cache\nRUN --mount={good} x")), [""; 0], "{good}");
    }
    for (bad, message) in [
        ("type=bnd,target=/x", "bnd: `bnd` is no type of mount"),
        ("type=bind,target=/x,mod=1", "mod: `mod` is no option of a mount"),
        ("target", "target: `target` needs a value: `target=…`"),
        ("target=/x,mode=0700", "--mount=target=/x,mode=0700: a bind mount cannot have a mode"),
        ("type=tmpfs,target=/x,size=big", "big: `big` is no size: write `64m` or `1g`"),
        ("target=/x,size=1m", "size: a bind mount has no `size`"),
        ("target=/x,required", "required: a bind mount has no `required`"),
        ("type=cache,target=/x,sharing=some", "some: `some` is no way of sharing"),
        ("target=/x,sharing=shared", "--mount=target=/x,sharing=shared: a bind mount cannot have a way of sharing"),
        ("type=secret", "--mount=type=secret: a secret mount needs an `id`, a `source` or a `target`"),
        (
            "type=secret,id=a,source=b",
            "--mount=type=secret,id=a,source=b: a secret mount has either an `id` or a `source`, which mean the same",
        ),
        ("type=secret,id=a,from=b", "--mount=type=secret,id=a,from=b: a secret mount cannot have a `from`"),
        ("type=ssh,source=b", "--mount=type=ssh,source=b: a ssh mount cannot have a `source`"),
        ("type=cache", "--mount=type=cache: a cache mount needs a `target`"),
        ("target=/", "--mount=target=/: nothing can be mounted on `/`"),
        ("target=/x,ro=perhaps", "perhaps: `perhaps` is neither true nor false"),
        ("type=cache,target=/x,uid=me", "me: `me` is no user id"),
    ] {
        assert_eq!(of(&format!("RUN --mount={bad} x")), [message], "{bad}");
    }
}

#[test]
fn mount_options_have_their_defaults() {
    let model = resolved("FROM scratch\nWORKDIR /w\nRUN --mount=type=cache,target=x --mount=target=y,rw z");
    let model::Operation::Run(run) = &model.model.stages[0].instructions[2].operation else { panic!("RUN") };
    let cache = model.mount(&run.mounts[0]).expect("known");
    assert_eq!((cache.kind, cache.readonly, cache.sharing), (model::MountKind::Cache, false, None));
    let bind = model.mount(&run.mounts[1]).expect("known");
    assert_eq!((bind.kind, bind.readonly), (model::MountKind::Bind, false));
}

#[test]
fn devices_have_a_name_and_may_be_required() {
    for good in ["vendor.com/gpu=all", "name=a/b=c,required", "a/b=c,required=false", "required,a/b=c"] {
        assert!(!is_refused(&format!("RUN --device={good} x")), "{good}");
    }
    for bad in ["a/b=c,name=d", "a/b=c,required=perhaps", "a/b=c,other=1"] {
        assert!(is_refused(&format!("RUN --device={bad} x")), "{bad}");
    }
}

#[test]
fn images_that_are_needed_must_have_a_good_name() {
    assert_eq!(
        problems(&resolved("FROM a//b")),
        [
            "a//b: `a//b` is no image: `a//b` is no name of a repository: letters, digits, and `.`, `_`, `-` between them"
        ]
    );
    assert_eq!(problems(&resolved("FROM a//b\nFROM scratch")), [""; 0], "no other stage needs it");
    let model = resolved_with("ARG V=x\nFROM a:$V", &with_args(&["V=-"]), &Surroundings::default());
    assert_eq!(problems(&model).len(), 1);
}

#[test]
fn unknown_targets_are_told_with_what_was_meant() {
    let mut options = options();
    options.target = Some("bild".to_owned());
    let model = resolved_with("FROM scratch AS build", &options, &Surroundings::default());
    assert_eq!(model.all_problems()[0].help.as_deref(), Some("did you mean `build`?"));
    options.target = Some("BUILD".to_owned());
    let model = resolved_with("FROM scratch AS build\nFROM scratch", &options, &Surroundings::default());
    assert_eq!((model.target, problems(&model)), (model::StageId(0), vec![]));
}
