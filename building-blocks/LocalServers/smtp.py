"""An SMTP server that keeps every mail as a file and sends none on: STARTTLS first, then a login, then mail.

Arguments: port, folder with certificate.pem, key.pem and users.json (name: password), folder for the mails.
"""
import asyncio
import email.parser
import email.policy
import email.utils
import hmac
import json
import os
import re
import signal
import ssl
import sys
from datetime import datetime, timezone

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

PORT, FOLDER, MAILS = int(sys.argv[1]), sys.argv[2], sys.argv[3]


def authenticate(server, session, envelope, mechanism, data):
    # handled=False, or the server would wait for us to answer the client ourselves.
    if not isinstance(data, LoginPassword):
        return AuthResult(success=False, handled=False)
    with open(os.path.join(FOLDER, "users.json"), encoding="utf-8") as file:
        users = json.load(file)
    expected = users.get(data.login.decode("utf-8", "replace"))
    success = expected is not None and hmac.compare_digest(expected.encode(), data.password)
    print(f"{'login' if success else 'REFUSED login'} of {data.login!r}", flush=True)
    return AuthResult(success=success, handled=False)


def name_of(content):
    """Sorted by name the mails are sorted by time. The time is the Date header's, as the embedded mailer's names have it."""
    headers = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(content)
    try:
        at = email.utils.parsedate_to_datetime(str(headers["Date"])).astimezone(timezone.utc)
    except (TypeError, ValueError):
        at = datetime.now(timezone.utc)
    message_id = str(headers["Message-ID"] or os.urandom(12).hex()).strip().strip("<>").split("@")[0]
    return f"{at:%Y%m%dT%H%M%SZ}-{re.sub('[^A-Za-z0-9._-]', '_', message_id)[:120]}"


def keep(content):
    """Whole or not at all, and a second mail of the same name beside the first: what was delivered twice shows twice."""
    draft = os.path.join(MAILS, f".{os.urandom(12).hex()}.tmp")
    with open(draft, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    name = name_of(content)
    for number in range(1, 1000):
        target = os.path.join(MAILS, f"{name}{'' if number == 1 else f'.{number}'}.eml")
        try:
            os.link(draft, target)
            break
        except FileExistsError:
            continue
    os.unlink(draft)
    return target


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        """Everybody has a mailbox here but nobody@, and busy@ has no time now: what senders must tell apart."""
        name = address.split("@")[0]
        if name == "nobody":
            return "550 5.1.1 no such mailbox"
        if name == "busy":
            return "451 4.3.2 try again later"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        trace = f"Return-Path: <{envelope.mail_from}>\r\n" + "".join(f"Delivered-To: {to}\r\n" for to in envelope.rcpt_tos)
        target = keep(trace.encode() + envelope.original_content)
        print(f"mail from {envelope.mail_from} to {', '.join(envelope.rcpt_tos)}: {os.path.basename(target)}", flush=True)
        return "250 OK"


async def main():
    os.makedirs(MAILS, exist_ok=True)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.load_cert_chain(os.path.join(FOLDER, "certificate.pem"), os.path.join(FOLDER, "key.pem"))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    server = await loop.create_server(
        lambda: SMTP(
            Keeper(), hostname="localhost", tls_context=tls, require_starttls=True, auth_required=True, authenticator=authenticate, enable_SMTPUTF8=True, loop=loop),
        "127.0.0.1", PORT)
    print(f"listening on 127.0.0.1:{PORT}", flush=True)
    await stop.wait()
    server.close()


asyncio.run(main())
