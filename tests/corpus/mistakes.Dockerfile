# escape=x
# escape=`
# check=skip=all
# check=error=true
FNTRYPOINT ["a"]
FROM
FROM a b
FROM a is b
FROM a AS 1st
FROM a AS b c d
FROM --plattform=linux/amd64 a
RUN --mount --network=bridge --security=unsafe --netwrok=none true
RUN --network=none --network=host true
CMD --x
CMD ["a", 1, ["b"], null]
COPY a
COPY ["a"]
COPY --link=yes --link= --parents=TRUE --from a b
COPY --form=base a b
COPY a <<EOF
EOF
ADD --from=base a b
ADD --chmod
ENV
ENV alone
ENV a=1 b c=3
ENV =1 a=2 ="x"
LABEL
LABEL alone
ARG
ARG =1 b =2
EXPOSE
EXPOSE --x 80
USER
WORKDIR
VOLUME
VOLUME []
VOLUME ["/a", "", " "]
STOPSIGNAL
STOPSIGNAL --dropped SIGINT
MAINTAINER
HEALTHCHECK
HEALTHCHECK NONE now
HEALTHCHECK --interval=wrong NONE
HEALTHCHECK CMD
HEALTHCHECK CMD []
HEALTHCHECK curl localhost
HEALTHCHECK --interval=5 --timeout=1us --retries=-1 --start-period= --intervall=1s CMD true
SHELL
SHELL bash -c
SHELL []
SHELL ["bash", 1]
ONBUILD
ONBUILD ONBUILD RUN a
ONBUILD FROM a
ONBUILD MAINTAINER a
ONBUILD RUNN a
ONBUILD --x RUN a
ONBUILD COPY --form=x a b
ONBUILD ENV a
\
