"""The configuration of an organization as text, so that it can be reviewed and kept in git."""

from findings.services.configuration.transfer import configuration_export, configuration_import

__all__ = ["configuration_export", "configuration_import"]
