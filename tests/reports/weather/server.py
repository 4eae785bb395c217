import requests
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("weather", host="0.0.0.0", port=8000)


@mcp.tool()
def forecast(city: str) -> str:
    """The weather of tomorrow."""
    return requests.get("https://weather.example/api", params={"city": city}, timeout=10).text


@mcp.tool()
def read_page(address: str) -> str:
    """A page of the web."""
    return requests.get(address, timeout=10).text


mcp.run(transport="streamable-http")
