package listen

import (
	"net"
	"net/http"
	"sync"
)

// Serve serves a handler on a free loopback port until stop is called. stop closes all connections
// and returns when no request is being handled. Unlike httptest.Server, it leaves the connections
// of http.DefaultTransport open, which parallel tests share.
func Serve(h http.Handler) (url string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	var busy sync.RWMutex
	stopped := false
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		busy.RLock()
		defer busy.RUnlock()
		if !stopped {
			h.ServeHTTP(w, r)
		}
	})}
	go server.Serve(Wrap(l, Stall)) // ends when stop closes it
	return "http://" + l.Addr().String(), func() {
		server.Close()
		busy.Lock()
		defer busy.Unlock()
		stopped = true
	}, nil
}
