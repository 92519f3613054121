# Users: by name, by number, of stages that ship and of others.

FROM alpine:3.20 AS build
USER root
RUN sudo apk add make
USER nobody

FROM alpine:3.20 AS base
RUN adduser -D app
USER app:app

FROM base
ARG WHO=app
USER 1000:1000
USER $WHO
COPY --from=build /bin/make /bin/
USER app
