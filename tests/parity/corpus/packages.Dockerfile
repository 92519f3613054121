FROM debian:12
RUN apt-get update && apt-get install curl
RUN apt update
RUN cd /srv && sudo make
RUN pip install flask
RUN curl -fsSL https://example.com/install | sh
RUN echo ready | tee /etc/ready
