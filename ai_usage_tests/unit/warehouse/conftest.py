"""A scripted server in BigQuery's place, and a credentials file."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ai_usage_tests.support.scripted_server import ScriptedServer

WRITER = "writer@made-up.iam.gserviceaccount.com"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    threading.Thread(target=scripted.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield scripted
    scripted.closing.set()
    scripted.shutdown()
    scripted.server_close()


@pytest.fixture
def service_account_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service-account file with a new key, in the place where google-auth looks."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    written = tmp_path / "key.json"
    written.write_text(
        json.dumps(
            {
                "type": "service_account",
                "project_id": "made-up",
                "private_key_id": "1",
                "private_key": pem,
                "client_email": WRITER,
                "client_id": "1",
                "token_uri": "https://oauth2.googleapis.com/token",
            }
        )
    )
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(written))
    return written
