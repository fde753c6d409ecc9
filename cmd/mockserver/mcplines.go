package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// messageLines reads the lines of an agent that are messages of JSON-RPC. It answers the others with an error without
// an id, as JSON-RPC 2.0 wants (section 5); the SDK ends the session at one.
type messageLines struct {
	in   *bufio.Reader
	out  io.Writer
	rest []byte // of a line
}

func newMessageLines(in io.Reader, out io.Writer) *messageLines {
	return &messageLines{in: bufio.NewReader(in), out: out}
}

func (m *messageLines) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		line, err := m.in.ReadBytes('\n')
		if code, reason := notMessage(line); reason == "" {
			m.rest = line
		} else {
			fmt.Fprintf(m.out, `{"jsonrpc":"2.0","id":null,"error":{"code":%d,"message":%q}}`+"\n", code, reason)
		}
		if err != nil && len(m.rest) == 0 {
			return 0, err
		}
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// notMessage returns why a line is no message or batch of JSON-RPC, with the code of the error; "" if it is one, or
// blank.
func notMessage(line []byte) (code int, reason string) {
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return 0, ""
	}
	if !json.Valid(line) {
		return jsonrpc.CodeParseError, "Parse error: the line is not JSON"
	}
	var messages []json.RawMessage
	if json.Unmarshal(line, &messages) != nil {
		messages = []json.RawMessage{line}
	}
	for _, message := range messages {
		if _, err := jsonrpc.DecodeMessage(message); err != nil {
			return jsonrpc.CodeInvalidRequest, "Invalid Request: the line is no message of JSON-RPC 2.0"
		}
	}
	if len(messages) == 0 {
		return jsonrpc.CodeInvalidRequest, "Invalid Request: the batch is empty"
	}
	return 0, ""
}

// lockedWriter writes for several goroutines, and stays open.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func (*lockedWriter) Close() error { return nil }
