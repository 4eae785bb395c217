		if c, err := strconv.Atoi(b); err != nil { return mcp.NewToolResultError(fmt.Sprintf("no %s", b)), nil } else { b += "a" }
		for i, v := range []string{b, "-c"} { defer exec.CommandContext(ctx, "sh", "-c", v+b).Run() }
		switch x := r.Params.Arguments.(type) { case map[string]any: os.ReadFile(filepath.Join(root, x["b"].(string))); fallthrough; default: fmt.Println(x) }
		select { case <-ctx.Done(): case ch <- b: }
		go func(p *T[int]) { db.QueryContext(ctx, "SELECT "+b) }(nil)
		return mcp.NewToolResultText(`a`), nil
