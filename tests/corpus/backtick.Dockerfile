# escape=`
FROM windows AS `
  build
RUN dir c:\ `
  && dir d:\
COPY a\b `
     c:\d\
ENV a=b` c d="e`"f"
RUN end``
