FROM centos:7
RUN yum -y install httpd && yum clean all
COPY app.tar.gz site.zip /tmp/
RUN tar -xzf /tmp/app.tar.gz -C /opt
RUN unzip /tmp/site.zip
RUN curl -O https://example.com/a && microdnf install git
RUN wget -q https://example.com/b
FROM opensuse/leap:15.6
RUN zypper -n install curl
RUN apk add curl && rm -rf /var/cache/apk/*
RUN yarn install
COPY --from=0 / /
FROM node:22
RUN dnf -y install curl && dnf -y install git
RUN --mount=type=cache,target=/root/.cache/yarn yarn install
RUN yarn install && yarn cache clean
RUN zypper -n install curl && zypper clean
RUN apk add --update curl
RUN pip install flask && rm -rf /root/.cache
COPY --from=0 / /
COPY --from=tonistiigi/xx / /
RUN wget -q https://example.com/b && curl -O https://example.com/c
