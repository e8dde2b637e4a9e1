"""Mail over TLS: a server whose certificate nobody vouches for gets no mail and no password."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal import create_app
from portal.core import mail
from portal.core.db import db
from tests.smtp_server import SmtpServer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of `localhost`, signed by itself."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, plain[1], plain[0])
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def server(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with SmtpServer(tls_context=context, require_starttls=True) as found:
        yield found


def send_through(server, settings):
    letter = EmailMessage()
    letter["From"], letter["To"] = "portal@demo.test", "ana@demo.test"
    letter["Subject"] = "Dues"
    letter.set_content("Paid.")
    app = create_app(replace(settings, smtp_url=f"smtp+starttls://localhost:{server.port}"))
    with app.app_context():
        try:
            mail.send(letter)
        finally:
            db.engine.dispose()


def test_a_certificate_that_nobody_vouches_for_ends_the_talk(settings, server):
    with pytest.raises(ssl.SSLCertVerificationError):
        send_through(server, settings)
    assert server.messages == []


def test_one_that_the_machine_knows_is_believed(settings, server, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    send_through(server, settings)
    assert [one["Subject"] for one in server.messages] == ["Dues"]
