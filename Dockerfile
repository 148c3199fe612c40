# newsqa without PyTorch's GPU libraries, as a user without rights, on a root file system that may
# be read-only: `docker run --read-only --tmpfs /tmp -v newsqa:/data -p 7860:7860 newsqa`.
FROM python:3.11-slim AS wheel
RUN pip install --no-cache-dir build
COPY pyproject.toml README.md LICENSE /source/
COPY src /source/src
RUN python -m build --wheel --outdir /wheels /source

FROM python:3.11-slim
ARG TORCH=torch==2.13.0
# PyTorch's own index of CPU wheels; empty: pip's own setting.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY --from=wheel /wheels /wheels
RUN pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "$TORCH" \
    && pip install --no-cache-dir /wheels/*.whl \
    && useradd --system --uid 10001 --home-dir /data --no-create-home newsqa \
    && install --directory --owner newsqa /data /app
COPY app.py /app/
COPY corpus /app/corpus
USER newsqa
WORKDIR /app
VOLUME /data
# Beyond loopback newsqa wants a token or read-only; with a token: -e NEWSQA_READ_ONLY=false
# -e NEWSQA_ADMIN_TOKEN=... Everything that is written lies in /data or /tmp.
ENV NEWSQA_HOST=0.0.0.0 \
    NEWSQA_PORT=7860 \
    NEWSQA_READ_ONLY=true \
    NEWSQA_INDEX=/data/index \
    NEWSQA_CACHE_DIR=/data/cache \
    HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['NEWSQA_PORT'] + '/healthz', timeout=4)"]
CMD ["python", "app.py"]
