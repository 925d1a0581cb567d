#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A mail server on loopback: prints its port, writes each mail it takes into a directory.

usage: smtp_server.py DIRECTORY [CERTIFICATE KEY]

With a certificate it offers STARTTLS and, behind it, AUTH for lab:hunter2. A recipient "full@..."
is refused for now (452), "unknown@..." for good (550). Ends when its standard input ends.
"""
import pathlib
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Handler:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("full@"):
            return "452 mailbox full"
        if address.startswith("unknown@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        who = session.auth_data.login.decode() if session.authenticated else "nobody"
        head = f"tls={session.ssl is not None} auth={who} from={envelope.mail_from} to={','.join(envelope.rcpt_tos)}\n"
        part = self.directory / f"mail-{self.count}.part"
        part.write_bytes(head.encode() + envelope.content)
        part.rename(self.directory / f"mail-{self.count}")
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    fits = data.login == b"lab" and data.password == b"hunter2"
    return AuthResult(success=fits, handled=False, auth_data=data)


class LoopbackController(Controller):
    def _trigger_server(self):
        """Learns which port the system chose, before it is tried."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def main():
    options = {}
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        options = {"tls_context": context, "require_starttls": True, "authenticator": authenticate}
    controller = LoopbackController(Handler(sys.argv[1]), hostname="127.0.0.1", port=0, **options)
    controller.start()
    print(controller.port, flush=True)
    sys.stdin.read()
    controller.stop()


main()
