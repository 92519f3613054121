//! What becomes of a built image: from what was typed to what the executor is asked for, and what is told to scripts.

use std::path::Path;

use serde_json::json;

use crate::cli::args::{AnnotationSpec, CompressionName, OutputArgs, OutputKind, OutputSpec};
use crate::cli::exit::{Answer, Failure};
use crate::cli::{input, write};
use crate::exec::{Destination, ImageFormat, Made, Output, Outputs, Written};
use crate::model::image_ref::is_same;
use crate::oci::layer::Compression;
use crate::oci::manifest::annotation;
use crate::oci::{Dialect, Platform};

/// What is asked for besides the image in the store, which gets `names`; and the form that image has there: that of
/// the first output that says one.
pub(super) fn outputs(args: &OutputArgs, names: &[String], platform: &str) -> Answer<(Outputs, ImageFormat)> {
    let mut written = Vec::new();
    let mut form = None;
    for spec in &args.outputs {
        let format = format(spec, &args.annotations, platform)?;
        if !matches!(spec.kind, OutputKind::Tar | OutputKind::Local) {
            form.get_or_insert_with(|| format.clone());
        }
        if let Some(output) = output(spec, names, args.push) {
            written.push(Written { output, format: Some(format) });
        }
    }
    let usual = format(&OutputSpec::default(), &args.annotations, platform)?;
    if args.push && !args.outputs.iter().any(|spec| spec.kind == OutputKind::Image) {
        written.push(Written { output: Output::Image { names: names.to_vec(), push: true }, format: form.clone() });
    }
    for output in &written {
        if matches!(&output.output, Output::Image { names, push: true } if names.is_empty()) {
            return Err(Failure::usage("there is no name to push to").with_help("-t NAME, or name=NAME in --output"));
        }
    }
    let is_loaded = |spec: &OutputSpec| spec.kind == OutputKind::Docker && spec.dest.is_none();
    let load = args.load || args.outputs.iter().any(is_loaded);
    Ok((Outputs { names: names.to_vec(), written, load }, form.unwrap_or(usual)))
}

/// One `--output`; none for the one that means `--load`.
fn output(spec: &OutputSpec, names: &[String], push: bool) -> Option<Output> {
    let place = spec.dest.as_ref().map(|path| match input::is_stdin(path) {
        true => Destination::Stdout,
        false => Destination::Path(path.clone()),
    });
    Some(match spec.kind {
        OutputKind::Image => {
            let names = if spec.names.is_empty() { names } else { &spec.names };
            Output::Image { names: names.to_vec(), push: spec.push || push }
        }
        OutputKind::Oci => Output::Oci { dest: place?, archive: spec.archive },
        OutputKind::Docker => Output::Docker(place?),
        OutputKind::Tar => Output::Tar(place?),
        OutputKind::Local => Output::Local(spec.dest.clone()?),
    })
}

/// The form of an image in one place.
fn format(spec: &OutputSpec, everywhere: &[AnnotationSpec], platform: &str) -> Answer<ImageFormat> {
    let mut format = ImageFormat {
        compression: match (spec.compression, spec.level) {
            (Some(CompressionName::Uncompressed), _) => Compression::None,
            (Some(CompressionName::Zstd), None) => Compression::ZSTD,
            (Some(CompressionName::Zstd), Some(level)) => Compression::Zstd { level: i32::from(level) },
            (Some(CompressionName::Gzip) | None, None) => Compression::GZIP,
            (Some(CompressionName::Gzip) | None, Some(level)) => Compression::Gzip { level: u32::from(level) },
        },
        recompresses_base: spec.force_compression,
        rewrites_times: spec.rewrite_timestamp != Some(false),
        dialect: if spec.oci_types == Some(false) { Dialect::Docker } else { Dialect::Oci },
        ..ImageFormat::default()
    };
    let ours: Platform = platform.parse().map_err(Failure::usage)?;
    for remark in everywhere.iter().chain(&spec.annotations) {
        let is_meant = match &remark.platform {
            Some(other) => other.parse::<Platform>().map_err(Failure::usage)? == ours,
            None => true,
        };
        let (key, value) = (&remark.key, &remark.value);
        if is_meant && remark.on_manifest {
            format.annotations.insert(key.clone(), value.clone());
        }
        if is_meant && remark.on_descriptor {
            format.descriptor_annotations.insert(key.clone(), value.clone());
        }
    }
    if format.dialect == Dialect::Docker && !format.annotations.is_empty() {
        return Err(
            Failure::usage("Docker's manifests have no annotations").with_help("leave out oci-mediatypes=false")
        );
    }
    Ok(format)
}

/// Writes the files that scripts look for.
pub(super) fn tell_scripts(args: &OutputArgs, made: &Made, reference: &str) -> Answer<()> {
    let put = |path: &Path, bytes: &[u8]| write::create(path, bytes);
    if let Some(path) = &args.iidfile {
        put(path, made.config.to_string().as_bytes())?;
    }
    if let Some(path) = &args.metadata_file {
        put(path, &metadata(args, made, reference))?;
    }
    Ok(())
}

/// What scripts that know buildx look for.
fn metadata(args: &OutputArgs, made: &Made, reference: &str) -> Vec<u8> {
    let mut remarks = made.descriptor.annotations.clone();
    remarks.insert("config.digest".to_owned(), made.config.to_string());
    remarks.extend(made.created.clone().map(|created| (annotation::CREATED.to_owned(), created)));
    let mut metadata = json!({
        "buildx.build.ref": format!("rplan/store/{reference}"),
        "containerimage.config.digest": made.config.to_string(),
        "containerimage.descriptor": {
            "annotations": remarks,
            "digest": made.digest.to_string(),
            "mediaType": made.descriptor.media_type,
            "size": made.descriptor.size,
        },
        "containerimage.digest": made.digest.to_string(),
    });
    let mut names = made.names.clone();
    for name in args.outputs.iter().flat_map(|spec| &spec.names) {
        if !names.iter().any(|known| is_same(known, name)) {
            names.push(crate::model::image_ref::normalized(name));
        }
    }
    if !names.is_empty() {
        metadata["image.name"] = names.join(",").into();
    }
    let mut bytes = serde_json::to_vec_pretty(&metadata).expect("metadata has only string keys");
    bytes.push(b'\n');
    bytes
}
