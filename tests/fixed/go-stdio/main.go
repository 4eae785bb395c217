// A server over standard streams.
package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

type titles struct{}

func (titles) CompletePromptArgument(
	_ context.Context, _ string, _ mcp.CompleteArgument, _ mcp.CompleteContext,
) (*mcp.Completion, error) {
	return &mcp.Completion{Values: []string{"one"}}, nil
}

func status(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	fmt.Println("asked for", request.Params.Name)
	fmt.Printf("asked %d times\n", 1)
	answer, err := http.Get("https://api.example.com/status")
	if err != nil {
		return mcp.NewToolResultError("unreachable"), nil
	}
	defer answer.Body.Close()
	return mcp.NewToolResultText(answer.Status), nil
}

func main() {
	s := server.NewMCPServer("go-stdio", "1.0.0",
		server.WithToolCapabilities(true),
		server.WithResourceCapabilities(false, true),
		server.WithPromptCompletionProvider(titles{}),
	)
	s.AddTool(mcp.NewTool("status", mcp.WithDescription("Says how the service is.")), status)
	s.AddPrompt(mcp.NewPrompt("summary"), func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return mcp.NewGetPromptResult("summary", nil), nil
	})
	fmt.Print("ready\n")
	if err := server.ServeStdio(s); err != nil {
		panic(err)
	}
}
