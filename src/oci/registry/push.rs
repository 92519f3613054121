//! Putting blobs and manifests into a repository.

use std::io::Read;

use bytes::Bytes;
use futures_util::stream;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use reqwest::{Body, Response, StatusCode, Url};
use tokio::sync::mpsc::{self, Sender};

use super::super::blob::{BlobSink, BlobSource, Verified, read_document};
use super::super::error::{Error, Result};
use super::super::manifest::{Descriptor, media_type};
use super::failure::{ATTEMPTS, Failure};
use super::repository::{MANIFEST_LIMIT, Purpose, Repository};

/// How much of a blob is read at once, and how many such pieces may wait for the network.
const CHUNK: usize = 256 << 10;
const WAITING: usize = 8;

impl BlobSink for Repository<'_> {
    fn has(&self, blob: &Descriptor) -> Result<bool> {
        if media_type::is_manifest(&blob.media_type) {
            return Ok(false);
        }
        let wanted = format!("blob {} of `{}/{}`", blob.digest, self.host(), self.name());
        let url = self.wire.address(self.name(), &format!("blobs/{}", blob.digest));
        self.retried(&wanted, || async {
            match self.ask(Purpose::Push, &url, &|| self.wire.http.head(url.clone())).await {
                Ok(answer) => Ok(has_size(&answer, blob.size)),
                // Some registries deny looking into a repository that is about to be made.
                Err(failure) if failure.is_absence() || failure.is_refusal() => Ok(false),
                Err(failure) => Err(failure),
            }
        })
    }

    fn put(&self, blob: &Descriptor, source: &dyn BlobSource) -> Result<()> {
        if media_type::is_manifest(&blob.media_type) {
            let bytes = read_document(source, blob, MANIFEST_LIMIT as u64)?;
            return self.push_manifest(&blob.digest.to_string(), blob, &bytes);
        }
        let mut room = match self.mount(blob) {
            Mounted::Done => return Ok(()),
            Mounted::Not(room) => room,
        };
        let wanted = format!("room for blob {} in `{}/{}`", blob.digest, self.host(), self.name());
        let mut attempt = 1;
        loop {
            match self.push_blob(blob, source, room.take()) {
                Err(PushError::Network(failure)) if attempt < ATTEMPTS && failure.is_passing() => {
                    tracing::debug!(digest = %blob.digest, attempt, %failure, "sending the blob again");
                    std::thread::sleep(failure.pause(attempt));
                    attempt += 1;
                }
                Err(PushError::Network(failure)) => return Err(self.worded(&wanted, &failure)),
                Err(PushError::Source(error)) => return Err(error),
                Ok(()) => return Ok(()),
            }
        }
    }

    fn lanes(&self) -> usize {
        4
    }
}

enum PushError {
    /// The blob could not be read; sending it again would not help.
    Source(Error),
    Network(Failure),
}

/// What came of asking another repository for a blob.
enum Mounted {
    /// It is here now.
    Done,
    /// It has to be sent; perhaps the registry has made room for that already.
    Not(Option<Url>),
}

impl Repository<'_> {
    pub(super) fn push_manifest(&self, reference: &str, manifest: &Descriptor, bytes: &[u8]) -> Result<()> {
        let wanted = format!("room for manifest `{}`", self.named(reference));
        let url = self.wire.address(self.name(), &format!("manifests/{reference}"));
        let request =
            || self.wire.http.put(url.clone()).header(CONTENT_TYPE, &manifest.media_type).body(bytes.to_vec());
        self.retried(&wanted, || self.ask(Purpose::Push, &url, &request)).map(drop)
    }

    /// Takes the blob over from another repository of the registry, if one has it.
    fn mount(&self, blob: &Descriptor) -> Mounted {
        let mut room = None;
        let others = self.mountable.get(&blob.digest).into_iter().flatten();
        for other in others.filter(|other| *other != self.name()) {
            let mut url = self.wire.address(self.name(), "blobs/uploads/");
            url.query_pairs_mut().append_pair("mount", &blob.digest.to_string()).append_pair("from", other);
            let request = || self.wire.http.post(url.clone()).header(CONTENT_LENGTH, 0);
            let asked = self.registries.runtime.block_on(self.ask(Purpose::Mount(other), &url, &request));
            match asked {
                Ok(answer) if answer.status() == StatusCode::CREATED => return Mounted::Done,
                // What is offered instead is room for the blob.
                Ok(answer) => room = self.room_of(&answer).ok(),
                Err(failure) => tracing::debug!(other, %failure, "the blob cannot be mounted"),
            }
        }
        Mounted::Not(room)
    }

    /// Where the registry takes what it has promised to take.
    fn room_of(&self, answer: &Response) -> std::result::Result<Url, Failure> {
        let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        self.wire.follow(location.ok_or_else(|| Failure::Nonsense("it says not where to send the blob".to_owned()))?)
    }

    /// Sends a blob: this thread speaks to the registry, another reads ahead.
    fn push_blob(
        &self,
        blob: &Descriptor,
        source: &dyn BlobSource,
        room: Option<Url>,
    ) -> std::result::Result<(), PushError> {
        let content = source.open(blob).map_err(PushError::Source)?;
        let (sender, mut receiver) = mpsc::channel(WAITING);
        let chunks = stream::poll_fn(move |context| receiver.poll_recv(context));
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| read_ahead(Verified::new(content, blob), sender));
            let pushed = self.registries.runtime.block_on(self.upload(blob, Body::wrap_stream(chunks), room));
            // The cause is told before its consequence.
            reading.join().expect("reading a blob does not panic").map_err(PushError::Source)?;
            pushed.map_err(PushError::Network)
        })
    }

    /// Asks for room, where there is none yet, and fills it with `body` in one request.
    async fn upload(&self, blob: &Descriptor, body: Body, room: Option<Url>) -> std::result::Result<(), Failure> {
        let mut room = match room {
            Some(room) => room,
            None => {
                let url = self.wire.address(self.name(), "blobs/uploads/");
                let request = || self.wire.http.post(url.clone()).header(CONTENT_LENGTH, 0);
                self.room_of(&self.ask(Purpose::Push, &url, &request).await?)?
            }
        };
        room.query_pairs_mut().append_pair("digest", &blob.digest.to_string());
        let request = self.wire.http.put(room.clone()).header(CONTENT_TYPE, "application/octet-stream");
        let request = self.opened(Purpose::Push, &room, request).header(CONTENT_LENGTH, blob.size).body(body);
        let answer = request.send().await?;
        match answer.status().is_success() {
            true => Ok(()),
            false => Err(Failure::of(answer).await),
        }
    }
}

/// Whether the blob that the answer is about is as long as it should be; a registry need not say.
fn has_size(answer: &Response, size: u64) -> bool {
    let said = answer.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    said.is_none_or(|said| said == size)
}

/// Reads `content` into the channel, until its end or until nobody listens any more.
fn read_ahead(mut content: impl Read, chunks: Sender<std::io::Result<Bytes>>) -> Result<()> {
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        match (&mut content).take(CHUNK as u64).read_to_end(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(_) if chunks.blocking_send(Ok(chunk.into())).is_err() => return Ok(()),
            Ok(_) => {}
            Err(error) => {
                // The registry must not take what came so far for the blob.
                let _ = chunks.blocking_send(Err(std::io::Error::other("the blob could not be read")));
                return Err(Error::io("reading a blob to send it")(error));
            }
        }
    }
}
