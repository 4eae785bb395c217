import asyncio

from mcp import types
from mcp.server import Server
from mcp.server.models import InitializationOptions
from mcp.server.stdio import stdio_server
from mcp.types import ServerCapabilities


# cell: tools listed
async def list_tools(context, parameters):
    return types.ListToolsResult(tools=[types.Tool(name="one", input_schema={"type": "object"})])


# end

# cell: tools used
async def call_tool(context, parameters):
    return types.CallToolResult(content=[])


# end

# cell: resources listed
async def list_resources(context, parameters):
    return types.ListResourcesResult(resources=[types.Resource(name="one", uri="cell://one")])


# end

# cell: resources used
async def read_resource(context, parameters):
    return types.ReadResourceResult(contents=[])


# end

# cell: prompts listed
async def list_prompts(context, parameters):
    return types.ListPromptsResult(prompts=[types.Prompt(name="one")])


# end

# cell: prompts used
async def get_prompt(context, parameters):
    return types.GetPromptResult(messages=[])


# end

# cell: completions listed
async def completion(context, parameters):
    return types.CompleteResult(completion=types.Completion(values=["one"]))


# end

# cell: logging listed
async def set_logging_level(context, parameters):
    return types.EmptyResult()


# end
server = Server(
    "cell",
    # cell: tools listed
    on_list_tools=list_tools,
    # end
    # cell: tools used
    on_call_tool=call_tool,
    # end
    # cell: resources listed
    on_list_resources=list_resources,
    # end
    # cell: resources used
    on_read_resource=read_resource,
    # end
    # cell: prompts listed
    on_list_prompts=list_prompts,
    # end
    # cell: prompts used
    on_get_prompt=get_prompt,
    # end
    # cell: completions listed
    on_completion=completion,
    # end
    # cell: logging listed
    on_set_logging_level=set_logging_level,
    # end
)


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
