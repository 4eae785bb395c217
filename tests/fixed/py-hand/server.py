"""A server that speaks the protocol by hand."""

import json
import sys

TOOLS = [{"name": "status", "description": "Says how the service is.", "inputSchema": {"type": "object"}}]


def handle(request):
    method = request.get("method")
    if method == "initialize":
        return {
            "protocolVersion": "2025-06-18",
            "capabilities": {"resources": {}},
            "serverInfo": {"name": "py-hand", "version": "1.0.0"},
        }
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        return {"content": [{"type": "text", "text": "fine"}]}
    return None


def main():
    for line in sys.stdin:
        request = json.loads(line)
        result = handle(request)
        if result is not None:
            sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
