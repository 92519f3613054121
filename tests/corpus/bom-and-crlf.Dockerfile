#!/usr/bin/env docker build -f
# syntax=docker/dockerfile:1
# check=error=true
FROM a

RUN b \
	# c
  d
COPY <<EOF /e
f
EOF
