FROM a
RUN echo ÿþ café
ENV a=Ã( b="€"
CMD ["ÿ"]
éé what
COPY --chown=é aé b
LABEL =
