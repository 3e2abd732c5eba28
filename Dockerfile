# syntax=docker/dockerfile:1
FROM python:3.12-slim AS built
WORKDIR /src
COPY .ci/image.txt ./
# Everything as pinned, with its hashes; the project itself is built with what is pinned, too.
RUN python -m venv /opt/voxweave \
    && /opt/voxweave/bin/pip install --no-cache-dir --require-hashes -r image.txt
COPY pyproject.toml README.md LICENSE ./
COPY config ./config
COPY voxweave ./voxweave
RUN /opt/voxweave/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
# Noto fills in for the scripts our own fonts lack; the certificates are for providers; strangers' files are read
# in bubblewrap where the engine lets a container make namespaces, else under limits alone.
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap ca-certificates fonts-noto-core fonts-noto-cjk tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 voxweave
COPY --from=built /opt/voxweave /opt/voxweave
USER voxweave
WORKDIR /work
# With `docker run --read-only --tmpfs /tmp` only /work and /tmp take files: what is kept lies in /work.
ENV PATH=/opt/voxweave/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    XDG_CACHE_HOME=/work/.cache XDG_STATE_HOME=/work/.state
# tini hands signals on, so that `docker stop` ends a run cleanly and the next one goes on.
ENTRYPOINT ["tini", "--", "voxweave"]
CMD ["--help"]
