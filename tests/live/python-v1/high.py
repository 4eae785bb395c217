from mcp.server.fastmcp import FastMCP
from mcp.types import Completion

mcp = FastMCP("cell")


# cell: tools listed
@mcp.tool()
def one() -> str:
    return "one"


# end
# cell: resources listed
@mcp.resource("cell://one")
def resource() -> str:
    return "one"


# end
# cell: prompts listed
@mcp.prompt()
def prompt() -> str:
    return "one"


# end
# cell: completions listed
@mcp.completion()
async def completion(reference, argument, context):
    return Completion(values=["one"])


# end
mcp.run()
