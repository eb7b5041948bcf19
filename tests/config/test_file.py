from pathlib import Path

import pytest

from connector.config.file import find_path, load, template
from connector.config.ineffective import without_effect
from connector.errors import ConfigError
from mappings.model import Side

MINIMAL = '[dashly]\napp_id = "48213"\n[intercom]\ndefault_admin = "814860"\n'


@pytest.fixture
def read(tmp_path):
    """Return a function that loads a text as configuration."""

    def run(text):
        path = tmp_path / "connector.toml"
        path.write_text(text)
        return load(path)

    return run


def problem(read, text):
    """Return the sentence and the hint of what is wrong with a text."""
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert caught.value.exit_code == 2
    sentence = str(caught.value).partition("connector.toml: ")[2] or str(caught.value)
    return sentence, caught.value.hint


def test_defaults(read, tmp_path):
    """Only two keys are required; the rest is as the manual says."""
    config = read(MINIMAL)

    assert config.dashly.base_url == "https://api.dashly.app"
    assert config.dashly.requests_per_minute == 60
    assert config.dashly.default_admin == "default_admin"
    assert config.intercom.api_version == "2.16"
    assert config.intercom.bot_admin == "814860"
    assert config.state.path == tmp_path / "connector.db"
    assert (config.sync.max_age, config.sync.settle, config.sync.overlap) == (86_400, 120, 300)
    assert (config.sync.sweep, config.sync.timeout, config.sync.workers) == (5, 30, "auto")
    assert (config.sync.prefer, config.sync.edits, config.sync.removals) == ("newer", "note", "redact")
    assert all(config.sync.copies_from(side) for side in Side)
    assert (config.history.to_intercom, config.history.to_dashly) == ("native", "transcript")
    assert (config.limits.max_writes, config.limits.max_creates, config.limits.max_removals) == (
        5000,
        1000,
        20,
    )
    assert (config.limits.breaker_writes, config.limits.breaker_window) == (10, 600)
    assert config.metrics.textfile is None


def test_the_template_says_the_defaults(read):
    """The file that init writes, filled in and with every default uncommented, means the same."""
    filled = template().replace('app_id = ""', 'app_id = "48213"', 1)
    filled = filled.replace('\ndefault_admin = ""', '\ndefault_admin = "814860"', 1)
    lines = [line for line in filled.splitlines() if not line.startswith("#") or " = " in line]
    bare = [line.removeprefix("# ") for line in lines if "=" not in line or not line.startswith('# "')]
    shown = "\n".join(line for line in bare if not line.startswith(("Lines", "Configuration")))

    assert read(filled) == read(MINIMAL)
    assert read(shown) == read(MINIMAL)


def test_ids_may_be_numbers(read):
    """Whoever leaves the quotes off means the same id."""
    config = read(
        "[dashly]\napp_id = 48213\n[intercom]\ndefault_admin = 814860\n"
        '[map.admins]\n151204 = 814860\n[map.channels]\n3012 = "team:9001"\n3013 = 9002\n'
    )

    assert config.dashly.app_id == "48213"
    assert config.map.admins == {"151204": "814860"}
    assert config.map.channels == {"3012": "9001", "3013": "9002"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [('"24h"', 86_400), ('"300s"', 300), ('"10m"', 600), ('"30d"', 2_592_000), ("90", 90), ("1.5", 1.5)],
)
def test_durations(read, text, seconds):
    """A duration is a number of seconds or a number with a unit."""
    assert read(f"{MINIMAL}[sync]\nmax_age = {text}\n").sync.max_age == seconds


def test_hosts_of_files_are_names(read):
    """They are compared without regard to case."""
    config = read(f'{MINIMAL}[files]\nhosts = ["IMG.example.com", "a-b.example.co.uk"]\n')

    assert config.files.hosts == ("img.example.com", "a-b.example.co.uk")


def test_paths_are_relative_to_the_file(read, tmp_path):
    """The state and metrics files stand next to the configuration unless they say otherwise."""
    config = read(f'{MINIMAL}[state]\npath = "/var/x.db"\n[metrics]\ntextfile = "m/x.prom"\n')

    assert config.state.path == Path("/var/x.db")
    assert config.metrics.textfile == tmp_path / "m/x.prom"


def test_a_missing_file_names_init(tmp_path):
    """No file: the next step is init."""
    with pytest.raises(ConfigError, match="no configuration file") as caught:
        load(tmp_path / "none.toml")
    assert "connector init" in caught.value.hint


def test_bad_toml_names_the_line(read):
    """A syntax error says where."""
    assert "line 2" in problem(read, "[dashly]\napp_id = = 1\n")[0]


@pytest.mark.parametrize(
    ("text", "sentence", "hint"),
    [
        ("[sync]\nmax_aeg = 1\n", "[sync] max_aeg is not a known key.", "Did you mean [sync] max_age?"),
        ("[synk]\nsweep = 1\n", "[synk] is not a known key.", "Did you mean [sync]?"),
        ("[map]\nadmin = 1\n", "[map] admin is not a known key.", "Did you mean [map] admins?"),
        ('[sync]\nsweep = "five"\n', "[sync] sweep must be a whole number.", "Correct [sync] sweep."),
        ("[sync]\nsweep = true\n", "[sync] sweep must be a whole number.", "Correct [sync] sweep."),
        ("[sync]\nsweep = -1\n", "[sync] sweep must be at least 0.", "Correct [sync] sweep."),
        ("[sync]\ntimeout = 0\n", "[sync] timeout must be more than 0.", "Correct [sync] timeout."),
        *(
            (
                f"[files]\nhosts = [{host}]\n",
                '[files] hosts must be the name of a host such as "files.example.com".',
                "Correct [files] hosts.",
            )
            for host in ('"https://x.example"', '"x.example:444"', '"*.x.example"', '"10.0.0.1"', '""', "5")
        ),
        (
            '[sync]\nmax_age = "5 years"\n',
            '[sync] max_age must be a duration such as "90s", "10m", "24h" or "30d".',
            "Correct [sync] max_age.",
        ),
        (
            '[sync]\nprefer = "older"\n',
            "[sync] prefer must be one of 'newer', 'dashly', 'intercom' or 'manual'.",
            "Correct [sync] prefer.",
        ),
        (
            "[sync]\ndirections = []\n",
            "[sync] directions must be one or both directions, each once.",
            "Correct [sync] directions.",
        ),
        (
            '[sync]\ndirections = ["both"]\n',
            "[sync] directions must be one of 'dashly-to-intercom' or 'intercom-to-dashly'.",
            "Correct [sync] directions.",
        ),
        (
            "[sync]\nworkers = 0\n",
            '[sync] workers must be a number of at least 1, or "auto".',
            "Correct [sync] workers.",
        ),
        (
            "[map.admins]\n1 = true\n",
            "[map.admins] 1 must be an id.",
            "Correct [map.admins] 1.",
        ),
        (
            '[map.parts]\n"dashly.votee" = "skip"\n',
            "in [map.parts], 'dashly.votee' is no type of part; the nearest is 'dashly.vote'.",
            "Correct [map.parts].",
        ),
    ],
)
def test_problems_are_sentences(read, text, sentence, hint):
    """Each problem is one sentence and a next step."""
    assert problem(read, MINIMAL + text) == (sentence, hint)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('app_id = "48213"', "", "[dashly] app_id is missing."),
        ('app_id = "48213"', 'app_id = ""', "[dashly] app_id must be filled in."),
        ('default_admin = "814860"', "", "[intercom] default_admin is missing."),
        (
            "[intercom]",
            "[intercom]\napi_version = 2.16",
            '[intercom] api_version must be a version in quotes such as "2.16".',
        ),
        (
            "[intercom]",
            '[intercom]\napi_version = "1.5"',
            "[intercom] api_version must be a version between 1.0 and 1.4, or from 2.0 on.",
        ),
        (
            "[intercom]",
            '[intercom]\ntag_api_version = "1.4"',
            "[intercom] tag_api_version must be empty or a 2.x version.",
        ),
        (
            "[dashly]",
            '[dashly]\nbase_url = "http://api.dashly.app"',
            "[dashly] base_url must be an address that begins with https://, since a secret is sent to it.",
        ),
        (
            "[dashly]",
            '[dashly]\nbase_url = "api.dashly.app"',
            "[dashly] base_url must be an address such as https://api.example.com.",
        ),
        ("[dashly]", '[dashly]\ntoken = "app.1.abc"', "[dashly] token is not a known key."),
    ],
)
def test_problems_of_the_sides(read, old, new, sentence):
    """Required keys, versions and addresses are checked; a token in the file is not repeated."""
    told = problem(read, MINIMAL.replace(old, new, 1))

    assert told[0] == sentence
    assert "app.1.abc" not in " ".join(told)


def test_a_section_that_is_no_table(read):
    """A value where a table belongs."""
    assert problem(read, "sync = 3\n" + MINIMAL)[0] == "[sync] must be a table."


def test_loopback_may_be_plain_http(read):
    """The sandbox is reached without TLS."""
    text = MINIMAL.replace("[dashly]", '[dashly]\nbase_url = "http://127.0.0.1:8080/"')

    assert read(text).dashly.base_url == "http://127.0.0.1:8080"


def test_one_direction(read):
    """A run may carry one way only."""
    config = read(f'{MINIMAL}[sync]\ndirections = ["dashly-to-intercom"]\n')

    assert config.sync.copies_from(Side.DASHLY)
    assert not config.sync.copies_from(Side.INTERCOM)


def test_overrides_reach_the_table(read):
    """A row under [map.parts] changes the mapping table in force."""
    plain = read(MINIMAL).kind_table()
    changed = read(f'{MINIMAL}[map.parts]\n"dashly.vote" = "skip"\n').kind_table()

    assert plain.row(Side.DASHLY, "vote") != changed.row(Side.DASHLY, "vote")


def test_where_the_file_is():
    """The option goes before the variable, which goes before the directory."""
    assert find_path("a.toml", {"CONNECTOR_CONFIG": "b.toml"}) == Path("a.toml")
    assert find_path(None, {"CONNECTOR_CONFIG": "b.toml"}) == Path("b.toml")
    assert find_path(None, {}) == Path("connector.toml")


@pytest.mark.parametrize(
    "address",
    [
        "https://user:hunter2secret@api.dashly.app",
        "https://hunter2secret@api.dashly.app",
        "https://@api.dashly.app",
        "https://api.dashly.app:hunter2secret",
        "https://api.dashly.app:99999",
        "https://api.dashly.app:0",
        "https://api.dashly.app:",
        "https://api.dashly.app/?token=hunter2secret",
        "https://api.dashly.app/?",
        "https://api.dashly.app/#hunter2secret",
        "https://api.dashly.app/ hunter2secret",
        "https://api.dashly.app\\\\@hunter2secret",
        "https://api.dashly.app/\\u202ehunter2secret",
        "https://api_dashly/hunter2secret",
        "https://[::1/hunter2secret",
        "https:///hunter2secret",
        "ftp://api.dashly.app/hunter2secret",
        "",
    ],
)
def test_an_address_that_is_none_is_refused_and_never_repeated(read, address):
    """Whatever is there may be a password."""
    told = problem(read, MINIMAL.replace("[dashly]", f'[dashly]\nbase_url = "{address}"', 1))

    assert told[0].startswith("[dashly] base_url must be an address")
    assert "hunter2secret" not in " ".join(told)


@pytest.mark.parametrize("key", ["ping_url", "webhook_url"])
def test_an_address_of_an_alert_is_a_secret(read, key):
    """Its path is what lets a caller in: it is in no text of the configuration."""
    config = read(f'{MINIMAL}[alerts]\n{key} = "https://hc.example.org/ping/hunter2secret?a=1"\n')

    assert "hunter2secret" in getattr(config.alerts, key).get_secret_value()
    assert "hunter2secret" not in f"{config} {config!r} {config.model_dump()}"


@pytest.mark.parametrize(
    "address", ["http://hc.example.org/a", "https://a:b@hc.example.org", "hc.example.org"]
)
def test_an_address_of_an_alert_is_checked(read, address):
    """By the same rules as the others."""
    told = problem(read, f'{MINIMAL}[alerts]\nping_url = "{address}"\n')

    assert told[0].startswith("[alerts] ping_url must be an address")


def test_the_schema_of_a_pair_has_the_name_of_its_file(tmp_path):
    """Unless a path is named; the address is looked for beside the file."""
    pair = tmp_path / "acme.toml"
    pair.write_text(f'{MINIMAL}[state]\nurl_file = "address"\n')

    state = load(pair).state

    assert (state.path, state.url_file) == (tmp_path / "acme.db", tmp_path / "address")


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ('[history]\ntimezone = "Moon/Crater"\n', 'a time zone such as "UTC" or "Europe/Berlin"'),
        ('[history]\ntimezone = "../../etc/passwd"\n', 'a time zone such as "UTC" or "Europe/Berlin"'),
        (
            '[files]\nhosts = ["https://files.example.com"]\n',
            'the name of a host such as "files.example.com"',
        ),
        ('[files]\nhosts = ["*.example.com"]\n', 'the name of a host such as "files.example.com"'),
        ('[people]\nmatch_email = "leads"\n', "one of 'never' or 'users'"),
        ('[texts]\nlanguage = "fr"\n', "one of 'en' or 'ru'"),
        ('[state]\nbackup = "hourly"\n', "one of 'daily' or 'never'"),
        ('[sync]\nevery = "0s"\n', "at least 1"),
        (
            f'[sync]\nmax_age = "{"9" * 400}d"\n',
            'a duration such as "90s", "10m", "24h" or "30d"',
        ),
        ('[state]\npath = "a\\u0000b"\n', "a path without a null character"),
        (
            '[metrics]\ntextfile = "~no-such-user/x.prom"\n',
            "a path, and this one begins with the home folder of an unknown user",
        ),
    ],
)
def test_values_of_the_newer_keys_are_checked(read, text, clause):
    """Each says what is expected."""
    assert problem(read, MINIMAL + text)[0].endswith(f" must be {clause}.")


def _merged(text):
    """Return the smallest configuration with more keys under [intercom] and more tables behind it."""
    return f"{MINIMAL}{text.removeprefix('[intercom]')}"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", []),
        ("[intercom]\nloud_mirror = true\n", ["[intercom] loud_mirror"]),
        ('[intercom]\nloud_mirror = true\napi_version = "2.14"\n', []),
        ('[intercom]\ntag_api_version = "2.14"\n', ["[intercom] tag_api_version"]),
        ('[intercom]\napi_version = "1.4"\ntag_api_version = "2.14"\n', []),
        ('[intercom]\napi_version = "1.4"\n[people]\nmatch_email = "users"\n', ["[people] match_email"]),
        (
            '[sync]\ndirections = ["dashly-to-intercom"]\n[history]\nto_dashly = "none"\n',
            ["[history] to_dashly"],
        ),
        (
            (
                '[sync]\ndirections = ["intercom-to-dashly"]\n[history]\nto_intercom = "none"\n'
                '[map.channels]\n1 = "team:2"\n[map.parts]\n"dashly.vote" = "skip"\n'
            ),
            ["[history] to_intercom", "[map] channels", '[map.parts] "dashly.vote"'],
        ),
        ('[history]\ntimezone = "Europe/Berlin"\n', []),
        ('[people]\nmatch_email = "users"\n', []),
        (
            '[sync]\ndirections = ["intercom-to-dashly"]\n[people]\nmatch_email = "users"\n',
            ["[people] match_email"],
        ),
        ('[texts]\nlanguage = "ru"\n', []),
        ("[hooks]\ndashly = false\n", []),
        ('[hooks]\ndashly = false\ndashly_url = "wss://push.example.com"\n', ["[hooks] dashly_url"]),
    ],
)
def test_keys_without_effect_are_named(read, text, keys):
    """A key that does nothing beside the others is told, with the reason."""
    config = read(text + MINIMAL if "[intercom]" not in text else _merged(text))

    assert [found.key for found in without_effect(config)] == keys


def test_the_template_promises_nothing_for_later():
    """A key whose feature does not exist is refused, so no comment speaks of one that has no effect yet."""
    assert " yet" not in template()


def test_the_template_of_a_named_pair_has_a_state_file_of_its_own():
    """Several files may lie in one folder."""
    assert 'path = "connector.db"' in template()
    assert '\npath = "acme.db"' in template("acme")
