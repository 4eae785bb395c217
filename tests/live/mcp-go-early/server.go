package cell

import (
	"context"
	"os"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func call(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return mcp.NewToolResultText("one"), nil
}

func read(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	return []mcp.ResourceContents{mcp.TextResourceContents{URI: "cell://one", Text: "one"}}, nil
}

func get(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
	return mcp.NewGetPromptResult("One", nil), nil
}

func Serve() {
	s := server.NewMCPServer("cell", "1.0.0",
		// cell: resources declared
		server.WithResourceCapabilities(false, false),
		// end
		// cell: prompts declared
		server.WithPromptCapabilities(false),
		// end
		// cell: logging declared
		server.WithLogging(),
		// end
	)
	// cell: tools listed
	s.AddTool(mcp.NewTool("one"), call)
	// end
	// cell: resources listed
	s.AddResource(mcp.NewResource("cell://one", "one"), read)
	// end
	// cell: prompts listed
	s.AddPrompt(mcp.NewPrompt("one"), get)
	// end
	_ = server.NewStdioServer(s).Listen(context.Background(), os.Stdin, os.Stdout)
}
