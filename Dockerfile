# Lectern in a container. Everything that it writes is below /srv/lectern/instance, so the rest may be read-only.
FROM python:3.11-slim AS build
WORKDIR /srv/lectern
COPY requirements.txt .
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt

FROM python:3.11-slim
WORKDIR /srv/lectern
# The number is written out, so that a volume's owner can be set to it. The mode is what engines give a tmpfs in that place.
RUN useradd --system --uid 10001 --home-dir /srv/lectern lectern && install --directory --owner=lectern --mode=1777 instance
COPY --from=build /srv/lectern/.venv .venv
COPY . .
USER 10001
ENV HOST=0.0.0.0 PORT=8000 DEMO_DATA=0 LOG_FORMAT=json PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
VOLUME /srv/lectern/instance
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD [".venv/bin/python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
CMD [".venv/bin/python", "-m", "server"]
