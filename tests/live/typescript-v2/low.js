import { Server } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";

const server = new Server(
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
server.setRequestHandler("tools/list", async () => ({
  tools: [{ name: "one", inputSchema: { type: "object" } }],
}));
// end
// cell: tools used
server.setRequestHandler("tools/call", async () => ({ content: [] }));
// end
// cell: resources listed
server.setRequestHandler("resources/list", async () => ({
  resources: [{ name: "one", uri: "cell://one" }],
}));
// end
// cell: resources used
server.setRequestHandler("resources/read", async () => ({ contents: [] }));
// end
// cell: prompts listed
server.setRequestHandler("prompts/list", async () => ({ prompts: [{ name: "one" }] }));
// end
// cell: prompts used
server.setRequestHandler("prompts/get", async () => ({ messages: [] }));
// end
// cell: completions listed
server.setRequestHandler("completion/complete", async () => ({ completion: { values: ["one"] } }));
// end
// cell: logging listed
server.setRequestHandler("logging/setLevel", async () => ({}));
// end

await server.connect(new StdioServerTransport());
