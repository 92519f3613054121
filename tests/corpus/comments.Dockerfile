# base is where everything starts
# it has two lines
FROM a AS base

# VERSION of the thing

# not next to it
ARG VERSION
#
# rplan ignore=latest-tag
FROM b # not a comment
   # indented
RUN a # not a comment either
