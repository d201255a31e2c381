"""Settings come from the environment, a TOML file or the defaults, in this order, and errors name them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import Settings, SettingsError, load_settings, settings_table


@pytest.fixture
def ptbxl(tmp_path: Path) -> Path:
    folder = tmp_path / "ptb-xl"
    folder.mkdir()
    (folder / "ptbxl_database.csv").write_text("ecg_id\n")
    return folder


def write_config(folder: Path, text: str, name: str = "ecg-turing.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(environ: dict[str, str], folder: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ, folder)
    return str(caught.value)


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path)
    assert settings.store_url == "sqlite:///data/review.db"
    assert (settings.ptbxl, settings.own_records) == (None, Path("data/own-records"))
    assert (settings.device, settings.checkpoints, settings.cache) == (
        "auto",
        Path("assets/checkpoints"),
        Path("data/cache"),
    )


def test_the_environment_comes_before_the_file_and_the_file_before_the_defaults(tmp_path: Path, ptbxl: Path) -> None:
    write_config(tmp_path, f'device = "cuda"\nptbxl = "{ptbxl}"\nstore_url = "sqlite:///of_the_file.db"\n')
    settings = load_settings({"ECG_TURING_DEVICE": "cpu"}, tmp_path)
    assert (settings.device, settings.ptbxl, settings.store_url) == ("cpu", ptbxl, "sqlite:///of_the_file.db")
    assert settings.cache == Path("data/cache")


def test_another_file_can_be_named(tmp_path: Path) -> None:
    path = write_config(tmp_path, 'device = "cpu"', "elsewhere.toml")
    assert load_settings({"ECG_TURING_CONFIG": str(path)}, tmp_path).device == "cpu"


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    assert load_settings({"ECG_TURING_PTBXL": "", "ECG_TURING_DEVICE": ""}, tmp_path).ptbxl is None


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("ECG_TURING_STORE_URL", "mysql://somewhere/reviews", "sqlite:/// or postgresql://"),
        ("ECG_TURING_STORE_URL", "sqlite:///", "name a database"),
        ("ECG_TURING_DEVICE", "tpu", "'auto', 'cpu' or 'cuda'"),
        ("ECG_TURING_PTBXL", "nowhere", "there is no folder nowhere"),
        ("ECG_TURING_OWN_RECORDS", __file__, "is a file; a folder is needed"),
        ("ECG_TURING_OWN_RECORDS", str(Path(__file__).parent), "holds other files and no own_records.csv"),
        ("ECG_TURING_CHECKPOINTS", "nowhere", "there is no folder nowhere"),
        ("ECG_TURING_CACHE", __file__, "is a file; a folder is needed"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line_that_names_the_variable(
    tmp_path: Path, variable: str, value: str, expected: str
) -> None:
    message = refusal({variable: value}, tmp_path)
    assert message.startswith(f"{variable}: ")
    assert expected in message and "\n" not in message


def test_every_wrong_setting_has_its_line(tmp_path: Path) -> None:
    write_config(tmp_path, 'checkpoints = "nowhere"\ncolour = "red"\n')
    lines = refusal({"ECG_TURING_DEVICE": "tpu"}, tmp_path).splitlines()
    assert {line.split(":")[0] for line in lines} == {"ECG_TURING_DEVICE", "checkpoints", "colour"}


def test_a_folder_without_the_database_is_not_ptbxl(tmp_path: Path) -> None:
    assert "ptbxl_database.csv" in refusal({"ECG_TURING_PTBXL": str(tmp_path)}, tmp_path)


def test_a_misspelt_variable_is_named_with_the_right_one(tmp_path: Path) -> None:
    message = refusal({"ECG_TURING_PTB_XL": "/data"}, tmp_path)
    assert message == "ECG_TURING_PTB_XL: unknown setting; did you mean ECG_TURING_PTBXL?"


def test_variables_of_other_programs_do_not_matter(tmp_path: Path) -> None:
    foreign = {"ECG_TURING_GOLDEN": "x", "PATH": "/bin", "DEVICE": "tpu"}
    assert load_settings(foreign, tmp_path) == load_settings({}, tmp_path)


@pytest.mark.parametrize("text", ["device = ", "store_url = sqlite", "\x00"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    assert "ecg-turing.toml is not a TOML file" in refusal({}, write_config(tmp_path, text).parent)


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    message = refusal({"ECG_TURING_CONFIG": "missing.toml"}, tmp_path)
    assert message.startswith("ECG_TURING_CONFIG: cannot read") and "missing.toml" in message


def test_the_password_of_the_store_is_never_shown(tmp_path: Path) -> None:
    good = load_settings({"ECG_TURING_STORE_URL": "postgresql://reader:secret@db/reviews"}, tmp_path)
    assert "secret" not in repr(good)
    assert "secret" not in refusal({"ECG_TURING_STORE_URL": "oracle://reader:secret@db/reviews"}, tmp_path)


def test_settings_cannot_be_changed_afterwards(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings({}, tmp_path).device = "cpu"  # type: ignore[misc]


def test_the_table_lists_every_setting_with_its_default_and_meaning() -> None:
    rows = settings_table().splitlines()[2:]
    assert len(rows) == len(Settings.model_fields)
    for row, (name, field) in zip(rows, Settings.model_fields.items(), strict=True):
        assert f"`ECG_TURING_{name.upper()}`" in row and f"`{name}`" in row
        assert field.description and field.description in row
