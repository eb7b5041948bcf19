# The connector as a user without rights; /state holds connector.toml, its key, the tokens and the state file.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.txt pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/connector \
 && /opt/connector/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY connector connector
COPY mappings mappings
COPY state state
COPY share share
RUN /opt/connector/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
COPY --from=build /opt/connector /opt/connector
RUN useradd --system --uid 10001 --home-dir /state --shell /usr/sbin/nologin connector \
 && install -d -m 0700 -o connector -g connector /state
USER connector
WORKDIR /state
VOLUME /state
ENV PATH=/opt/connector/bin:$PATH \
    CREDENTIALS_DIRECTORY=/state \
    PYTHONUNBUFFERED=1
STOPSIGNAL SIGTERM
ENTRYPOINT ["connector"]
CMD ["sync", "--every"]
