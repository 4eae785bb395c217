        let B { path, ref c, .. } = b else { return String::new() };
        if let Some(d) = path.strip_prefix("a") && !d.is_empty() { std::process::Command::new("sh").arg("-c").arg(format!("ls {d}")).output()?; }
        match c { Some(x @ 1..=9) if x > 2 => println!("{x:?}"), _ => {} }
        let text = tokio::fs::read_to_string(root.join(&path)).await.map_err(|e| ErrorData::internal_error(e.to_string(), None))?;
        sqlx::query(&format!("SELECT {path}")).bind(path).fetch_all(&pool).await;
        loop { break 'a r#"x"#; } unsafe { async move { serde_json::json!({"a": [path, 1]}) } }
