FROM python:3.12
MAINTAINER someone@example.com
ENV home /srv
LABEL Key value
ADD app.py /srv/
ADD . /src
ADD archive.tar.gz /srv/
WORKDIR "/srv"
WORKDIR app
RUN echo a \

    && echo b
ENTRYPOINT python app.py
