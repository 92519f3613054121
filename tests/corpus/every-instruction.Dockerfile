# syntax=docker/dockerfile:1
# check=skip=JSONArgsRecommended;error=true

ARG VERSION=3.9 REGISTRY
FROM --platform=$BUILDPLATFORM ${REGISTRY:-docker.io}/python:$VERSION AS Base
ARG TARGETARCH
ENV PATH=/venv/bin:$PATH LANG="C.UTF-8"
LABEL org.opencontainers.image.title="a small thing" maintainer='me@example.org'
MAINTAINER Somebody <me@example.org>
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /app
USER 1000:1000
COPY --from=base --chown=1000:1000 --chmod=0644 --link --exclude=*.md --exclude=docs --parents src/./lib dest/
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d --unpack https://example.org/a.tar.xz /opt/
ADD --keep-git-dir=true https://example.org/repo.git#main:lib /src
RUN --mount=type=cache,target=/root/.cache --mount=type=bind,source=.,target=/src --network=none --security=sandbox pip install -r requirements.txt
EXPOSE 80/tcp 443 8000-8010
VOLUME /data /var/log
VOLUME ["/with space", "/other"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=1m30s --start-period=0s --start-interval=500ms --retries=3 CMD curl -f http://localhost/ || exit 1
ONBUILD COPY --chown=1:1 . /app
ENTRYPOINT ["python", "-m", "app"]
CMD ["--verbose"]
