#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

from portal.environment import settings_or_exit


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    settings_or_exit()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
