use std::sync::Arc;

use rmcp::{ErrorData, RoleServer, ServerHandler, ServiceExt, model::*, service::RequestContext, transport::stdio};

// cell: logging listed
static LEVEL: std::sync::Mutex<Option<LoggingLevel>> = std::sync::Mutex::new(None);
// end

pub struct Cell;

impl ServerHandler for Cell {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            // cell: tools declared
            .enable_tools()
            // end
            // cell: resources declared
            .enable_resources()
            // end
            // cell: prompts declared
            .enable_prompts()
            // end
            // cell: completions declared
            .enable_completions()
            // end
            // cell: logging declared
            .enable_logging()
            // end
            .build();
        ServerConfig::new(capabilities)
    }
    // cell: tools listed
    async fn list_tools(&self, _: Option<PaginatedRequestParams>, _: RequestContext<RoleServer>) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(vec![Tool::new("one", "One", Arc::new(JsonObject::new()))]))
    }
    // end
    // cell: tools used
    async fn call_tool(&self, _: CallToolRequestParams, _: RequestContext<RoleServer>) -> Result<CallToolResponse, ErrorData> {
        Ok(CallToolResult::success(Vec::new()).into())
    }
    // end
    // cell: resources listed
    async fn list_resources(&self, _: Option<PaginatedRequestParams>, _: RequestContext<RoleServer>) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(vec![Resource::new("cell://one", "one")]))
    }
    // end
    // cell: resources used
    async fn read_resource(&self, _: ReadResourceRequestParams, _: RequestContext<RoleServer>) -> Result<ReadResourceResponse, ErrorData> {
        Ok(ReadResourceResult::new(Vec::new()).into())
    }
    // end
    // cell: prompts listed
    async fn list_prompts(&self, _: Option<PaginatedRequestParams>, _: RequestContext<RoleServer>) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(vec![Prompt::new("one", Some("One"), None)]))
    }
    // end
    // cell: prompts used
    async fn get_prompt(&self, _: GetPromptRequestParams, _: RequestContext<RoleServer>) -> Result<GetPromptResponse, ErrorData> {
        Ok(GetPromptResult::default().into())
    }
    // end
    // cell: completions listed
    async fn complete(&self, _: CompleteRequestParams, _: RequestContext<RoleServer>) -> Result<CompleteResult, ErrorData> {
        Ok(CompleteResult::default())
    }
    // end
    // cell: logging listed
    async fn set_level(&self, request: SetLevelRequestParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        *LEVEL.lock().expect("nobody panics with it") = Some(request.level);
        Ok(())
    }
    // end
}

pub async fn serve() {
    if let Ok(service) = Cell.serve(stdio()).await {
        let _ = service.waiting().await;
    }
}
