FROM base AS a
RUN busybox sleep 2; echo a > /a
FROM base AS b
RUN busybox sleep 2; echo b > /b
FROM base AS c
RUN busybox sleep 2; echo c > /c
FROM base
COPY --from=a /a /
COPY --from=b /b /
COPY --from=c /c /
