"""The environment of the tests, then the one settings module: nothing is configured here.

pytest-django loads the settings before any conftest, so this is the first place that can keep a
developer's .env, database, broker and AWS credentials out of the tests.
"""

import os
import tempfile

for name in [name for name in os.environ if name.startswith(("AWS_", "CAIRN_"))]:
    if not name.startswith("CAIRN_TEST_"):
        del os.environ[name]

os.environ.update(
    CAIRN_ENV_FILE="",
    CAIRN_HOME=tempfile.mkdtemp(prefix="cairn-"),
    SECRET_KEY="only for tests",
    DEBUG="false",
    CAIRN_HTTPS="false",
    DATABASE_URL="sqlite://:memory:",
    BROKER_URL="memory://",
    AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY="only for tests",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
)

from portal.settings import *  # noqa: E402, F403  the environment has to stand first
