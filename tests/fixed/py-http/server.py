"""A server over HTTP, in a version of the SDK that checks no names by itself."""

from mcp.server.fastmcp import FastMCP

mcp = FastMCP(
    "py-http",
    host="127.0.0.1",
    port=8767,
    stateless_http=True,
    json_response=True,
)


@mcp.tool()
def greet(name: str) -> str:
    """Greets."""
    return f"hello {name}"


if __name__ == "__main__":
    mcp.run(transport="streamable-http")
