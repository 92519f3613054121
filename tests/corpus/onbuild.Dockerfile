FROM a
ONBUILD RUN ["a", "b"]
ONBUILD ENV a=b c=d
onbuild copy --from=x y \
  z
ONBUILD HEALTHCHECK --interval=1s CMD true
ONBUILD ARG x=1
ONBUILD   WORKDIR   /a  b  
