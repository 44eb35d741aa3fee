"""Settings, all from the environment (prefix ``LINGXI_``), with safe defaults.

Production needs ``LINGXI_SECRET_KEY``, ``LINGXI_DATABASE_URL``, ``LINGXI_REDIS_URL`` and
``LINGXI_ALLOWED_HOSTS``; ``make run`` supplies them for the embedded servers.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from psycopg_pool import ConnectionPool

from lingxi.admin_nav import NAVIGATION, logo
from lingxi.logging import configure as configure_logging

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
HOME = Path(env("LINGXI_HOME", default=str(BASE_DIR / ".lingxi")))

DEBUG = env.bool("LINGXI_DEBUG", default=False)
SECRET_KEY = env("LINGXI_SECRET_KEY", default="")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured("Set LINGXI_SECRET_KEY (or LINGXI_DEBUG=1 while developing).")
    SECRET_KEY = "only-for-development-" + "x" * 40
ALLOWED_HOSTS = env.list("LINGXI_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("LINGXI_TRUSTED_ORIGINS", default=[])
SECURE = env.bool("LINGXI_TLS", default=False)
# Private hosts, addresses or networks that webhooks and connectors may call all the same.
ALLOW_PRIVATE_HOSTS = env.list("LINGXI_ALLOW_PRIVATE_HOSTS", default=[])

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # without its site; ours is in lingxi.admin
    "unfold.contrib.guardian",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "import_export",
    "lingxi.apps.LingxiAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "auditlog",
    "django_htmx",
    "lingxi.events",
    "lingxi.access",
    "lingxi.jobs",
    "lingxi.fields",
    "routing",
    "conversations",
    "tickets",
    "integrations",
    "audit",
]

MIDDLEWARE = [
    "lingxi.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "lingxi.middleware.StaticFilesMiddleware",
    "lingxi.middleware.WidgetCorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lingxi.middleware.AuditMiddleware",
]

ROOT_URLCONF = "lingxi.urls"
ASGI_APPLICATION = "lingxi.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

_database = env.db_url("LINGXI_DATABASE_URL", default="postgres://lingxi@127.0.0.1:5432/lingxi")
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "django.db.backends.postgresql",
        # Under ASGI every request runs in a thread of its own, so connections are pooled.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            # ?host=/path of a unix socket, ?sslmode= and the like.
            **_database.get("OPTIONS", {}),
            "pool": {
                "min_size": 2,
                "max_size": env.int("LINGXI_DATABASE_POOL", default=20),
                "timeout": 10,
                # By itself the pool waits twice as long after every failure, and so comes back
                # long after the database has. Give up soon, look at what is left, begin anew.
                "reconnect_timeout": 2,
                "reconnect_failed": ConnectionPool.check,
            },
            "application_name": env("LINGXI_PROCESS", default="lingxi"),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("LINGXI_REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [REDIS_URL],
            "prefix": env("LINGXI_CHANNEL_PREFIX", default="lingxi"),
        },
    }
}
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Shanghai"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
LOGIN_URL = reverse_lazy("login")
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "lingxi" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "lingxi" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
MEDIA_ROOT = Path(env("LINGXI_MEDIA", default=str(HOME / "media")))
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["conversations.api.authentication.AgentAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["lingxi.api.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["lingxi.api.OrjsonParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "lingxi.api.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lingxi 灵犀云客服 API",
    "DESCRIPTION": "The visitor and agent API of Lingxi. Error codes are listed under `Error`.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {  # fields called `state` of different things
        "StateEnum": "conversations.models.State",
        "OfflineMessageStateEnum": "conversations.models.OfflineMessageState",
        "BreakRequestStateEnum": "routing.models.BreakRequestState",
        "TicketPriorityEnum": "tickets.api.serializers.PRIORITIES",
        "ApprovalStateEnum": "tickets.models.ApprovalState",
        "OrderStateEnum": "tickets.models.OrderState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "lingxi.api.add_error_table",
    ],
}

UNFOLD = {
    "SITE_TITLE": "灵犀云客服",
    "SITE_HEADER": "灵犀云客服",
    "SITE_SUBHEADER": "Lingxi",
    "SITE_URL": "/workbench/",
    "SITE_ICON": logo,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": logo}],
    "SIDEBAR": {"show_search": True, "navigation": NAVIGATION},
    "COLORS": {
        "primary": {
            "50": "#effaf6",
            "100": "#d7f2e9",
            "200": "#b1e4d4",
            "300": "#7dcfb8",
            "400": "#46b399",
            "500": "#1f977f",
            "600": "#0e7a67",
            "700": "#0b6253",
            "800": "#0b4e43",
            "900": "#0a4038",
            "950": "#042521",
        }
    },
}

# Chat behaviour. Seconds unless said otherwise.
LINGXI = {
    "VISITOR_TOKEN_LIFETIME": 7 * 24 * 3600,
    "AGENT_TOKEN_LIFETIME": 12 * 3600,
    "HEARTBEAT": 20,
    "LOOK_AGAIN": env.float("LINGXI_LOOK_AGAIN", default=3.0),
    "LEASE": 60,
    "LEASE_RENEWAL": 20,
    "SLOW_READER": 10,
    "MAX_BACKLOG": 500,
    "MAX_TEXT": 5000,
    "MAX_FRAME_BYTES": 64 * 1024,
    "MAX_UPLOAD_BYTES": 20 * 1024 * 1024,
    "VISITOR_MESSAGES_PER_SECOND": env.float("LINGXI_VISITOR_RATE", default=30),
    "VISITOR_MESSAGES_BURST": env.int("LINGXI_VISITOR_BURST", default=60),
    "SWEEP": 3,
    "LIVE_KEPT": 1.0,  # how long a process trusts the live numbers that strategies ask for
    "OFFLINE_AFTER": 60,
    "OFFLINE_KEPT": 24 * 3600,
    "AGENT_GONE_AFTER": 180,
    "JOB_FILES_KEPT": 7 * 24 * 3600,
    "URGE_EVERY": env.int("LINGXI_URGE_EVERY", default=600),  # per person and ticket
    "URGE_PER_DAY": env.int("LINGXI_URGE_PER_DAY", default=5),
}

LOGGING_CONFIG = None
configure_logging(env("LINGXI_LOG_LEVEL", default="INFO"))
