import { McpServer, completable } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const server = new McpServer(
  { name: "cell", version: "1.0.0" },
  {
    capabilities: {
      // cell: tools declared
      tools: {},
      // end
      // cell: resources declared
      resources: {},
      // end
      // cell: prompts declared
      prompts: {},
      // end
      // cell: completions declared
      completions: {},
      // end
      // cell: logging declared
      logging: {},
      // end
    },
  },
);

// cell: tools listed
server.registerTool("one", { description: "One" }, async () => ({ content: [] }));
// end
// cell: resources listed
server.registerResource("one", "cell://one", {}, async () => ({ contents: [] }));
// end
// cell: prompts listed
server.registerPrompt("one", {}, () => ({ messages: [] }));
// end
// cell: completions listed
server.registerPrompt("one", { argsSchema: z.object({ word: completable(z.string(), () => ["one"]) }) }, () => ({ messages: [] }));
// end
// cell: logging listed
server.server.setRequestHandler("logging/setLevel", async () => ({}));
// end

await server.connect(new StdioServerTransport());
