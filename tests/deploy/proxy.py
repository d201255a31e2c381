"""nginx with the configuration of deploy/, brought to the loopback address."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.app_server import ROOT, free_port

CONFIGURATION = ROOT / "deploy" / "nginx.conf"
REPLICAS = ("app1:8501", "app2:8501")
TLS = "/etc/ecg-turing/tls"
START_SECONDS = 15.0


def find_nginx() -> str | None:
    """The program; Debian puts it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def proxying(folder: Path, replicas: Sequence[str]) -> Iterator[str]:
    """The front door of these replicas ("http://127.0.0.1:PORT"), as https://; its log is folder/access.log."""
    program, secure = find_nginx(), free_port()
    assert program is not None
    certify(folder)
    configuration = folder / "nginx.conf"
    configuration.write_text(_on_loopback(folder, replicas, secure, free_port()))
    command = [program, "-p", str(folder), "-c", str(configuration), "-g", f"daemon off; pid {folder}/pid;"]
    with subprocess.Popen(command) as process:
        try:
            _wait(f"https://127.0.0.1:{secure}/_stcore/health")
            yield f"https://127.0.0.1:{secure}"
        finally:
            process.terminate()


def _on_loopback(folder: Path, replicas: Sequence[str], secure: int, plain: int) -> str:
    text = CONFIGURATION.read_text()
    for named, running in zip(REPLICAS, replicas, strict=True):
        text = text.replace(f"server {named}", f"server {running.removeprefix('http://')}")
    for old, new in {
        "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl",
        "listen 80": f"listen 127.0.0.1:{plain}",
        TLS: str(folder),
        "/dev/stdout": f"{folder}/access.log",
        "/dev/stderr": f"{folder}/error.log",
    }.items():
        assert old in text
        text = text.replace(old, new)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    kept = "".join(f"  {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    return re.sub(r"^http \{\n", f"http {{\n{kept}", text, flags=re.MULTILINE)


def certify(folder: Path) -> None:
    """A certificate for the loopback address that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(pem)


def _wait(url: str) -> None:
    trusting = ssl._create_unverified_context()
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5, context=trusting):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
