"""A low-level server behind Starlette."""

import contextlib
from collections.abc import AsyncIterator

import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types import TextContent, Tool
from starlette.applications import Starlette
from starlette.routing import Mount

server = Server("py-low")


@server.list_tools()
async def tools() -> list[Tool]:
    return [Tool(name="greet", description="Greets.", inputSchema={"type": "object"})]


@server.call_tool()
async def call(name: str, arguments: dict) -> list[TextContent]:
    return [TextContent(type="text", text=f"hello from {name}")]


manager = StreamableHTTPSessionManager(app=server, stateless=True, json_response=True)


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with manager.run():
        yield


app = Starlette(debug=True, routes=[Mount("/mcp", app=manager.handle_request)], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8768)
