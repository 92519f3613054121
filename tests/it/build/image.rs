//! The image: its config, its history, its layers, and that they are the same everywhere.

use rplan::exec::{Outputs, Request, Settings};
use rplan::oci::manifest::Descriptor;
use rplan::oci::{Image, Platform};

use crate::support::builds::{Built, Workshop};
use crate::support::snapshot::in_area;
use crate::support::system::system_tests_run;

/// The image that the workshop's store has under `name`.
fn stored(workshop: &Workshop, name: &str) -> Image {
    let store = workshop.store();
    let tag = store.tags.get(name).unwrap().expect("a tag");
    let size = store.blobs.size(&tag.manifest).unwrap().expect("a manifest");
    let place = workshop.path("store/blobs/sha256");
    Image::load(&Files(place), &Descriptor::new("", tag.manifest, size), &Platform::host()).expect("an image")
}

/// Blobs as files in a directory.
struct Files(std::path::PathBuf);

impl rplan::oci::BlobSource for Files {
    fn open(&self, blob: &Descriptor) -> rplan::oci::Result<Box<dyn std::io::Read + Send + '_>> {
        Ok(Box::new(std::fs::File::open(self.0.join(blob.digest.hex())).expect("a blob")))
    }
}

fn named(request: Request, name: &str) -> Request {
    Request { outputs: Outputs { names: vec![name.to_owned()], ..Outputs::default() }, ..request }
}

const EVERYTHING: &str = "\
FROM busybox AS base
LABEL from=base
CMD [\"inherited\"]
FROM base
ARG VERSION=1
ENV APP=/srv/app VERSION=$VERSION
LABEL org.example.name=\"an app\"
WORKDIR $APP
COPY f .
RUN echo $VERSION > version
USER web:log
EXPOSE 80 53/udp
VOLUME /data
STOPSIGNAL SIGINT
HEALTHCHECK --interval=5s CMD true
ENTRYPOINT [\"/bin/sh\", \"-c\"]
CMD echo \"$APP\"
";

#[test]
fn config_and_history_are_those_of_docker() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    workshop.write("f", "f");
    let settings = Settings { epoch: Some(1_700_000_000), ..Settings::default() };
    let request = Request { settings, ..workshop.request(EVERYTHING) };
    workshop.build_request(&named(request, "app")).succeeded();
    let image = stored(&workshop, "docker.io/library/app:latest");
    let mut config = image.config.clone();
    config.rootfs = Default::default();
    config.platform = Platform::new("linux", "any", None);
    in_area("build", || insta::assert_json_snapshot!("config", config));
    let told = image.config.history.iter().filter(|line| !line.empty_layer).count();
    assert_eq!(told, image.layers.len());
}

#[test]
fn an_image_in_the_store_is_a_base_for_others() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let mine = "FROM busybox\nENV WHO=me\nRUN echo mine > /mine\nONBUILD RUN echo triggered\n";
    workshop.build_request(&named(workshop.request(mine), "me/mine:1")).succeeded();
    let built = workshop.build("FROM me/mine:1\nRUN cat /mine; echo $WHO\n");
    built.succeeded();
    assert_eq!(built.output(), ["triggered", "mine", "me"]);
    let error = workshop.build("FROM me/other\n").error();
    assert_eq!(error, "`me/other` is not in rplan's store, and no registry may be asked");
}

fn digest(built: &Built) -> String {
    built.succeeded().image.as_ref().expect("an image").digest.to_string()
}

#[test]
fn with_an_epoch_the_image_is_the_same_whatever_builds_it() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let dockerfile = "FROM busybox AS a\nRUN mkdir /out && head -c 3000000 /bin/busybox > /out/a && ln /out/a /out/b\n\
                      FROM busybox AS b\nRUN date > /when; echo b > /b; rm /when\n\
                      FROM busybox\nWORKDIR /srv\nCOPY . .\nCOPY --from=a /out /out\nCOPY --from=b /b /\nRUN rm /etc/group; echo hi > hi\n";
    let build = |jobs: usize, cores: usize| {
        let workshop = Workshop::new();
        workshop.write("x/y", "content");
        workshop.write("z", "more");
        let settings = Settings { jobs, cores, epoch: Some(1_600_000_000), ..Settings::default() };
        let request = Request { settings, ..workshop.request(dockerfile) };
        digest(&workshop.build_request(&request))
    };
    let one = build(1, 1);
    assert_eq!(one, build(8, 4));
    assert_eq!(one, build(8, 2));
}

#[test]
fn nothing_in_the_layers_is_newer_than_the_epoch() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    let dockerfile = "FROM busybox\nRUN echo now > /now\nRUN touch -d @1000000000 /old\n";
    // Built without an epoch first: what was kept then has the times of then.
    workshop.build(dockerfile).succeeded();
    let epoch = 1_500_000_000;
    let settings = Settings { epoch: Some(epoch), ..Settings::default() };
    let request = Request { settings, ..workshop.request(dockerfile) };
    let built = workshop.build_request(&named(request, "clamped"));
    assert_eq!(built.ran(), Vec::<String>::new());
    let image = stored(&workshop, "docker.io/library/clamped:latest");
    let mut times = Vec::new();
    for layer in &image.layers[1..] {
        let blob = std::fs::File::open(workshop.path("store/blobs/sha256").join(layer.blob.digest.hex())).unwrap();
        let mut reader = rplan::oci::layer::LayerReader::new(blob).unwrap();
        while let Some(entry) = reader.next_entry().unwrap() {
            times.push((String::from_utf8(entry.path).unwrap(), entry.mtime));
        }
    }
    assert_eq!(times, [("now".to_owned(), epoch), ("old".to_owned(), 1_000_000_000)]);
    assert_eq!(image.config.created.as_deref(), Some("2017-07-14T02:40:00Z"));
}

#[test]
fn a_run_that_changes_nothing_still_makes_a_layer_and_leaves_no_stubs() {
    if !system_tests_run("root and busybox-static") {
        return;
    }
    let workshop = Workshop::new();
    workshop.build_request(&named(workshop.request("FROM busybox\nRUN true\n"), "same")).succeeded();
    let image = stored(&workshop, "docker.io/library/same:latest");
    assert_eq!(image.layers.len(), 2);
    let blob =
        std::fs::File::open(workshop.path("store/blobs/sha256").join(image.layers[1].blob.digest.hex())).unwrap();
    let mut reader = rplan::oci::layer::LayerReader::new(blob).unwrap();
    assert_eq!(reader.next_entry().unwrap(), None);
}

#[test]
fn the_epoch_may_be_a_build_argument_or_a_global_default() {
    let workshop = Workshop::bare();
    let created = |dockerfile: &str, given: Option<&str>| {
        let mut request = named(workshop.request(dockerfile), "e");
        request.options.build_args.extend(given.map(|value| ("SOURCE_DATE_EPOCH".to_owned(), value.to_owned())));
        let built = workshop.build_request(&request);
        match &built.outcome {
            Ok(_) => stored(&workshop, "docker.io/library/e:latest").config.created.unwrap_or_default(),
            Err(error) => error.to_string(),
        }
    };
    let declared = "ARG SOURCE_DATE_EPOCH=86400\nFROM scratch\nENV A=b\n";
    assert_eq!(created(declared, None), "1970-01-02T00:00:00Z");
    assert_eq!(created(declared, Some("3600")), "1970-01-01T01:00:00Z");
    assert_eq!(created(declared, Some("")), "");
    assert_eq!(created(declared, Some("soon")), "SOURCE_DATE_EPOCH is `soon`: expected seconds since 1970");
}
