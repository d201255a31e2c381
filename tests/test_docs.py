"""The README cannot lie: its commands, options, settings and links are real, and every command is in it."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import settings_table
from engine.__main__ import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
LINES = [line.split("#")[0].strip() for block in BLOCKS for line in block.splitlines() if line.split("#")[0].strip()]
PYTHON_LINES = [line for line in LINES if " -m " in line]
MAKE_VERBS = sorted(set(re.findall(r"`?make ([a-z-]+)", README)))


def help_of(*words: str) -> str:
    command = [sys.executable, "-m", *words, "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("verb", MAKE_VERBS)
def test_every_make_verb_in_the_readme_exists(verb):
    assert re.search(rf"^{verb}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("line", PYTHON_LINES)
def test_every_command_in_the_readme_takes_these_options(line):
    words = shlex.split(line)
    program, command, *rest = words[words.index("-m") + 1 :]
    shown = help_of(program, command)
    for option in (word for word in rest if word.startswith("--")):
        assert re.search(rf"{option}\b", shown), f"{option} is not an option of {program} {command}"


def test_every_command_of_the_engine_is_in_the_readme():
    named = {command.removesuffix("_") for command in COMMANDS}
    assert named <= {re.search(r"-m engine (\w+)", line)[1] for line in PYTHON_LINES if "-m engine" in line}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_for_every_option(command):
    shown = help_of("engine", command.removesuffix("_"))
    options = shown.split("options:")[1]
    for entry in re.split(r"\n  (?=-)", options)[1:]:
        assert len(re.split(r"\s{2,}|\n\s+", entry.strip(), maxsplit=1)) == 2, f"no help for {entry.strip()}"


def test_the_settings_table_is_the_settings():
    assert settings_table() in README


def test_linked_files_exist():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), f"README links to {target}, which does not exist"


def test_the_readme_says_what_it_must():
    for word in ("Not a medical device", "2407.11108", "2301.08227", "PTB-XL", "MIT"):
        assert word in README
