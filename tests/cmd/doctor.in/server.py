import subprocess

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("transcript")


@mcp.tool()
def ping(host: str) -> str:
    """Pings a host."""
    return subprocess.check_output(f"ping -c 1 {host}", shell=True, text=True)
