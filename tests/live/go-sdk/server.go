package cell

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func call(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "one"}}}, nil, nil
}

func read(context.Context, *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
	return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: "cell://one", Text: "one"}}}, nil
}

func get(context.Context, *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
	return &mcp.GetPromptResult{}, nil
}

func complete(context.Context, *mcp.CompleteRequest) (*mcp.CompleteResult, error) {
	return &mcp.CompleteResult{Completion: mcp.CompletionResultDetails{Values: []string{"one"}}}, nil
}

func Serve() {
	s := mcp.NewServer(&mcp.Implementation{Name: "cell", Version: "1.0.0"}, &mcp.ServerOptions{
		// cell: level high
		Capabilities: &mcp.ServerCapabilities{
			// cell: tools declared
			Tools: &mcp.ToolCapabilities{},
			// end
			// cell: resources declared
			Resources: &mcp.ResourceCapabilities{},
			// end
			// cell: prompts declared
			Prompts: &mcp.PromptCapabilities{},
			// end
			// cell: completions declared
			Completions: &mcp.CompletionCapabilities{},
			// end
			// cell: logging declared
			Logging: &mcp.LoggingCapabilities{},
			// end
		},
		// end
		// cell: level derived
		// cell: tools declared
		HasTools: true,
		// end
		// cell: resources declared
		HasResources: true,
		// end
		// cell: prompts declared
		HasPrompts: true,
		// end
		// end
		// cell: completions listed
		CompletionHandler: complete,
		// end
	})
	// cell: tools listed
	mcp.AddTool(s, &mcp.Tool{Name: "one", Description: "One"}, call)
	// end
	// cell: resources listed
	s.AddResource(&mcp.Resource{URI: "cell://one", Name: "one"}, read)
	// end
	// cell: prompts listed
	s.AddPrompt(&mcp.Prompt{Name: "one"}, get)
	// end
	_ = s.Run(context.Background(), &mcp.StdioTransport{})
}
