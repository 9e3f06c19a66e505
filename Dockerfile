FROM python:3.11-slim AS build
WORKDIR /build
RUN python -m venv /opt/cairn
COPY requirements/base.txt .
RUN /opt/cairn/bin/pip install --quiet --no-cache-dir --require-hashes -r base.txt

FROM python:3.11-slim
ENV PATH=/opt/cairn/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CAIRN_ENV_FILE= \
    CAIRN_HOME=/var/lib/cairn \
    CAIRN_STATIC_ROOT=/app/static
RUN useradd --uid 10001 --create-home --home-dir /var/lib/cairn --shell /usr/sbin/nologin cairn
RUN install --directory --owner=cairn --group=cairn /var/lib/cairn/exports
WORKDIR /app
COPY --from=build /opt/cairn /opt/cairn
COPY . .
# The settings want a home of their own; this one holds nothing and is not kept.
RUN CAIRN_HOME=/tmp/build python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf /tmp/build
USER cairn
VOLUME /var/lib/cairn
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
CMD ["gunicorn", "portal.wsgi:application", "--bind=0.0.0.0:8000", "--worker-class=gthread", \
    "--threads=8", "--worker-tmp-dir=/dev/shm", "--access-logfile=-"]
