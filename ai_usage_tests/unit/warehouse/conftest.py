"""A credentials file."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

WRITER = "writer@made-up.iam.gserviceaccount.com"


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
