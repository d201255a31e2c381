"""What an installation may choose: where store, records and checkpoints are, and which device computes.

Knows: names, defaults and meaning of the settings, and where they come from. The environment comes before the
TOML file named by `ECG_TURING_CONFIG` (else `ecg-turing.toml` in the working directory, if there is one), and
that before the defaults.
Does not know: what is done with them.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

PREFIX = "ECG_TURING_"
CONFIG_VARIABLE = PREFIX + "CONFIG"
CONFIG_FILE = "ecg-turing.toml"
STORE_SCHEMES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")


class SettingsError(ValueError):
    """A setting that cannot be used; one line per setting, each beginning with its name."""


class Settings(BaseModel):
    """The settings of one installation, checked. Build it with load_settings()."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    # Not in repr(): the URL of a PostgreSQL store holds a password.
    store_url: str = Field(
        "sqlite:///data/review.db",
        repr=False,
        description="Database of studies and ratings: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DB`",
    )
    ptbxl: Path | None = Field(
        None, description="Folder of PTB-XL as PhysioNet lays it out: real ECGs for studies and for training"
    )
    own_records: Path = Field(
        Path("data/own-records"),
        description="Folder of the hospital's own ECGs, filled by the page Records or by `engine collect`: real ECGs "
        "for studies",
    )
    checkpoints: Path = Field(Path("assets/checkpoints"), description="Folder of model checkpoints")
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="Where ECGs are generated: `auto` (a GPU if there is one), `cpu` or `cuda`"
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32",
        description="Of the network's matrix products: `bfloat16` is quicker and draws other ECGs of the same kind "
        "(see The model)",
    )
    cache: Path = Field(Path("data/cache"), description="Folder for downloads and intermediate files")

    @field_validator("store_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url.startswith(STORE_SCHEMES) or url in STORE_SCHEMES:
            raise ValueError("must begin with sqlite:/// or postgresql:// and name a database")
        return url

    @field_validator("ptbxl", "checkpoints")
    @classmethod
    def _existing_folder(cls, folder: Path | None) -> Path | None:
        if folder is not None and not folder.expanduser().is_dir():
            raise ValueError(f"there is no folder {folder}")
        return folder and folder.expanduser()

    @field_validator("ptbxl")
    @classmethod
    def _holds_ptbxl(cls, folder: Path | None) -> Path | None:
        if folder is not None and not (folder / "ptbxl_database.csv").is_file():
            raise ValueError(f"{folder} holds no ptbxl_database.csv, so it is not the folder of PTB-XL")
        return folder

    @field_validator("own_records")
    @classmethod
    def _holds_nothing_else(cls, folder: Path) -> Path:
        folder = folder.expanduser()
        # An import that was cut short leaves "records" and hidden folders without an index.
        foreign = folder.is_dir() and [one for one in folder.iterdir() if not one.name.startswith((".", "records"))]
        if foreign and not (folder / "own_records.csv").is_file():
            raise ValueError(f"{folder} holds other files and no own_records.csv; name a new or an empty folder")
        return folder

    @field_validator("cache", "own_records")
    @classmethod
    def _no_file_in_the_way(cls, folder: Path) -> Path:
        if folder.expanduser().exists() and not folder.expanduser().is_dir():
            raise ValueError(f"{folder} is a file; a folder is needed")
        return folder.expanduser()


def load_settings(environ: Mapping[str, str] = os.environ, folder: Path = Path()) -> Settings:
    """The settings from the environment and the TOML file of the working directory.

    Raises SettingsError naming every setting that cannot be used, with one line for each.
    """
    file_values = _from_file(environ, folder)
    environment_values = _from_environment(environ)
    try:
        return Settings(**(file_values | environment_values))
    except ValidationError as error:
        raise SettingsError("\n".join(_in_words(error, environment_values))) from None


def settings_table() -> str:
    """The settings as a Markdown table, as the README shows it."""
    rows = ["| Environment | `ecg-turing.toml` | Default | Meaning |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "not set" if field.default is None else f"`{field.default}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | `{name}` | {default} | {field.description} |")
    return "\n".join(rows)


def _from_file(environ: Mapping[str, str], folder: Path) -> dict[str, Any]:
    named = environ.get(CONFIG_VARIABLE)
    path = folder / (named or CONFIG_FILE)
    if not named and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{CONFIG_VARIABLE}: cannot read {path} ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not a TOML file: {error}.") from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    known = {PREFIX + name.upper(): name for name in Settings.model_fields}
    for variable in environ:
        # Only near misses: other programs, and the tests, may have variables of the same family.
        near = difflib.get_close_matches(variable, [*known, CONFIG_VARIABLE], n=1, cutoff=0.9)
        if near and near[0] != variable:
            raise SettingsError(f"{variable}: unknown setting; did you mean {near[0]}?")
    return {name: environ[variable] for variable, name in known.items() if environ.get(variable)}


def _in_words(error: ValidationError, environment: Mapping[str, str]) -> list[str]:
    lines = []
    for problem in error.errors():
        name = str(problem["loc"][0])
        shown = PREFIX + name.upper() if name in environment else name
        if problem["type"] == "extra_forbidden":
            lines.append(f"{shown}: unknown setting; known are {', '.join(Settings.model_fields)}.")
        else:
            lines.append(f"{shown}: {problem['msg'].removeprefix('Value error, ')}.")
    return lines
