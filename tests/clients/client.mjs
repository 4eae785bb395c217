// One journey of the official TypeScript client: prints what each step gave, a line of JSON.
import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const [url, issuer, token] = process.argv.slice(2);
const provider = token
  ? { token: async () => token }
  : new ClientCredentialsProvider({ clientId: "robot", clientSecret: "robot-pass", expectedIssuer: issuer });
const client = new Client({ name: "typescript", version: "1" });
const said = {};
try {
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider: provider }));
  const text = async (name) => (await client.callTool({ name, arguments: {} })).content[0].text;
  said.tools = (await client.listTools()).tools.map((tool) => tool.name);
  said.look = await text("look");
  said.change = await text("change");
  await client.close();
} catch (error) {
  said.error = `${error.constructor.name}: ${error.message}`;
}
console.log(JSON.stringify(said));
process.exit(0);
