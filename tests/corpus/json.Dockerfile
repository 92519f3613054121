FROM a
RUN ["echo", "one"]
RUN [ "a\"b" , "\u00e9\ud83d\ude00" , "\ttab\/" ] 	
RUN ["echo", "one"] and more
RUN ['single']
RUN ["unterminated"
RUN ["trailing",]
RUN [1e999]
RUN ["a", \
     # between
     "b"]
CMD []
ENTRYPOINT []random
COPY ["a b", "c", "/d/"]
ADD [one, two]
HEALTHCHECK CMD ["true"]
HEALTHCHECK NONE
VOLUME []x
