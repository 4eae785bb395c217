// A server over HTTP.
package main

import (
	"context"
	"log"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type input struct {
	Name string `json:"name"`
}

func greet(_ context.Context, _ *mcp.CallToolRequest, given input) (*mcp.CallToolResult, any, error) {
	text := &mcp.TextContent{Text: "hello " + given.Name}
	return &mcp.CallToolResult{Content: []mcp.Content{text}}, nil, nil
}

func main() {
	server := mcp.NewServer(&mcp.Implementation{Name: "go-http", Version: "1.0.0"}, &mcp.ServerOptions{
		HasResources: true,
		Capabilities: &mcp.ServerCapabilities{Prompts: &mcp.PromptCapabilities{}},
	})
	mcp.AddTool(server, &mcp.Tool{Name: "greet", Description: "Greets."}, greet)
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{
		Stateless:                  true,
		JSONResponse:               true,
		DisableLocalhostProtection: true,
	})
	log.Fatal(http.ListenAndServe(":8770", handler))
}
