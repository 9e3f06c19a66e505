import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from portal.base_path import BasePath
from portal.environment import settings_or_exit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
settings_or_exit()
application = BasePath(get_wsgi_application(), settings.FORCE_SCRIPT_NAME or "")
