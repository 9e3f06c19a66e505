import pytest

from accounts.account_files import FileRefused, parse_accounts

CSV = """account_id,name,email,ou,tags
111111111111,web,web@example.com,Workloads/Prod,Environment=prod; team=web
012345678901,shop,,,
"""
YAML = """
accounts:
  - account_id: 111111111111
    name: web
    email: web@example.com
    ou: Workloads/Prod
    tags: {Environment: prod, team: web}
  - account_id: 012345678901
    name: shop
"""


def parsed(text, name="accounts.csv"):
    return parse_accounts(text.encode(), name)


def mistakes(text, name="accounts.csv"):
    with pytest.raises(FileRefused) as caught:
        parsed(text, name)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(("text", "name"), [(CSV, "a.csv"), (YAML, "a.yaml"), (YAML, "A.YML")])
def test_accounts_are_read(text, name):
    web, shop = parsed(text, name)
    assert (web.account_id, web.name, web.email) == ("111111111111", "web", "web@example.com")
    assert (web.ou_path, web.tags) == ("Workloads/Prod", {"Environment": "prod", "team": "web"})
    assert (shop.account_id, shop.name) == ("012345678901", "shop")


def test_an_empty_cell_is_empty_and_a_missing_column_is_unknown():
    _, shop = parsed(CSV)
    assert (shop.email, shop.ou_path, shop.tags) == ("", "", {})
    (bare,) = parsed("account_id,name\n111111111111,web\n")
    assert (bare.email, bare.ou_path, bare.tags) == (None, None, None)


def test_what_spreadsheets_make_of_csv_is_read():
    text = "\ufeffAccount_ID;Name;Tags\r\n111111111111;web;a=b;\r\n;;\r\n"
    assert mistakes(text) == ["line 2: has 4 cells, the header has 3."]
    (web,) = parsed('\ufeffAccount_ID;Name;Tags\r\n111111111111;web;"a=b;c=d"\r\n;;\r\n')
    assert web.tags == {"a": "b", "c": "d"}


def test_yaml_may_be_a_bare_list():
    (web,) = parsed("- {account_id: '111111111111', name: web, tags: }", "a.yml")
    assert web.tags is None


def test_all_mistakes_are_told_at_once_by_line():
    text = (
        "account_id,name,email,ou,tags\n"
        "12345678901,web,,,\n"
        "222222222222,,nobody,,\n"
        "333333333333,shop,,Workloads//Prod,prod\n"
        "333333333333,shop,,,\n"
    )
    assert mistakes(text) == [
        "line 2: account_id '12345678901' has to be 12 digits. Spreadsheets drop leading zeros: "
        "format the column as text.",
        "line 3: name is empty.",
        "line 3: email 'nobody' is not a mail address.",
        "line 4: 'prod' is not a tag; write key=value;key=value.",
        "line 4: ou 'Workloads//Prod' has to be names between slashes, such as Workloads/Prod.",
        "line 5: 333333333333 is on line 4 already.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the header has no account_id and no name"),
        ("account_id\n111111111111\n", "the header has no name"),
        ("account_id,name,owner\n", "unknown owner"),
        ("account_id,name,environment\n", "Write the environment as a tag"),
        ("account_id,name,name\n", "a column stands twice"),
        ("account_id,name\n", "The file lists no accounts."),
        ("account_id,name\n111111111111\n", "line 2: has 1 cells, the header has 2."),
        (f"account_id,name\n111111111111,{'x' * 129}\n", "name is longer than 128"),
        ('account_id,name\n111111111111,"web\n', "this is not CSV"),
    ],
)
def test_a_wrong_csv_says_what_is_wrong(text, said):
    assert said in "\n".join(mistakes(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("accounts: [", "this is not YAML"),
        ("accounts", "Give a list of accounts"),
        ("others: []", "Give a list of accounts"),
        ("[]", "The file lists no accounts."),
        ("", "Give a list of accounts"),
        ("- 111111111111", "line 1: write an account as a mapping"),
        ("- {}", "line 1: account_id '' has to be 12 digits"),
        ("- {account_id: '111111111111', name: [web]}", "name has to be one text"),
        ("- {account_id: '111111111111', name: web, tags: prod}", "tags has to be a mapping"),
        ("- {account_id: '111111111111', name: web, owner: x}", "unknown owner"),
        ("- name: web\n  account_id: 1\n- ?", "line 1: account_id '1'"),
        ("\x00", "this is not YAML"),
    ],
)
def test_a_wrong_yaml_says_what_is_wrong(text, said):
    assert said in "\n".join(mistakes(text, "a.yaml"))


def test_other_endings_and_encodings_are_refused():
    assert mistakes("x", "accounts.xlsx") == [
        "accounts.xlsx: give a file that ends in .csv, .yaml or .yml."
    ]
    with pytest.raises(FileRefused, match="not UTF-8"):
        parse_accounts("account_id,name\n111111111111,Caf\u00e9\n".encode("latin-1"), "a.csv")
