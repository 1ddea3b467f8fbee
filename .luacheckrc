std = "lua54"
read_globals = { "host" }
max_line_length = 130
exclude_files = { "build", "node_modules" }
