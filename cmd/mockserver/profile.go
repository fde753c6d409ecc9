//go:build profile

package main

import (
	"net/http"
	_ "net/http/pprof" // registers its handlers
	"os"
)

// A build with -tags profile serves the profiles of package pprof on $PPROF_ADDRESS.
func init() { go http.ListenAndServe(os.Getenv("PPROF_ADDRESS"), nil) }
