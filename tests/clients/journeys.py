"""An issuer on loopback, a server that believes it, and two clients that have never heard of either.

The issuer signs with PyJWT: nothing of it is ours. Exits with 0 only if every journey ends as it should.
"""

import asyncio
import base64
import http.server
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric import ed25519
from jwt.algorithms import OKPAlgorithm
from mcp import Client
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.streamable_http import streamable_http_client

SERVED, NODE, SCRIPT = sys.argv[1:]
POLICY = """
version = 1
[server]
name = "journeys"
transports = ["http"]
listen = "127.0.0.1:{port}"
sessions = "bounded"
[capabilities]
tools = true
[auth.jwt]
issuer = "{issuer}"
algorithms = ["EdDSA"]
jwks = "file:keys.json"
resource = "{url}"
scopes_supported = ["read"]
leeway = "0s"
[access.scopes]
write = ["read"]
[[access.rules]]
who = ["scope:read"]
may = ["tools/list", "tools/call:look"]
[[access.rules]]
who = ["scope:write"]
may = ["tools/call:change"]
[audit]
sink = "file:audit.jsonl"
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Issuer:
    """OAuth 2.1 with client credentials, and no more of it than that."""

    def __init__(self):
        self.key = ed25519.Ed25519PrivateKey.generate()
        self.url = f"http://127.0.0.1:{free_port()}"
        self.granted = []
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def reply(self, status, document):
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if not self.path.startswith("/.well-known/oauth-authorization-server"):
                    return self.reply(404, {})
                self.reply(200, {
                    "issuer": issuer.url,
                    "authorization_endpoint": f"{issuer.url}/authorize",
                    "token_endpoint": f"{issuer.url}/token",
                    "response_types_supported": ["code"],
                    "grant_types_supported": ["client_credentials"],
                    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                    "code_challenge_methods_supported": ["S256"],
                })

            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                expected = "Basic " + base64.b64encode(b"robot:robot-pass").decode()
                if self.path != "/token" or self.headers["authorization"] != expected:
                    return self.reply(401, {"error": "invalid_client"})
                scope = form.get("scope", ["read"])[0]
                resource = form.get("resource", [None])[0]
                issuer.granted.append((scope, resource))
                token = issuer.sign(scope=scope, aud=resource)
                self.reply(200, {"access_token": token, "token_type": "Bearer", "expires_in": 60, "scope": scope})

        address = ("127.0.0.1", int(self.url.rsplit(":", 1)[1]))
        server = http.server.ThreadingHTTPServer(address, Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def sign(self, **claims):
        base = {"iss": self.url, "sub": "robot", "client_id": "robot", "exp": time.time() + 60, "iat": time.time()}
        return jwt.encode(base | claims, self.key, "EdDSA", headers={"kid": "1", "typ": "at+jwt"})

    def keys(self):
        key = json.loads(OKPAlgorithm.to_jwk(self.key.public_key()))
        return json.dumps({"keys": [key | {"kid": "1", "use": "sig", "alg": "EdDSA"}]})


class Storage:
    def __init__(self):
        self.tokens = self.client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


async def python_client(url, issuer, token=None):
    said = {}
    headers = {"authorization": f"Bearer {token}"} if token else None
    auth = None if token else ClientCredentialsOAuthProvider(
        server_url=url, storage=Storage(), client_id="robot", client_secret="robot-pass", issuer=issuer)
    try:
        async with httpx2.AsyncClient(headers=headers, auth=auth, timeout=20) as http_client:
            async with Client(streamable_http_client(url, http_client=http_client)) as client:
                said["tools"] = [tool.name for tool in (await client.list_tools()).tools]
                said["look"] = (await client.call_tool("look", {})).content[0].text
                said["change"] = (await client.call_tool("change", {})).content[0].text
    except BaseException as error:  # noqa: BLE001 a group of them, mostly
        said["error"] = repr(error)
    return said


def typescript_client(url, issuer, token=None):
    words = [NODE, SCRIPT, url, issuer] + ([token] if token else [])
    ended = subprocess.run(words, capture_output=True, text=True, timeout=60)
    return json.loads(ended.stdout) if ended.stdout else {"error": ended.stderr}


def main():
    issuer = Issuer()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mcpsec-journeys-"))
    port = free_port()
    url = f"http://127.0.0.1:{port}/mcp"
    (folder / "keys.json").write_text(issuer.keys())
    (folder / "mcpsec.toml").write_text(POLICY.format(port=port, issuer=issuer.url, url=url))
    server = subprocess.Popen([SERVED, folder / "mcpsec.toml"], stderr=open(folder / "log", "w"))
    failures = []

    def check(what, good, seen):
        print(f"{'ok  ' if good else 'FAIL'} {what}")
        if not good:
            failures.append(what)
            print(f"     {seen}")

    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        clients = {"Python": lambda *words: asyncio.run(python_client(*words)), "TypeScript": typescript_client}
        for name, client in clients.items():
            issuer.granted.clear()
            said = client(url, issuer.url)
            check(f"{name}: finds the issuer, gets a token, and calls", said.get("look") == "seen", said)
            check(f"{name}: asks for more when a tool needs it", said.get("change") == "changed", said)
            check(f"{name}: names this server to the issuer (RFC 8707)",
                  issuer.granted and all(resource == url for _, resource in issuer.granted), issuer.granted)
            check(f"{name}: begins with no more than the metadata names",
                  issuer.granted and issuer.granted[0][0] == "read", issuer.granted)
            said = client(url, issuer.url, issuer.sign(aud=url, scope="write"))
            check(f"{name}: a token from elsewhere does as well", said.get("change") == "changed", said)
            for what, token in {
                "another server": issuer.sign(aud="https://other.example/mcp", scope="write"),
                "yesterday": issuer.sign(aud=url, scope="write", exp=time.time() - 86_400),
                "a forger": Issuer().sign(aud=url, scope="write", iss=issuer.url),
            }.items():
                said = client(url, issuer.url, token)
                check(f"{name}: a token of {what} opens nothing", "error" in said and "tools" not in said, said)
        audit = (folder / "audit.jsonl").read_text()
        check("the audit log names the caller", '"client":"user:robot"' in audit, audit[-400:])
        check("no token is in log or audit", "eyJ" not in audit + (folder / "log").read_text(), folder)
    finally:
        server.terminate()
        server.wait()
    if failures:
        print((folder / "log").read_text()[-4_000:])
    sys.exit(1 if failures else 0)


main()
