//! What becomes of a built image, as typed: `--output`, `--push`, `--load`, `--annotation`, `--label` and the files that
//! tell scripts about it. Options are called as in buildx.

use std::path::PathBuf;

use clap::Args;

/// What becomes of the result.
#[derive(Debug, Args)]
pub(in crate::cli) struct OutputArgs {
    /// Write the result: type=image|registry|oci|docker|tar|local with dest=PATH or name=NAME; `-` is stdout, a path
    /// alone a directory; repeatable
    ///
    /// Further options of images: push=true, compression=gzip|zstd|uncompressed, compression-level=N,
    /// force-compression=true (the layers of the base too), oci-mediatypes=false, annotation.KEY=VALUE,
    /// tar=false (type=oci: a directory), rewrite-timestamp=false (times in layers stay as they are, whatever
    /// SOURCE_DATE_EPOCH says).
    #[arg(short, long = "output", value_name = "SPEC", value_parser = output_spec)]
    pub(in crate::cli) outputs: Vec<OutputSpec>,

    /// Hand the image to a running Docker or Podman
    #[arg(long)]
    pub(in crate::cli) load: bool,

    /// Push the image to each of its names
    #[arg(long)]
    pub(in crate::cli) push: bool,

    /// A remark on the image: [manifest|manifest-descriptor[PLATFORM]:]KEY=VALUE; repeatable
    #[arg(long = "annotation", value_name = "ANNOTATION", value_parser = annotation_spec)]
    pub(in crate::cli) annotations: Vec<AnnotationSpec>,

    /// A label of the image; repeatable
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = label)]
    pub(in crate::cli) labels: Vec<(String, String)>,

    /// Write digests and names of the result to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) metadata_file: Option<PathBuf>,

    /// Write the digest of the image's config to this file, as docker does
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) iidfile: Option<PathBuf>,
}

/// One `--output`, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli) struct OutputSpec {
    /// The form of the result.
    pub(in crate::cli) kind: OutputKind,
    /// Where to; none where the kind needs none.
    pub(in crate::cli) dest: Option<PathBuf>,
    /// Whether it is one archive rather than a directory.
    pub(in crate::cli) archive: bool,
    /// What it is called there; what `-t` says otherwise.
    pub(in crate::cli) names: Vec<String>,
    /// Whether it is pushed.
    pub(in crate::cli) push: bool,
    /// Whether SOURCE_DATE_EPOCH holds for the times in layers too.
    pub(in crate::cli) rewrite_timestamp: Option<bool>,
    /// How layers are compressed.
    pub(in crate::cli) compression: Option<CompressionName>,
    /// How much.
    pub(in crate::cli) level: Option<u8>,
    /// Whether that is so for the layers of the base too.
    pub(in crate::cli) force_compression: bool,
    /// Whether documents are called as OCI calls them, or as Docker does.
    pub(in crate::cli) oci_types: Option<bool>,
    /// Remarks on the image in this place.
    pub(in crate::cli) annotations: Vec<AnnotationSpec>,
}

/// The forms of a result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::cli) enum OutputKind {
    /// `type=image`, and `type=registry`, which is pushed.
    #[default]
    Image,
    /// `type=oci`
    Oci,
    /// `type=docker`
    Docker,
    /// `type=tar`
    Tar,
    /// `type=local`
    Local,
}

/// `compression=`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum CompressionName {
    /// Not at all.
    Uncompressed,
    /// gzip
    Gzip,
    /// zstd
    Zstd,
}

/// One remark, and on what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct AnnotationSpec {
    /// Whether it is about the manifest itself.
    pub(in crate::cli) on_manifest: bool,
    /// Whether it is about what lists the manifest.
    pub(in crate::cli) on_descriptor: bool,
    /// Of which platform alone.
    pub(in crate::cli) platform: Option<String>,
    /// What it is called.
    pub(in crate::cli) key: String,
    /// What it says.
    pub(in crate::cli) value: String,
}

/// Reads `type=…,dest=…`, or a path alone as buildx does: a directory, or `-` for an archive on stdout.
fn output_spec(text: &str) -> Result<OutputSpec, String> {
    if !text.contains('=') {
        let kind = if text == "-" { OutputKind::Tar } else { OutputKind::Local };
        return Ok(OutputSpec { kind, dest: Some(text.into()), archive: text == "-", ..OutputSpec::default() });
    }
    let mut spec = OutputSpec { archive: true, ..OutputSpec::default() };
    let (mut kind, mut is_about_images) = (None, None);
    for field in fields(text)? {
        let (key, value) =
            field.split_once('=').ok_or_else(|| format!("`{field}` is not understood: expected KEY=VALUE"))?;
        match key {
            "type" => {
                (kind, spec.push) = match value {
                    "image" => (Some(OutputKind::Image), spec.push),
                    "registry" => (Some(OutputKind::Image), true),
                    "oci" => (Some(OutputKind::Oci), spec.push),
                    "docker" => (Some(OutputKind::Docker), spec.push),
                    "tar" => (Some(OutputKind::Tar), spec.push),
                    "local" => (Some(OutputKind::Local), spec.push),
                    other => {
                        let known = "image, registry, oci, docker, tar or local";
                        return Err(format!("`{other}` is no type: expected {known}"));
                    }
                };
                continue;
            }
            "dest" if !value.is_empty() => {
                spec.dest = Some(value.into());
                continue;
            }
            "tar" => {
                spec.archive = is_true(&field, value)?;
                continue;
            }
            "name" => spec.names.extend(value.split(',').filter(|name| !name.is_empty()).map(str::to_owned)),
            "push" => spec.push = is_true(&field, value)?,
            "compression" => spec.compression = Some(compression(value)?),
            "compression-level" => {
                let level = value.parse().map_err(|_| format!("`{field}`: expected a number"))?;
                spec.level = Some(level);
            }
            "force-compression" => spec.force_compression = is_true(&field, value)?,
            "oci-mediatypes" => spec.oci_types = Some(is_true(&field, value)?),
            "rewrite-timestamp" => spec.rewrite_timestamp = Some(is_true(&field, value)?),
            _ => match key.strip_prefix("annotation") {
                Some(rest) => spec.annotations.push(annotation_field(rest, value).ok_or_else(|| not_known(&field))?),
                None => return Err(not_known(&field)),
            },
        }
        is_about_images.get_or_insert(key.to_owned());
    }
    spec.kind = kind.ok_or("the type is missing: type=image, registry, oci, docker, tar or local")?;
    match (spec.kind, &spec.dest, is_about_images) {
        (OutputKind::Oci | OutputKind::Tar | OutputKind::Local, None, _) => {
            Err("the place is missing: dest=PATH".into())
        }
        (OutputKind::Image, Some(_), _) => Err("an image in rplan's store has no dest: name=NAME".into()),
        (OutputKind::Tar | OutputKind::Local, _, Some(key)) => Err(format!("`{key}` is for images, not for files")),
        (kind, ..) if spec.push && kind != OutputKind::Image => Err("push=true is for type=image".into()),
        (kind, ..) if !spec.archive && kind != OutputKind::Oci => Err("tar=false is for type=oci".into()),
        _ => checked_level(spec),
    }
}

fn checked_level(spec: OutputSpec) -> Result<OutputSpec, String> {
    let most = match spec.compression {
        Some(CompressionName::Uncompressed) if spec.level.is_some() => {
            return Err("what is not compressed has no level".into());
        }
        Some(CompressionName::Zstd) => 19,
        _ => 9,
    };
    match spec.level {
        Some(level) if !(1..=most).contains(&level) => Err(format!("compression-level={level}: expected 1 to {most}")),
        _ => Ok(spec),
    }
}

fn not_known(field: &str) -> String {
    format!("`{field}` is not understood: see --help for the options there are")
}

fn is_true(field: &str, value: &str) -> Result<bool, String> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(format!("`{field}`: expected true or false")),
    }
}

fn compression(value: &str) -> Result<CompressionName, String> {
    match value {
        "gzip" => Ok(CompressionName::Gzip),
        "zstd" => Ok(CompressionName::Zstd),
        "uncompressed" => Ok(CompressionName::Uncompressed),
        other => Err(format!("compression={other}: expected gzip, zstd or uncompressed")),
    }
}

/// The fields of a line of CSV: a comma within quotes separates nothing.
fn fields(text: &str) -> Result<Vec<String>, String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for letter in text.chars() {
        match letter {
            '"' if quoted || field.is_empty() => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    if quoted { Err("a quote is missing at the end".to_owned()) } else { Ok(fields) }
}

/// `[LEVEL[PLATFORM][,LEVEL…]:]KEY=VALUE`
fn annotation_spec(text: &str) -> Result<AnnotationSpec, String> {
    let (name, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    let (levels, key) = match name.split_once(':') {
        Some((levels, key)) => (levels, key),
        None => ("manifest", name),
    };
    if key.is_empty() {
        return Err("expected KEY=VALUE".to_owned());
    }
    let mut spec = AnnotationSpec {
        on_manifest: false,
        on_descriptor: false,
        platform: None,
        key: key.to_owned(),
        value: value.to_owned(),
    };
    for level in levels.split(',') {
        let (level, platform) = match level.strip_suffix(']').and_then(|rest| rest.split_once('[')) {
            Some((level, platform)) => (level, Some(platform.to_owned())),
            None => (level, None),
        };
        match level {
            "manifest" => spec.on_manifest = true,
            "manifest-descriptor" => spec.on_descriptor = true,
            "index" | "index-descriptor" => {
                return Err(format!(
                    "`{level}`: an image of one platform has no index; use manifest or manifest-descriptor"
                ));
            }
            other => {
                return Err(format!("`{other}` is nothing to remark on: expected manifest or manifest-descriptor"));
            }
        }
        spec.platform = platform.or(spec.platform);
    }
    Ok(spec)
}

/// `annotation[-LEVEL][[PLATFORM]].KEY=VALUE` of an output, after its first word.
fn annotation_field(rest: &str, value: &str) -> Option<AnnotationSpec> {
    let (level, key) = rest.split_once('.')?;
    let level = match level.strip_prefix('-') {
        Some(level) => level.to_owned(),
        None if level.is_empty() || level.starts_with('[') => format!("manifest{level}"),
        None => return None,
    };
    annotation_spec(&format!("{level}:{key}={value}")).ok()
}

fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    if key.is_empty() { Err("expected KEY=VALUE".to_owned()) } else { Ok((key.to_owned(), value.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_read_as_buildx_reads_them() {
        let spec = |kind, dest: &str, archive| {
            Ok(OutputSpec { kind, dest: Some(dest.into()), archive, ..OutputSpec::default() })
        };
        assert_eq!(output_spec("out"), spec(OutputKind::Local, "out", false));
        assert_eq!(output_spec("-"), spec(OutputKind::Tar, "-", true));
        assert_eq!(output_spec("type=oci,dest=a.tar"), spec(OutputKind::Oci, "a.tar", true));
        assert_eq!(output_spec("type=oci,dest=a,tar=false"), spec(OutputKind::Oci, "a", false));
        assert!(output_spec("type=docker").is_ok_and(|spec| spec.dest.is_none()));
        let pushed =
            output_spec(r#"type=registry,"name=a,b:1",compression=zstd,compression-level=9,oci-mediatypes=true"#);
        let pushed = pushed.expect("it is understood");
        assert!(pushed.push && pushed.names == ["a", "b:1"] && pushed.level == Some(9), "{pushed:?}");
        let remarked = output_spec("type=image,annotation-manifest-descriptor[linux/arm64].a.b=c=d,push=true");
        let remark = &remarked.expect("it is understood").annotations[0];
        assert_eq!((&remark.key[..], &remark.value[..], remark.on_descriptor), ("a.b", "c=d", true));
        for wrong in [
            "type=oci",
            "type=zip,dest=x",
            "dest=x",
            "type=tar,dest=x,tar=false",
            "type=oci,dest=x,push=true",
            "type=local,dest=x,compression=zstd",
            "type=image,dest=x",
            "type=image,compression=lzma",
            "type=image,compression-level=10",
            "type=image,\"name=a",
            "type=image,colour=red",
        ] {
            assert!(output_spec(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_annotation_says_what_it_is_about() {
        let spec = annotation_spec("manifest,manifest-descriptor[linux/arm64]:org.x:y=a=b").expect("it is understood");
        assert!(spec.on_manifest && spec.on_descriptor);
        assert_eq!((&spec.key[..], &spec.value[..], spec.platform.as_deref()), ("org.x:y", "a=b", Some("linux/arm64")));
        assert!(annotation_spec("a=b").is_ok_and(|spec| spec.on_manifest && !spec.on_descriptor));
        for wrong in ["a", "=b", "index:a=b", "house:a=b"] {
            assert!(annotation_spec(wrong).is_err(), "{wrong}");
        }
    }
}
