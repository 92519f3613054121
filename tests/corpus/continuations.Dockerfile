FROM debian
RUN apt-get update && \
    apt-get install -y \
# a comment in the first column
        curl \
    # an indented comment

        git \	  
    && rm -rf /var/lib/apt/lists/*
RUN echo \\
RUN echo \\\
RUN first\
second
\
RUN third
ENV a=1 \
    b=2 \

    c=3
RUN echo one; \
