module cells

go 1.23

require github.com/mark3labs/mcp-go v0.10.2

require (
	github.com/google/uuid v1.6.0 // indirect
)
