"""What looks like a secret, and what only looks as if it did."""

from findings.facts.secrets import entropy, secret_in, secret_in_url

NAME = "name of a secret"
SECRETS = [
    ("AWS_ACCESS_KEY_ID", "anything", "AWS credential variable"),
    ("AWS_SECRET_ACCESS_KEY", "anything", "AWS credential variable"),
    ("aws_session_token", "anything", "AWS credential variable"),
    ("DB_PASSWORD", "hunter2", NAME),
    ("dbPassword", "hunter2", NAME),
    ("SONAR_TOKEN", "0f1e2d3c", NAME),
    ("ClientSecret", "abc", NAME),
    ("SECRET_KEY", "abc", NAME),
    ("STRIPE_API_KEY", "abc", NAME),
    ("APIKEY", "abc", NAME),
    ("CONNECTION_STRING", "Server=db;Pwd=x", NAME),
    ("PIN_PASSCODE", "123456", NAME),
    ("PLAIN", "AKIAIOSFODNN7EXAMPLE", "AWS access key"),
    ("PLAIN", "key=ASIAIOSFODNN7EXAMPLE;", "AWS access key"),
    ("PLAIN", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS secret key"),
    ("PLAIN", "-----BEGIN RSA PRIVATE KEY-----\nMIIE", "private key"),
    ("PLAIN", "-----BEGIN PRIVATE KEY-----", "private key"),
    ("PLAIN", "ghp_" + "a1B2" * 9, "GitHub token"),
    ("PLAIN", "github_pat_" + "a1B2_" * 6, "GitHub token"),
    ("PLAIN", "glpat-" + "a1B2-" * 4, "GitLab token"),
    ("PLAIN", "xoxb-1234567890-abc", "Slack token"),
    ("PLAIN", "https://hooks.slack.com/services/T00000000/B00000000/XXXX", "Slack webhook"),
    ("PLAIN", "AIza" + "a1B2-" * 7, "Google API key"),
    ("PLAIN", "sk_live_" + "a1B2" * 5, "Stripe key"),
    ("PLAIN", "npm_" + "a1B2" * 9, "npm token"),
    ("PLAIN", "pypi-" + "a1B2_" * 11, "PyPI token"),
    ("PLAIN", "SG." + "a1B2" * 5 + "." + "a1B2" * 10, "SendGrid key"),
    ("PLAIN", "AccountName=x;AccountKey=" + "a1B2" * 12, "Azure account key"),
    ("PLAIN", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN", "JSON web token"),
    ("PLAIN", "Bearer abcdef0123456789", "authorization header"),
    ("PLAIN", "postgres://app:s3cr3t@db.example.com/shop", "credentials in a URL"),
    ("PLAIN", "7saBEbfXpRgzlOYQC9Lvh8vtKmdETITDGCqYw0ZH", "AWS secret key"),
    ("PLAIN", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dE", "random text"),
]
NO_SECRETS = [
    ("EXAMPLE_VAR", "ExampleValue"),
    ("DB_PASSWORD", ""),
    ("DB_PASSWORD", "   "),
    ("DB_PASSWORD", "${DB_PASSWORD}"),
    ("DB_PASSWORD", "$DB_PASSWORD"),
    ("DB_PASSWORD", "$(get-password)"),
    ("DB_PASSWORD", "{{resolve:secretsmanager:shop/db}}"),
    ("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:shop"),
    ("DB_PASSWORD", "/shop/prod/db-password"),
    ("DB_PASSWORD", "********"),
    ("DB_PASSWORD", "<your password>"),
    ("USE_TOKEN", "true"),
    ("ENCRYPTION_KEY", "alias/shop"),
    ("SECRET_ARN", "shop"),
    ("SECRET_NAME", "shop/db"),
    ("TOKEN_URL", "sign-in.example.com"),
    ("TOKEN_TTL", "3600"),
    ("PASSWORD_LENGTH", "24"),
    ("KMS_KEY_ID", "1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("API_KEY_NAME", "shop"),
    ("COMPASS", "north"),
    ("MONKEY", "bonobo"),
    ("_", "x"),
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ("COMMIT", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("DIGEST", "sha256:" + "a1" * 32),
    ("BUILD_ID", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
    ("IMAGE", "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/build:2024.10.1"),
    ("SUBNETS", "subnet-0a1b2c3d4e5f6a7b8,subnet-0a1b2c3d4e5f6a7b9"),
    ("PROJECT", "AmazonLinux2023BuildImageForProjectShop"),
    ("RELEASE", "MyProject-Build-2024-Release-Candidate-01"),
    ("DATABASE_URL", "postgres://app:${PASSWORD}@db.example.com/shop"),
    ("DATABASE_URL", "postgres://db.example.com/shop"),
    ("FLAGS", "--basic auth"),
]


def test_a_secret_is_found_by_the_rule_that_names_it():
    found = [(name, value, rule, secret_in(name, value)) for name, value, rule in SECRETS]
    wrong = [
        f"{name}={value}: {rule}, not {told}" for name, value, rule, told in found if told != rule
    ]
    assert not wrong, "\n".join(wrong)


def test_what_is_no_secret_is_not_found():
    wrong = [
        f"{name}={value}: {rule}" for name, value in NO_SECRETS if (rule := secret_in(name, value))
    ]
    assert not wrong, "\n".join(wrong)


ADDRESSES = [
    ("https://user:pass123@bitbucket.org/shop/app.git", "user information in a URL"),
    ("https://x-token-auth:abc@bitbucket.org/shop/app.git", "user information in a URL"),
    ("https://token@github.com/shop/app.git", "user information in a URL"),
    ("https://[broken@github.com/shop", "user information in a URL"),
    ("ssh://git:hunter2@github.com/shop/app.git", "credentials in a URL"),
    ("https://github.com/shop/app.git?token=ghp_" + "a1B2" * 9, "GitHub token"),
    ("https://github.com/shop/app.git", None),
    ("https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/shop", None),
    ("git@github.com:shop/app.git", None),
    ("ssh://git@github.com/shop/app.git", None),
    ("shop-bucket/source@2.zip", None),
    ("", None),
]


def test_an_address_of_a_source_may_not_say_who_reads_it():
    found = [(url, pattern, secret_in_url(url)) for url, pattern in ADDRESSES]
    wrong = [f"{url}: {pattern}, not {told}" for url, pattern, told in found if told != pattern]
    assert not wrong, "\n".join(wrong)


def test_entropy_is_measured_in_bits_per_character():
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2
