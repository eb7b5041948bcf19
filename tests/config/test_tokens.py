import pytest

from connector.config import tokens
from connector.config.tokens import (
    exposed_token_file,
    place_of,
    read_client_secret,
    read_own_token,
    read_token,
)
from connector.errors import ConfigError
from connector.host.redaction import REDACTOR
from mappings.model import Side


@pytest.fixture
def token_file(tmp_path):
    """A token file that only its owner may read."""
    path = tmp_path / "token"
    path.write_text("from-file\n")
    path.chmod(0o600)
    return path


def test_the_order_of_places(tmp_path, token_file):
    """Credentials go before the named file, which goes before the variable."""
    credential = tmp_path / "intercom_token"
    credential.write_text("from-credential")
    credential.chmod(0o600)
    everywhere = {
        "CREDENTIALS_DIRECTORY": str(tmp_path),
        "INTERCOM_TOKEN_FILE": str(token_file),
        "INTERCOM_TOKEN": "from-variable",
    }

    assert read_token(Side.INTERCOM, everywhere).get_secret_value() == "from-credential"
    del everywhere["CREDENTIALS_DIRECTORY"]
    assert read_token(Side.INTERCOM, everywhere).get_secret_value() == "from-file"
    del everywhere["INTERCOM_TOKEN_FILE"]
    assert read_token(Side.INTERCOM, everywhere).get_secret_value() == "from-variable"


def test_credentials_without_this_token_do_not_count(tmp_path):
    """Systemd may pass other credentials only."""
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path), "DASHLY_TOKEN": "from-variable"}

    assert read_token(Side.DASHLY, environment).get_secret_value() == "from-variable"


@pytest.mark.parametrize(
    ("variable", "place"),
    [
        ("CREDENTIALS_DIRECTORY", "{folder}/dashly_token"),
        ("DASHLY_TOKEN_FILE", "{folder}/dashly_token"),
        ("DASHLY_TOKEN", "DASHLY_TOKEN"),
    ],
)
def test_a_token_knows_where_another_one_is_put(tmp_path, variable, place):
    """Whoever replaces an expired one must not look for a variable that is not in use."""
    file = tmp_path / "dashly_token"
    file.write_text("app.1.abc")
    file.chmod(0o600)
    values = {"CREDENTIALS_DIRECTORY": tmp_path, "DASHLY_TOKEN_FILE": file, "DASHLY_TOKEN": "app.1.abc"}

    token = read_token(Side.DASHLY, {variable: str(values[variable])})

    assert place_of(token, Side.DASHLY) == place.format(folder=tmp_path)


def test_a_token_of_a_service_is_put_behind_its_credential(monkeypatch, tmp_path):
    """Systemd hands out a copy: the file that is behind it counts."""
    monkeypatch.setattr(tokens, "_OF_SERVICES", tmp_path)
    (tmp_path / "shop.dashly_token").write_text("app.1.abc")

    token = read_token(Side.DASHLY, {"CREDENTIALS_DIRECTORY": str(tmp_path)}, pair="shop")

    assert place_of(token, Side.DASHLY) == "the file that LoadCredential=shop.dashly_token names"


def test_a_missing_token_names_the_folder_that_is_in_use(tmp_path):
    """The folder of credentials is where the other one lies."""
    with pytest.raises(ConfigError) as caught:
        read_token(Side.DASHLY, {"CREDENTIALS_DIRECTORY": str(tmp_path)})

    assert str(tmp_path / "dashly_token") in caught.value.hint


def test_a_token_cannot_be_printed():
    """Neither str nor repr shows it."""
    token = read_token(Side.DASHLY, {"DASHLY_TOKEN": "app.1.abc"})

    assert "abc" not in f"{token} {token!r}"


@pytest.mark.parametrize("environment", [{}, {"DASHLY_TOKEN": ""}, {"DASHLY_TOKEN": "  \n"}])
def test_no_token(environment):
    """A missing or empty token names the variables."""
    with pytest.raises(ConfigError, match="DASHLY_TOKEN is not set") as caught:
        read_token(Side.DASHLY, environment)

    assert "DASHLY_TOKEN_FILE" in caught.value.hint


def test_an_unreadable_file(tmp_path):
    """A file that is not there is named together with its variable."""
    with pytest.raises(ConfigError, match="cannot be read") as caught:
        read_token(Side.INTERCOM, {"INTERCOM_TOKEN_FILE": str(tmp_path / "none")})

    assert "INTERCOM_TOKEN_FILE" in caught.value.hint


@pytest.mark.parametrize("token", ["two words", "t\u043ek", "a\nb"])
def test_characters_that_no_token_has(token):
    """A badly copied token is caught here and not repeated."""
    with pytest.raises(ConfigError) as caught:
        read_token(Side.DASHLY, {"DASHLY_TOKEN": token})

    assert token not in str(caught.value)


def test_a_token_file_that_everybody_may_read_is_found(token_file):
    """It works; `doctor` calls it a failure."""
    environment = {"DASHLY_TOKEN_FILE": str(token_file)}
    assert exposed_token_file(Side.DASHLY, environment) is None
    token_file.chmod(0o644)

    assert read_token(Side.DASHLY, environment).get_secret_value() == "from-file"
    assert exposed_token_file(Side.DASHLY, environment) == token_file


def test_credentials_are_the_service_managers_affair(tmp_path):
    """What systemd passes has the mode that it chose."""
    credential = tmp_path / "dashly_token"
    credential.write_text("from-credential")
    credential.chmod(0o666)

    assert read_token(Side.DASHLY, {"CREDENTIALS_DIRECTORY": str(tmp_path)}).get_secret_value()
    assert exposed_token_file(Side.DASHLY, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) is None


def test_a_token_that_was_read_is_taken_out_of_every_text():
    """From the moment when it is read, whoever would print it."""
    read_token(Side.DASHLY, {"DASHLY_TOKEN": "zq-very-secret-token"})

    assert REDACTOR.clean("it said zq-very-secret-token") == "it said ***"


def test_the_token_that_bears_the_name_of_the_pair_wins(tmp_path):
    """Several pairs may have their tokens in one folder."""
    (tmp_path / "dashly_token").write_text("of-nobody")
    (tmp_path / "acme.dashly_token").write_text("of-acme")
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}

    found = [read_token(Side.DASHLY, environment, pair=name).get_secret_value() for name in ("acme", "borg")]
    assert found == ["of-acme", "of-nobody"]


@pytest.mark.parametrize("there", [None, "", "two words", b"\xff", "a folder"])
def test_what_is_wrong_with_a_token_of_a_pair_names_its_file(tmp_path, there):
    """No variable holds it, and none is named; whatever is wrong is one sentence."""
    file = tmp_path / "acme.dashly_token"
    if there == "a folder":
        file.mkdir()
    elif there is not None:
        file.write_bytes(there.encode() if isinstance(there, str) else there)

    with pytest.raises(ConfigError) as caught:
        read_own_token(Side.DASHLY, "acme", {"CREDENTIALS_DIRECTORY": str(tmp_path)})

    assert "acme.dashly_token" in str(caught.value)
    assert "_FILE" not in caught.value.hint


def test_a_file_that_a_pair_does_not_use_is_exposed_to_nobody(tmp_path, token_file):
    """The pair has a token of its own."""
    token_file.chmod(0o644)
    (tmp_path / "acme.dashly_token").write_text("of-acme")
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path), "DASHLY_TOKEN_FILE": str(token_file)}

    assert exposed_token_file(Side.DASHLY, environment, pair="acme") is None
    assert exposed_token_file(Side.DASHLY, environment, pair="borg") == token_file


@pytest.mark.parametrize("directory", [True, False])
def test_in_a_fleet_nobody_gets_a_token_without_a_name(tmp_path, directory):
    """Two pairs with one token would be two pairs of one workspace."""
    (tmp_path / "dashly_token").write_text("of-nobody")
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)} if directory else {"DASHLY_TOKEN": "of-nobody"}

    with pytest.raises(ConfigError, match=r"There is no folder|acme\.dashly_token cannot be read"):
        read_own_token(Side.DASHLY, "acme", environment)


@pytest.mark.parametrize("content", [None, "", "two words"])
def test_a_missing_secret_of_the_webhooks_is_no_token(tmp_path, content):
    """Whoever lacks it must not look for a token; it says where Intercom shows it."""
    file = tmp_path / "secret"
    environment = {}
    if content is not None:
        file.write_text(content)
        file.chmod(0o600)
        environment["INTERCOM_CLIENT_SECRET_FILE"] = str(file)

    with pytest.raises(ConfigError) as told:
        read_client_secret(environment)

    assert "client secret of Intercom" in str(told.value)
    assert "token" not in str(told.value)
    assert content is not None or "Developer Hub" in told.value.hint
