"""The environment of the tests, then the one settings module: nothing else is configured here.

pytest-django loads the settings before any conftest, so this is the first place that can keep a
developer's .env, database, broker and AWS credentials out of the tests.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

for name in [name for name in os.environ if name.startswith(("AWS_", "CAIRN_"))]:
    if not name.startswith("CAIRN_TEST_"):
        del os.environ[name]

HOME_OF_TESTS = Path(tempfile.mkdtemp(prefix="cairn-"))
atexit.register(shutil.rmtree, HOME_OF_TESTS, ignore_errors=True)
os.environ.update(
    CAIRN_ENV_FILE="",
    CAIRN_HOME=str(HOME_OF_TESTS),
    SECRET_KEY="only for tests",
    DEBUG="false",
    CAIRN_HTTPS="false",
    DATABASE_URL=f"sqlite:///{HOME_OF_TESTS}/cairn.sqlite3",
    BROKER_URL="memory://",
    AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY="only for tests",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
    # Playwright's synchronous API keeps an event loop in this thread, where Django refuses queries.
    DJANGO_ALLOW_ASYNC_UNSAFE="true",
)
if os.environ.get("CAIRN_TEST_DATABASE") == "postgres":
    from tests.services.postgres import start_cluster

    # The processes of pytest-xdist inherit the address and share the cluster.
    if "CAIRN_TEST_DATABASE_URL" not in os.environ:
        os.environ["CAIRN_TEST_DATABASE_URL"] = start_cluster().url("postgres")
    os.environ["DATABASE_URL"] = os.environ["CAIRN_TEST_DATABASE_URL"]

from portal.settings import *  # noqa: E402, F403  the environment has to stand first

# A file, not memory: other processes reach it, and its locks are those of production.
if "sqlite" in DATABASES["default"]["ENGINE"]:  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": f"{HOME_OF_TESTS}/test.sqlite3"}  # noqa: F405

# Found when asked for: every client of a test would read all of them first.
WHITENOISE_AUTOREFRESH = True

# The hash of production, but for its deliberate slowness.
PASSWORD_HASHERS = ["tests.quick_hasher.QuickHasher"]
