import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  SetLevelRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";

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
server.setRequestHandler(ListToolsRequestSchema, async () => ({
  tools: [{ name: "one", inputSchema: { type: "object" } }],
}));
// end
// cell: tools used
server.setRequestHandler(CallToolRequestSchema, async () => ({ content: [] }));
// end
// cell: resources listed
server.setRequestHandler(ListResourcesRequestSchema, async () => ({
  resources: [{ name: "one", uri: "cell://one" }],
}));
// end
// cell: resources used
server.setRequestHandler(ReadResourceRequestSchema, async () => ({ contents: [] }));
// end
// cell: prompts listed
server.setRequestHandler(ListPromptsRequestSchema, async () => ({ prompts: [{ name: "one" }] }));
// end
// cell: prompts used
server.setRequestHandler(GetPromptRequestSchema, async () => ({ messages: [] }));
// end
// cell: completions listed
server.setRequestHandler(CompleteRequestSchema, async () => ({ completion: { values: ["one"] } }));
// end
// cell: logging listed
server.setRequestHandler(SetLevelRequestSchema, async () => ({}));
// end

await server.connect(new StdioServerTransport());
