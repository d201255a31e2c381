"""The files of deploy/ name what there is: settings, addresses, commands; and their own programs can read them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.settings import PREFIX, Settings
from tests.app_server import ROOT

DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())
UNITS = [path for path in FILES if path.suffix in (".service", ".timer")]
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields}
LISTED = re.compile(r"^([A-Z_]+)=", flags=re.MULTILINE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]+", path.read_text())) <= SETTINGS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_module_that_is_run_exists(path: Path) -> None:
    modules = set(re.findall(r"python -m ([\w.]+)", path.read_text())) - {"streamlit"}
    assert all(
        (ROOT / name.replace(".", "/")).with_suffix(".py").exists() or (ROOT / name).is_dir() for name in modules
    )


def test_the_proxy_asks_the_replicas_that_compose_starts_and_the_port_that_the_image_opens() -> None:
    proxy, compose = (DEPLOY / "nginx.conf").read_text(), (DEPLOY / "compose.yaml").read_text()
    asked = re.findall(r"server (\w+):(\d+)", proxy)
    assert [name for name, _ in asked] == re.findall(r"^  (\w+): \*app$", compose, flags=re.MULTILINE)
    assert {port for _, port in asked} == set(re.findall(r"EXPOSE (\d+)", (DEPLOY / "Dockerfile").read_text()))
    assert "listen 443" in proxy and '"443:443"' in compose


def test_the_example_lists_what_compose_asks_for() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))
    assert asked == set(LISTED.findall((DEPLOY / "environment.example").read_text()))


@pytest.mark.skipif(shutil.which("docker") is None, reason="docker was not found, which checks its compose file")
def test_docker_reads_the_compose_file(tmp_path: Path) -> None:
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker has no compose plugin, which checks the compose file")
    filled = tmp_path / "filled"
    names = LISTED.findall((DEPLOY / "environment.example").read_text())
    filled.write_text("".join(f"{name}=/srv/some\n" for name in names))
    command = ["docker", "compose", "--env-file", filled, "--file", DEPLOY / "compose.yaml", "config", "--quiet"]
    subprocess.run(command, check=True)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze was not found: no systemd here")
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    for unit in UNITS:  # as an instance, with programs that are here
        text = unit.read_text().replace("/opt/ecg-turing/.venv/bin/python", "/bin/true")
        (tmp_path / unit.name.replace("@", "@8501")).write_text(text)
    units = sorted(tmp_path.iterdir())
    found = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert not [line for line in found.stderr.splitlines() if str(tmp_path) in line], found.stderr
