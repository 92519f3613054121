{"syntax": "example.org/json:1", "more": [1, 2]}
