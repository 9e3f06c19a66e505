"""What looks like a secret in the text of a document."""

import json

import yaml

from workers.collectors.document_secrets import secrets_in

DOCUMENT = """\
parameters:
  DbPassword:
    type: String
    description: the password of the database
    default: hunter2
mainSteps:
  - inputs:
      Script: |
        password = event["Password"]
        db_password = "correct horse"
      commands:
        - export DB_PASSWORD=hunter2
        - mysql --password hunter2
        - echo AKIAIOSFODNN7EXAMPLE
"""


def found_in(content):
    return [(int(hit.location.removeprefix("line ")), hit.pattern) for hit in secrets_in(content)]


def test_lines_of_a_document_are_told():
    assert found_in(DOCUMENT) == [
        (5, "name of a secret"),
        (10, "name of a secret"),
        (12, "name of a secret"),
        (13, "name of a secret"),
        (14, "AWS access key"),
    ]


def test_a_document_on_one_line_has_one_line():
    compact = json.dumps(yaml.safe_load(DOCUMENT))
    assert found_in(compact) == [(1, "AWS access key"), (1, "name of a secret")]


def test_a_script_with_escapes_stands_on_one_line():
    content = json.dumps({"a": 1, "Script": "x = 1\npassword = 'correct horse'\n"}, indent=1)
    assert found_in(content) == [(3, "name of a secret")]


HARMLESS = [
    "Password: '{{ DbPassword }}'",
    "DbPassword: {type: String, description: the password, allowedPattern: '.*'}",
    "SecretId: shop/db",
    "run: password = client.get_secret_value(SecretId=name)['SecretString']",
    "run: connect(password=password)",
    "run: DB_PASSWORD=$(get-password)",
    "run: mysql --password $DB_PASSWORD --password {{ Password }} --password '{{ Password }}'",
    "run: aws ssm get-parameter --name x --with-decryption --token-type bearer",
    "run: 'read -p \"Password: \" x'",
    "run: docker login --password-stdin registry.example.com",
    "run: start the reset-password procedure",
    "description: never say --password hunter2",
    "",
    "BEGIN:VCALENDAR",
]


def test_references_and_talk_about_secrets_are_no_hits():
    wrong = [f"{content}: {hits}" for content in HARMLESS if (hits := found_in(content))]
    assert not wrong, "\n".join(wrong)


LITERALS = [
    "\t{ token = 'correct horse'",
    "ApiToken: correct horse",
    "ApiToken: [correct horse]",
    "ApiToken: {DefaultValue: correct horse}",
    "run: os.environ['API_TOKEN'] = 'correct horse'",
    "run: curl -u x https://ci:hunter2@example.com",
    "run: tool --api-key=abc123",
    "run: Connect-Till -Password hunter2",
    "Password: |\n  correct\n  horse",
    "description: use AKIAIOSFODNN7EXAMPLE",
]


def test_literals_are_hits():
    hits = {content: [line for line, _ in found_in(content)] for content in LITERALS}
    wrong = {content: lines for content, lines in hits.items() if lines != [1]}
    assert not wrong, str(wrong)


def test_what_refers_to_itself_is_read_once():
    assert found_in("a: &x [*x, *x]\nToken: correct horse") == [(2, "name of a secret")]
