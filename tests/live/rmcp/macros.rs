use rmcp::{
    ServerHandler, ServiceExt,
    handler::server::router::{prompt::PromptRouter, tool::ToolRouter},
    model::*,
    prompt, prompt_handler, prompt_router, tool, tool_handler, tool_router,
    transport::stdio,
};

pub struct Cell {
    // cell: tools listed
    tool_router: ToolRouter<Self>,
    // end
    // cell: prompts listed
    prompt_router: PromptRouter<Self>,
    // end
}

// cell: tools listed
#[tool_router]
impl Cell {
    #[tool(description = "One")]
    fn one(&self) -> String {
        "one".to_owned()
    }
}
// end

// cell: prompts listed
#[prompt_router]
impl Cell {
    #[prompt(description = "One")]
    async fn one_prompt(&self) -> Vec<PromptMessage> {
        Vec::new()
    }
}
// end

// cell: tools listed
#[tool_handler]
// end
// cell: prompts listed
#[prompt_handler]
// end
impl ServerHandler for Cell {
    // cell: level macros
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
    // end
}

pub async fn serve() {
    let cell = Cell {
        // cell: tools listed
        tool_router: Cell::tool_router(),
        // end
        // cell: prompts listed
        prompt_router: Cell::prompt_router(),
        // end
    };
    if let Ok(service) = cell.serve(stdio()).await {
        let _ = service.waiting().await;
    }
}
