//! The builds of a Bake file: each target with what it inherits, a target with a matrix once for each combination.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::evaluate::{Scope, Value};
use super::{BakeFile, Layer};
use crate::workspace::builds::fragment::{Fragment, is_remote, joined};
use crate::workspace::builds::{Build, Setting};

/// A matrix with more combinations than this counts as one build whose variables are not known.
const MOST_COMBINATIONS: usize = 64;
/// What a target inherits over more steps than this, all of them counted, is not known.
const MOST_STEPS: usize = 256;

/// One target, or one combination of its matrix.
struct Variant {
    name: String,
    own: Fragment,
    /// The targets it starts from, the later over the earlier; none where they are not known.
    inherits: Option<Vec<String>>,
}

/// The builds that the file declares. Paths in it are relative to `folder`. A target that others inherit from and no
/// group names is there for them alone.
pub(in crate::workspace::builds) fn builds(file: &BakeFile, folder: &Path) -> Vec<Build> {
    let work = Cell::new(0);
    let mut variants = BTreeMap::new();
    for (name, layers) in &file.targets {
        for variant in expanded(name, layers, file, folder, &work) {
            variants.insert(variant.name.clone(), variant);
        }
    }
    let scope = Scope::new(file, &work);
    let grouped = file.groups.iter().filter_map(|group| scope.value(group).texts()).flatten();
    let wanted: BTreeSet<String> = grouped.chain(["default".to_owned()]).collect();
    let inherited: BTreeSet<&String> = variants.values().filter_map(|one| one.inherits.as_ref()).flatten().collect();
    let is_built = |variant: &&Variant| wanted.contains(&variant.name) || !inherited.contains(&variant.name);
    let whole = |variant: &Variant| whole(variant, &variants, &Cell::new(0)).build(&variant.name, folder);
    variants.values().filter(is_built).filter_map(whole).collect()
}

fn expanded(name: &str, layers: &[Layer], file: &BakeFile, folder: &Path, work: &Cell<usize>) -> Vec<Variant> {
    let mut scope = Scope::new(file, work);
    let matrix = layers.iter().rev().find_map(|layer| layer.attributes.get("matrix")).map(|matrix| scope.value(matrix));
    let combinations = match matrix {
        None | Some(Value::Null) => vec![BTreeMap::new()],
        Some(Value::Object(matrix)) => combinations(&matrix),
        Some(_) => vec![BTreeMap::new()],
    };
    let mut variants = Vec::new();
    let is_one = combinations.len() == 1;
    for (index, locals) in combinations.into_iter().enumerate() {
        scope.locals = locals;
        let last =
            |key: &str| layers.iter().rev().find_map(|layer| layer.attributes.get(key)).map(|term| scope.value(term));
        let own = layers.iter().map(|layer| fragment(layer, &scope, folder)).reduce(|below, own| own.over(below));
        let own_name = last("name").and_then(|name| name.text());
        variants.push(Variant {
            name: own_name.unwrap_or_else(|| if is_one { name.to_owned() } else { format!("{name}-{index}") }),
            own: own.unwrap_or_default(),
            inherits: match last("inherits") {
                None | Some(Value::Null) => Some(Vec::new()),
                Some(names) => names.texts(),
            },
        });
    }
    variants
}

/// Every choice of one value for each name.
fn combinations(matrix: &BTreeMap<String, Value>) -> Vec<BTreeMap<String, Value>> {
    let unknown = || vec![matrix.keys().map(|name| (name.clone(), Value::Unknown)).collect()];
    let mut combinations = vec![BTreeMap::new()];
    for (name, values) in matrix {
        let Value::List(values) = values else { return unknown() };
        if values.is_empty() || combinations.len() * values.len() > MOST_COMBINATIONS {
            return unknown();
        }
        let with = |chosen: &BTreeMap<String, Value>, value: &Value| {
            let mut chosen = chosen.clone();
            chosen.insert(name.clone(), value.clone());
            chosen
        };
        combinations =
            combinations.iter().flat_map(|chosen| values.iter().map(move |value| with(chosen, value))).collect();
    }
    combinations
}

/// A variant with what it inherits.
fn whole(variant: &Variant, variants: &BTreeMap<String, Variant>, steps: &Cell<usize>) -> Fragment {
    steps.set(steps.get() + 1);
    let parents = variant.inherits.as_ref().filter(|_| steps.get() < MOST_STEPS);
    let parent = |name: &String| Some(whole(variants.get(name)?, variants, steps));
    let below: Option<Vec<Fragment>> = parents.and_then(|names| names.iter().map(parent).collect());
    let below = match below {
        Some(parents) => parents.into_iter().reduce(|below, later| later.over(below)).unwrap_or_default(),
        None => Fragment::unknown(),
    };
    variant.own.clone().over(below)
}

/// What one block says of a target.
fn fragment(layer: &Layer, scope: &Scope<'_>, folder: &Path) -> Fragment {
    let value =
        |key: &str| layer.attributes.get(key).map(|term| scope.value(term)).filter(|value| *value != Value::Null);
    let text = |key: &str| value(key).map(|value| value.text());
    let args = match value("args") {
        None => Some(BTreeMap::new()),
        Some(Value::Object(args)) => Some(args.into_iter().map(|(name, value)| (name, value.text())).collect()),
        Some(_) => None,
    };
    let named_contexts = match value("contexts") {
        Some(Value::Object(contexts)) => contexts.into_keys().collect(),
        _ => BTreeSet::new(),
    };
    let platforms = value("platforms").map(|platforms| Some(platforms.texts()?.into_iter().collect()));
    Fragment {
        context: text("context").map(|context: Setting| {
            let context = context.filter(|context| !is_remote(context) || context.starts_with(HERE))?;
            Some(joined(folder, context.strip_prefix(HERE).unwrap_or(&context)))
        }),
        dockerfile: text("dockerfile"),
        inline: scope.inline(layer),
        target: text("target"),
        has_further_args: args.is_none(),
        args: args.unwrap_or_default(),
        named_contexts,
        platforms,
    }
}

/// The directory in which Bake was called.
const HERE: &str = "cwd://";

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::text::SourceFile;
    use crate::workspace::builds::inline::Written;
    use crate::workspace::builds::{BuildFileKind, Recipe};

    fn read(name: &str, text: &str) -> Vec<Build> {
        let source = SourceFile::new(name, text);
        let written = Written::new(BuildFileKind::Bake, Path::new(name), source);
        let file = super::super::read(&Arc::new(written)).expect("a Bake file");
        builds(&file, Path::new(""))
    }

    /// Each build as `name: dockerfile (target) ARG=value …`.
    fn shown(name: &str, text: &str) -> Vec<String> {
        let build = |build: Build| {
            let path = match &build.recipe {
                Recipe::File(path) => path.display().to_string(),
                Recipe::Inline(inline) => format!("{:?}", inline.source().text()),
            };
            let target = build.target.map(|target| format!(" ({})", target.unwrap_or("?".to_owned())));
            let args = build.args.iter().map(|(name, value)| format!(" {name}={}", value.as_deref().unwrap_or("?")));
            let more = if build.has_further_args { " …" } else { "" };
            format!("{}: {}{}{}{more}", build.name, path, target.unwrap_or_default(), args.collect::<String>())
        };
        read(name, text).into_iter().map(build).collect()
    }

    fn hcl(text: &str) -> Vec<String> {
        shown("docker-bake.hcl", text)
    }

    #[test]
    fn variables_stand_for_their_defaults() {
        let text = "TAG = \"1.${MINOR}\"\nvariable \"MINOR\" { default = 20 }\nvariable \"SET\" {}\nvariable \"EMPTY\" { default = \"\" }\n\
                    target \"app\" {\n  context = \"./app\"\n  target = MINOR == 20 ? \"prod\" : \"dev\"\n  args = {\n    TAG = \"v${TAG}\"\n    SET = SET\n    \
                    EMPTY = \"${EMPTY}\"\n    UP = upper(\"x\")\n    FLAG = true\n    \"QUOTED\" = \"$${x}\"\n  }\n}\n";
        assert_eq!(hcl(text), ["app: app/Dockerfile (prod) EMPTY=? FLAG=true QUOTED=${x} SET=? TAG=v1.20 UP=?"]);
    }

    #[test]
    fn a_target_may_take_what_another_says() {
        let text = "target \"base\" {\n  context = \"app\"\n  args = { V = \"1\", W = target.app.args.X }\n}\n\
                    target \"app\" {\n  context = target.base.context\n  args = { X = \"${target.base.args.V}.2\", Y = target.base.args[\"V\"], \
                    Z = target.base.target, L = target.app.args.L }\n}\ngroup \"default\" { targets = [\"app\", \"base\"] }\n";
        assert_eq!(hcl(text), ["app: app/Dockerfile L=? X=1.2 Y=1 Z=?", "base: app/Dockerfile V=1 W=1.2"]);
        let json = "{\"target\": {\"a\": {\"target\": \"x\"}, \"b\": {\"target\": \"${target.a.target}-y\"}}}";
        assert_eq!(shown("docker-bake.json", json), ["a: Dockerfile (x)", "b: Dockerfile (x-y)"]);
    }

    #[test]
    fn platforms_are_those_of_the_target_or_of_what_it_inherits() {
        let text = "target \"base\" { platforms = [\"linux/amd64\", \"linux/arm64\"] }\n\
                    target \"app\" { inherits = [\"base\"] }\ntarget \"one\" {\n  inherits = [\"base\"]\n  platforms = [\"linux/arm64\"]\n}\n\
                    target \"open\" { platforms = [ARCH] }\ntarget \"none\" {}\n";
        let platforms = |build: Build| match build.platforms {
            Some(Some(platforms)) => platforms.into_iter().collect::<Vec<_>>().join(" "),
            Some(None) => "?".to_owned(),
            None => String::new(),
        };
        let found: Vec<String> = read("docker-bake.hcl", text).into_iter().map(platforms).collect();
        assert_eq!(found, ["linux/amd64 linux/arm64", "", "linux/arm64", "?"]);
    }

    #[test]
    fn targets_inherit_and_what_is_only_inherited_is_not_built() {
        let text = "group \"default\" { targets = [\"app\"] }\n\
                    target \"_base\" {\n  dockerfile = \"base.Dockerfile\"\n  args = { A = \"1\", B = \"1\" }\n}\n\
                    target \"more\" { args = { B = \"2\" } }\n\
                    target \"app\" {\n  inherits = [\"_base\", \"more\"]\n  args = { C = \"3\" }\n}\n\
                    target \"lost\" { inherits = [\"gone\"] }\ntarget \"own\" {\n  inherits = [GONE]\n  context = \".\"\n  dockerfile = \"x\"\n}\n";
        assert_eq!(hcl(text), ["app: base.Dockerfile A=1 B=2 C=3", "own: x (?) …"]);
    }

    #[test]
    fn a_matrix_is_every_combination() {
        let text = "target \"app\" {\n  name = \"app-${item.tgt}-${replace(v, \".\", \"-\")}\"\n  matrix = {\n    v = [\"1\"]\n    item = [{ tgt = \"a\" }, { tgt = \"b\" }]\n  }\n  \
                    target = item.tgt\n  args = { V = v }\n}\n";
        assert_eq!(hcl(text), ["app-0: Dockerfile (a) V=1", "app-1: Dockerfile (b) V=1"]);
        let text = text.replace("replace(v, \".\", \"-\")", "v");
        assert_eq!(hcl(&text), ["app-a-1: Dockerfile (a) V=1", "app-b-1: Dockerfile (b) V=1"]);
        let many = "target \"app\" {\n  matrix = { a = LIST, b = [1] }\n  args = { A = a }\n}\n";
        assert_eq!(hcl(many), ["app: Dockerfile A=?"]);
    }

    #[test]
    fn json_says_the_same() {
        let text = "{\"variable\": {\"TAG\": {\"default\": \"1\"}}, \"target\": {\"app\": {\"context\": \"cwd://app\", \"args\": {\"A\": \"v${TAG}\", \"B\": null, \"C\": 1.20}}}}";
        assert_eq!(shown("docker-bake.json", text), ["app: app/Dockerfile A=v1 B=? C=?"]);
    }

    #[test]
    fn what_grows_without_end_is_not_known() {
        let doubling: String = (1..64).map(|n| format!("v{n} = \"${{v{0}}}${{v{0}}}\"\n", n - 1)).collect();
        let text =
            format!("v0 = \"x\"\n{doubling}loop = loop\ntarget \"a\" {{ args = {{ A = v63, B = v3, C = loop }} }}\n");
        assert!(hcl(&text)[0].ends_with("A=? B=? C=?") || hcl(&text)[0].contains("A=?"), "{:?}", hcl(&text));
    }
}
