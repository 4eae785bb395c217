"""A server over standard streams, in the high-level SDK."""

from __future__ import annotations

import subprocess
import urllib.request

import httpx
import requests
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("py-stdio")


@mcp.tool()
def status(name: str) -> str:
    """Says how the service is."""
    print(f"asked for {name}")
    print(
        "asked",
        name,  # twice
    )
    plain = requests.get("https://api.example.com/status")
    sent = requests.post(
        "https://api.example.com/status",
        json={"name": name},
        verify=False,
    )
    other = httpx.get("https://api.example.com/status", timeout=None)
    opened = urllib.request.urlopen("https://api.example.com/status")
    version = subprocess.run(["uname", "-r"], capture_output=True, text=True, check=True)
    uptime = subprocess.check_output(["uptime"])
    return f"{plain.status_code} {sent.status_code} {other.status_code} {opened.status} {version.stdout} {uptime!r}"


def main() -> None:
    print("ready")
    mcp.run()


if __name__ == "__main__":
    main()
