// Command myapp prints a greeting and the version of Go that built it.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Println("Hello from", runtime.Version())
}
