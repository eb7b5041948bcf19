"""The file with the address of a database, which a pair and a fleet read alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.config.address import read_address
from connector.errors import ConnectorError
from connector.host.redaction import REDACTOR

if TYPE_CHECKING:
    from pathlib import Path

KEY = "[state] url_file"


def test_an_address_is_read_and_its_password_is_hidden(tmp_path: Path) -> None:
    """Both as it is written and as it is meant."""
    file = tmp_path / "address"
    file.write_text("postgresql://me:tapi%6Fca-7@here/fleet\n")
    file.chmod(0o600)

    assert read_address(file, KEY) == "postgresql://me:tapi%6Fca-7@here/fleet"
    assert "tapi" not in REDACTOR.clean("tapi%6Fca-7 tapioca-7")


def test_a_password_among_the_options_of_an_address_is_hidden(tmp_path: Path) -> None:
    """PostgreSQL takes it there as well."""
    file = tmp_path / "address"
    file.write_text("postgresql://here/fleet?user=me&password=semo+l%6Ena&sslpassword=cou-scous")
    file.chmod(0o600)

    read_address(file, KEY)

    assert REDACTOR.clean("semo+l%6Ena") == "***"
    assert REDACTOR.clean("semo+lnna") == "***"
    assert REDACTOR.clean("cou-scous") == "***"


@pytest.mark.parametrize(
    "held", [b"host=here dbname=fleet", b"", b"\xff\xfe", b"postgresql://here/a\npostgresql://here/b", None]
)
def test_what_holds_no_address_is_a_wrong_configuration(tmp_path: Path, held: bytes | None) -> None:
    """One sentence that names the file or the form, the next step, and exit code 2."""
    file = tmp_path / "address"
    if held is not None:
        file.write_bytes(held)
        file.chmod(0o600)

    with pytest.raises(ConnectorError) as raised:
        read_address(file, KEY)

    assert raised.value.exit_code == 2
    assert raised.value.hint
    assert "here/a" not in str(raised.value)


def test_a_folder_holds_no_address(tmp_path: Path) -> None:
    """No later run finds a file there: exit code 2 and the key."""
    with pytest.raises(ConnectorError, match="cannot be used: Is a directory") as raised:
        read_address(tmp_path, KEY)

    assert (raised.value.exit_code, KEY in raised.value.hint) == (2, True)
