//! A server over standard streams.

use rmcp::{
    ServerHandler, ServiceExt, handler::server::router::tool::ToolRouter, model::*, tool, tool_handler, tool_router,
    transport::stdio,
};

struct Status {
    client: reqwest::Client,
    tool_router: ToolRouter<Self>,
}

#[tool_router]
impl Status {
    fn new() -> Self {
        Self { client: reqwest::Client::new(), tool_router: Self::tool_router() }
    }

    #[tool(description = "Says how the service is")]
    async fn status(&self) -> String {
        println!("asked");
        print!("twice\n");
        match self.client.get("https://api.example.com/status").send().await {
            Ok(answer) => answer.status().to_string(),
            Err(_) => "unreachable".to_owned(),
        }
    }
}

#[tool_handler]
impl ServerHandler for Status {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(
            ServerCapabilities::builder()
                .enable_resources()
                .build(),
        )
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_target(false)
        .init();
    tracing::info!("ready");
    Status::new().serve(stdio()).await?.waiting().await?;
    Ok(())
}
