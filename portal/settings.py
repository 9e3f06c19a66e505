"""Every setting of Cairn. The environment and .env are read here and nowhere else.

`.env.example` explains the variables; a wrong or unknown one ends the start with a sentence.
"""

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONCE, NONE, SELF

from findings.outgoing_addresses import AllowList
from portal.environment import Environment, is_mail_sender
from portal.logs import logging_config
from portal.secret_key import credential_key_of, secret_key_of
from workers.broker import broker_url

BASE_DIR = Path(__file__).resolve().parent.parent
ENV_FILE = os.environ.get("CAIRN_ENV_FILE", str(BASE_DIR / ".env"))

env = Environment(Path(ENV_FILE) if ENV_FILE else None)

# --- Where it runs ---
env.text("CAIRN_ENV_FILE")
DEBUG = env.flag("DEBUG", False)
HOME = Path(env.text("CAIRN_HOME", str(BASE_DIR / "var"))).expanduser().resolve()
DATABASE_URL = env.url("DATABASE_URL", schemes=("postgresql", "postgres", "sqlite"))
BROKER_URL = env.url("BROKER_URL", schemes=("redis", "rediss", "redis+socket", "memory"))
# Embedded: the supervisor runs the broker, everything is on this machine.
EMBEDDED = not BROKER_URL
SECRET_KEY = env.text("SECRET_KEY", secret=True)
# Encrypt stored credentials of trackers: the first key encrypts, every key decrypts.
CREDENTIAL_KEYS = env.texts("CREDENTIAL_KEYS", secret=True)

# --- How it is reached ---
WEB_HOST = env.text("CAIRN_WEB_HOST", "127.0.0.1")
WEB_PORT = env.number("CAIRN_WEB_PORT", 8000, minimum=1, maximum=65535)
WEB_THREADS = env.number("CAIRN_WEB_THREADS", 8, minimum=1, maximum=256)
# This machine's own names always serve: its health checks use them.
ALLOWED_HOSTS = [*env.texts("ALLOWED_HOSTS"), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.texts("CSRF_TRUSTED_ORIGINS")
HTTPS = env.flag("CAIRN_HTTPS", not (EMBEDDED or DEBUG))
TRUST_PROXY = env.flag("CAIRN_TRUST_PROXY", False)
HSTS_SECONDS = env.number("CAIRN_HSTS_SECONDS", 3600, minimum=0, maximum=63_072_000)
BASE_PATH = env.text(
    "CAIRN_BASE_PATH",
    advice="Give a path that begins with / and does not end with it, such as /cairn.",
    accepts=lambda path: path.startswith("/") and not path.endswith("/"),
)
# How people reach it from outside, for links in tickets; empty: no links.
PUBLIC_URL = env.url("CAIRN_PUBLIC_URL", schemes=("http", "https")).rstrip("/")
_STATIC_ROOT = env.text("CAIRN_STATIC_ROOT")
# Requests that one token, or one person with a session, may send to the API in a minute; 0: any.
API_REQUESTS_A_MINUTE = env.number("CAIRN_API_RATE", 1200, minimum=0, maximum=1_000_000)
API_BODY_BYTES = 1024 * env.number("CAIRN_API_BODY_KB", 1024, minimum=1, maximum=102_400)
DATA_UPLOAD_MAX_MEMORY_SIZE = max(2_621_440, API_BODY_BYTES)

# --- How it works ---
# What trackers, webhooks and chats may be reached at although it is not public.
OUTGOING_ALLOW = env.texts("CAIRN_OUTGOING_ALLOW")
OUTGOING_PROXY = env.url("CAIRN_OUTGOING_PROXY", schemes=("http",))
# The mail server; without one there is no e-mail. Django reads the names that begin with EMAIL_.
EMAIL_HOST = env.text("CAIRN_SMTP_HOST")
_SMTP_TLS = env.choice("CAIRN_SMTP_TLS", "STARTTLS", ("STARTTLS", "TLS", "NONE"))
EMAIL_USE_TLS, EMAIL_USE_SSL = _SMTP_TLS == "STARTTLS", _SMTP_TLS == "TLS"
EMAIL_PORT = env.number("CAIRN_SMTP_PORT", 465 if EMAIL_USE_SSL else 587, minimum=1, maximum=65535)
EMAIL_HOST_USER = env.text("CAIRN_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("CAIRN_SMTP_PASSWORD", secret=True)
EMAIL_TIMEOUT = 10  # of each step; all of them fit into the lease of a message
DEFAULT_FROM_EMAIL = env.text(
    "CAIRN_EMAIL_FROM",
    advice="Give an address such as cairn@example.com, or Cairn <cairn@example.com>.",
    accepts=is_mail_sender,
)
AWS_ENDPOINT_URL = env.url("CAIRN_AWS_ENDPOINT_URL", schemes=("http", "https")) or None
WORKER_PROCESSES = env.number(
    "CAIRN_WORKER_PROCESSES", min(os.cpu_count() or 1, 256), minimum=1, maximum=256
)
WORKER_MEMORY_MB = env.number("CAIRN_WORKER_MEMORY_MB", 600, minimum=100, maximum=65_536)
TASK_TIME_LIMIT = env.number("CAIRN_TASK_TIME_LIMIT", 1800, minimum=1, maximum=86_400)
# When a message that a dead worker held is delivered again; a running task must not reach it.
VISIBILITY_TIMEOUT = env.number(
    "CAIRN_VISIBILITY_TIMEOUT", TASK_TIME_LIMIT + 300, minimum=1, maximum=100_000
)
# How long each kind of record is kept; 0 keeps it for ever.
RETENTION_DAYS = env.numbers(
    "CAIRN_RETENTION_DAYS",
    {
        "call_log": 30,
        "evidence": 400,
        "scan": 400,
        "job": 400,
        "event": 1100,
        "sync": 90,
        "webhook": 90,
        "audit": 1100,
        "score": 400,
        "export": 7,
        "notification": 90,
    },
)
# How long a suppression may cover a failure, by its severity; 0: not at all.
SUPPRESSION_DAYS = env.numbers(
    "CAIRN_SUPPRESSION_DAYS",
    {"critical": 30, "high": 90, "medium": 365, "low": 365, "informational": 365},
)
LOG_LEVEL = env.choice("CAIRN_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))

try:
    AllowList.parse(OUTGOING_ALLOW)
except ValueError as error:
    env.wrong(f"CAIRN_OUTGOING_ALLOW: {error}")
if not SECRET_KEY and not (EMBEDDED or DEBUG):
    env.wrong(
        "SECRET_KEY is not set, and BROKER_URL says that other machines take part. "
        "Give every one of them the same SECRET_KEY, a long random text."
    )
if EMAIL_HOST and not (DEFAULT_FROM_EMAIL and PUBLIC_URL):
    env.wrong(
        "CAIRN_SMTP_HOST is set, so CAIRN_EMAIL_FROM and CAIRN_PUBLIC_URL are needed too: mail has "
        "a sender, and links to what it tells of and to where one stops it."
    )
if EMAIL_HOST_USER and _SMTP_TLS == "NONE":
    env.wrong("CAIRN_SMTP_USER is set, and CAIRN_SMTP_TLS says that its password is sent in clear.")
env.finish()
ENVIRONMENT_NAMES = env.names

# --- Applications ---
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "accounts",
    "findings",
    "workers",
    "portal",
]
MIDDLEWARE = [
    "portal.middleware.request_ids",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.api_bodies_capped",
    "portal.middleware.grants_read_once",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
ASGI_APPLICATION = "portal.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.navigation",
            ]
        },
    }
]

# --- Database ---
if not DATABASE_URL:
    HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
DATABASES = {
    "default": dj_database_url.parse(
        DATABASE_URL or f"sqlite:///{HOME / 'cairn.sqlite3'}",
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Several processes write: readers never wait (WAL), a writer takes its lock at the begin of
    # its transaction (a later upgrade would fail at once) and waits for its turn.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

# --- Security ---
SECRET_KEY = SECRET_KEY or secret_key_of(HOME)
if EMBEDDED and not CREDENTIAL_KEYS:
    CREDENTIAL_KEYS = [credential_key_of(HOME)]
FORCE_SCRIPT_NAME = BASE_PATH or None
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = BASE_PATH or "/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = HSTS_SECONDS if HTTPS else 0
# Without a trusted proxy nothing tells which requests came by https: redirecting would loop.
SECURE_SSL_REDIRECT = HTTPS and TRUST_PROXY
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = f"{BASE_PATH}/"

# --- Text and static files ---
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = _STATIC_ROOT or None
# A container collects its files once, under names that may be cached for ever; elsewhere they
# are served from where they are, and an upgrade needs no step.
WHITENOISE_USE_FINDERS = not _STATIC_ROOT
_STATIC_STORAGE = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if _STATIC_ROOT
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC_STORAGE},
}

# --- API ---
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "portal.api.authentication.TokenScopes",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["portal.api.rates.CallerRate"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.api.parsing.SafeJsonParser"],
    "DEFAULT_PAGINATION_CLASS": "portal.api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "portal.api.schema.Described",
    "EXCEPTION_HANDLER": "portal.api.problems.problem",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Cairn",
    "DESCRIPTION": "Operational Excellence across an AWS Organization.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {  # several fields of one name have different choices
        "AnalysisStateEnum": "findings.models.Analysis.State",
        "DeliveryStatusEnum": "findings.models.delivery.Delivery.Status",
        "ExportKindEnum": "findings.models.ExportKind",
        "ForesightEnum": "findings.models.ForesightEntry.CLASSES",
        "ScanStateEnum": "findings.models.Scan.State",
        "SeverityEnum": "findings.models.incident.SEVERITIES",
        "TicketStatusEnum": "findings.models.TicketStatus",
    },
}

# --- Background work ---
CELERY_BROKER_URL = BROKER_URL or broker_url(HOME)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# kombu looks for messages of dead workers only every 100 s unless told; see docs/operations.md.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": VISIBILITY_TIMEOUT,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 5,
    "socket_timeout": 30,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = CELERY_EVENT_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True  # the truth is in the rows
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = TASK_TIME_LIMIT
CELERY_TASK_TIME_LIMIT = TASK_TIME_LIMIT + 60
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = WORKER_MEMORY_MB * 1024
# Without its broker a task goes on: what it commits counts, the message's second run finds it done.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5.0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "beat-schedule")
CELERY_TIMEZONE = "UTC"

LOGGING = logging_config(LOG_LEVEL)
