package flexcrm

// InferredPaths returns the guessed paths by operation.
func InferredPaths() map[string]string {
	out := map[string]string{}
	for _, r := range inferredRoutes {
		out[r.operation] = r.path
	}
	return out
}
