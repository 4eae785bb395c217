import asyncio

from mcp import types
from mcp.server import Server
from mcp.server.models import InitializationOptions
from mcp.server.stdio import stdio_server
from mcp.types import ServerCapabilities

server = Server("cell")


# cell: tools listed
@server.list_tools()
async def list_tools():
    return [types.Tool(name="one", inputSchema={"type": "object"})]


# end

# cell: tools used
@server.call_tool()
async def call_tool(name, arguments):
    return []


# end

# cell: resources listed
@server.list_resources()
async def list_resources():
    return [types.Resource(name="one", uri="cell://one")]


# end

# cell: resources used
@server.read_resource()
async def read_resource(uri):
    return "one"


# end

# cell: prompts listed
@server.list_prompts()
async def list_prompts():
    return [types.Prompt(name="one")]


# end

# cell: prompts used
@server.get_prompt()
async def get_prompt(name, arguments):
    return types.GetPromptResult(messages=[])


# end

# cell: completions listed
@server.completion()
async def completion(ref, argument, context):
    return types.Completion(values=["one"])


# end

# cell: logging listed
@server.set_logging_level()
async def set_logging_level(level):
    return None


# end
async def main():
    async with stdio_server() as (read, write):
        # cell: level low
        options = InitializationOptions(
            server_name="cell",
            server_version="1.0.0",
            capabilities=ServerCapabilities(
                # cell: tools declared
                tools=types.ToolsCapability(),
                # end
                # cell: resources declared
                resources=types.ResourcesCapability(),
                # end
                # cell: prompts declared
                prompts=types.PromptsCapability(),
                # end
                # cell: completions declared
                completions=types.CompletionsCapability(),
                # end
                # cell: logging declared
                logging=types.LoggingCapability(),
                # end
            ),
        )
        # end
        # cell: level derived
        options = server.create_initialization_options()
        # end
        await server.run(read, write, options)


asyncio.run(main())
