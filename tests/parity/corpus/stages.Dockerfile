ARG VERSION=latest
FROM golang AS Build
WORKDIR src
COPY --from=golang:1.22 /usr/local/go/VERSION /VERSION
FROM alpine:${VERSION} as base
FROM alpine:latest AS base
from base
ENV GPG_KEY=0123456789abcdef DB_PASSWORD=x
EXPOSE 80/TCP
HEALTHCHECK CMD wget -q localhost || exit 1
CMD run it
CMD run again
USER root
