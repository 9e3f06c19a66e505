"""Public extensions for the tables of the checks."""

from findings.facts.cloudformation_extensions import Extension


def extension(name="Acme::Data::Bucket", **fields):
    given = {
        "type": "RESOURCE",
        "publisher": "Acme",
        "used_version": "1.2.0",
        "latest_version": "1.2.0",
    }
    return Extension(name=name, **(given | fields))
