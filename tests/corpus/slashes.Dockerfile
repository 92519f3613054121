//syntax=example.org/other:1
