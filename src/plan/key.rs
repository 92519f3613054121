//! Keys: what a step does (the definition, known beforehand) and what it does to which files (the content key, known
//! once its inputs are).
//!
//! Does not know where results are kept. Invariant: everything that can change a result is in the key, and nothing
//! else: no place in a file, no label, no name for people, no proxy, no id of a cache.

use crate::digest::{Digest, Hasher};
use crate::model::{MountOptions, Security};
use crate::plan::{
    Add, Base, BasePlace, Copy, Filesystem, Inline, Input, Mount, Network, Operation, Origin, Run, Source, Step,
    Transfer, Workdir,
};

/// Changes with every change of what is hashed here, so that results of an older rplan are not taken for new ones.
const VERSION: &str = "rplan step 1";

/// What the digest of one input stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputDigest(pub Digest);

/// The key of a step's result, from the digests of its [`inputs`](Step::inputs) in their order: of a whole file system
/// for the one below, of exactly the files it takes for every other.
///
/// # Panics
///
/// If there is not one digest for each input.
pub fn content(step: &Step, inputs: &[InputDigest]) -> Digest {
    let expected = step.inputs();
    assert_eq!(expected.len(), inputs.len(), "a content key takes one digest for each input of {}", step.name);
    let mut hasher = Hasher::new();
    hasher.field(VERSION);
    hasher.field(operation(&step.operation).as_bytes());
    for (input, digest) in expected.iter().zip(inputs) {
        hasher.field(match input {
            Input::Below(_) => "below",
            Input::Files(origin) => kind_of_origin(*origin),
        });
        hasher.field(digest.0.as_bytes());
    }
    hasher.finish()
}

/// What a step does on what: its operation, and the definitions of the steps it takes from. `definition_of` is asked
/// for those.
pub(super) fn definition(
    does: &Operation,
    below: Option<Filesystem>,
    definition_of: &dyn Fn(Filesystem) -> Digest,
) -> Digest {
    let mut hasher = Hasher::new();
    hasher.field(VERSION);
    hasher.field(operation(does).as_bytes());
    let origins: Vec<Origin> = match does {
        Operation::Copy(copy) => vec![copy.origin],
        Operation::Run(run) => run.mounts.iter().filter_map(|mount| mount.origin).collect(),
        Operation::Base(_) | Operation::Add(_) | Operation::Workdir(_) => Vec::new(),
    };
    for filesystem in below.into_iter().chain(origins.into_iter().filter_map(Origin::filesystem)) {
        hasher.field(definition_of(filesystem).as_bytes());
    }
    hasher.finish()
}

/// The definition of the empty file system.
pub(super) fn empty() -> Digest {
    Digest::of("rplan scratch")
}

/// Files of the context arrive as root's, those of another file system keep their owners; which one that is does not
/// matter.
fn kind_of_origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Context => "context",
        Origin::Stage { .. } | Origin::Image(_) => "file system",
    }
}

/// The digest of an operation, by itself. Every field is named here, so that a new one cannot be forgotten.
fn operation(operation: &Operation) -> Digest {
    let mut hasher = Hasher::new();
    match operation {
        Operation::Base(base) => hash_base(&mut hasher, base),
        Operation::Run(run) => hash_run(&mut hasher, run),
        Operation::Copy(copy) => hash_copy(&mut hasher, copy),
        Operation::Add(add) => hash_add(&mut hasher, add),
        Operation::Workdir(Workdir { path, user }) => {
            hasher.field("workdir");
            hasher.field(path);
            hasher.field(user);
        }
    }
    hasher.finish()
}

fn hash_base(hasher: &mut Hasher, base: &Base) {
    let Base { reference: _, normalized, place, platform, digest } = base;
    match digest {
        // Where an image comes from does not matter once it is known which one it is.
        Some(digest) => {
            hasher.field("base");
            hasher.field(digest.as_bytes());
        }
        None => {
            hasher.field("assumed base");
            hasher.field(match place {
                BasePlace::NamedContext => "named context",
                BasePlace::Image => "image",
            });
            hasher.field(normalized);
        }
    }
    hasher.field(platform);
}

fn hash_run(hasher: &mut Hasher, run: &Run) {
    let Run { argv, is_shell_form: _, env, proxies: _, cwd, user, network, script, mounts, security, devices } = run;
    hasher.field("run");
    hash_list(hasher, argv, |hasher, word| hasher.field(word));
    hash_list(hasher, env, |hasher, variable| {
        hasher.field(&variable.name);
        hasher.field(&variable.value);
    });
    hasher.field(cwd);
    hasher.field(user);
    hasher.field(match network {
        Network::Default => "default",
        Network::None => "none",
        Network::Host => "host",
    });
    hash_list(hasher, script.as_slice(), hash_inline);
    hash_list(hasher, mounts, hash_mount);
    let insecure = security.as_ref().is_some_and(|security| security.value == Security::Insecure);
    hasher.field(if insecure { "insecure" } else { "sandbox" });
    hash_list(hasher, devices, |hasher, device| hasher.field(&device.value));
}

fn hash_mount(hasher: &mut Hasher, mount: &Mount) {
    let Mount { span: _, origin, source: _, target, options } = mount;
    // What a mount shows enters the key by its content, and which cache or secret it is does not matter.
    let MountOptions {
        kind,
        readonly,
        required,
        size,
        mode,
        uid,
        gid,
        env,
        from: _,
        source: _,
        target: _,
        id: _,
        sharing: _,
    } = options;
    hasher.field(kind.name());
    hasher.field(origin.map_or("nothing", kind_of_origin));
    hasher.field(target);
    hasher.field([u8::from(*readonly), u8::from(*required)]);
    hash_list(hasher, size.as_slice(), |hasher, size| hasher.field(size.to_le_bytes()));
    for number in [mode, uid, gid] {
        hash_list(hasher, number.as_slice(), |hasher, number| hasher.field(number.to_le_bytes()));
    }
    hash_list(hasher, env.as_slice(), |hasher, env| hasher.field(env));
}

fn hash_copy(hasher: &mut Hasher, copy: &Copy) {
    let Copy { transfer, origin, parents } = copy;
    hasher.field("copy");
    hasher.field(kind_of_origin(*origin));
    hasher.field(if parents.as_ref().is_some_and(|parents| parents.value) { "parents" } else { "" });
    hash_transfer(hasher, transfer);
}

fn hash_add(hasher: &mut Hasher, add: &Add) {
    let Add { transfer, unpack, checksum, keep_git_dir } = add;
    hasher.field("add");
    hash_list(hasher, unpack.as_slice(), |hasher, unpack| hasher.field([u8::from(unpack.value)]));
    hash_list(hasher, checksum.as_slice(), |hasher, checksum| hasher.field(&checksum.value));
    hasher.field([u8::from(keep_git_dir.as_ref().is_some_and(|keep| keep.value))]);
    hash_transfer(hasher, transfer);
}

fn hash_transfer(hasher: &mut Hasher, transfer: &Transfer) {
    let Transfer { sources, destination, owner, mode, link, exclude } = transfer;
    hash_list(hasher, sources, |hasher, source| match &source.value {
        Source::Path(path) => {
            hasher.field("path");
            hasher.field(path);
        }
        Source::Inline(inline) => {
            hasher.field("inline");
            hash_inline(hasher, inline);
        }
        Source::Url(url) => {
            hasher.field("url");
            hasher.field(url);
        }
        Source::Git(repository) => {
            hasher.field("git");
            hasher.field(repository);
        }
    });
    hasher.field(destination);
    hash_list(hasher, owner.as_slice(), |hasher, owner| hasher.field(&owner.value));
    hash_list(hasher, mode.as_slice(), |hasher, mode| hasher.field(&mode.value));
    hasher.field([u8::from(*link)]);
    hash_list(hasher, exclude, |hasher, pattern| hasher.field(&pattern.value));
}

fn hash_inline(hasher: &mut Hasher, inline: &Inline) {
    let Inline { name, content } = inline;
    hasher.field(name);
    hasher.field(content);
}

/// How many there are, then each.
fn hash_list<T>(hasher: &mut Hasher, items: &[T], hash: impl Fn(&mut Hasher, &T)) {
    hasher.field(items.len().to_le_bytes());
    items.iter().for_each(|item| hash(hasher, item));
}
