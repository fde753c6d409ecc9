package contracts

import (
	"net/http"
	"strconv"
	"strings"
)

// Message is a request or an answer of an interaction that differs, for people to read.
type Message struct {
	Line   string // method and URL, or the status
	Header http.Header
	Body   string
}

// String formats a message as in HTTP/1.1, without the version.
func (m *Message) String() string {
	var b strings.Builder
	b.WriteString(m.Line + "\n")
	for _, name := range sortedKeys(m.Header) {
		for _, value := range m.Header[name] {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	if m.Body != "" {
		b.WriteString("\n" + m.Body)
	}
	return b.String()
}

// Messages returns the recorded request, the recorded answer and the target's answer, or nils if
// the interaction does not differ.
func (r *Result) Messages() (request, recorded, answer *Message) {
	if r.answer == nil {
		return nil, nil, nil
	}
	request, recorded = r.Recorded()
	return request, recorded, &Message{statusLine(r.answer.Status), r.answer.Header, r.answer.Body}
}

// Recorded returns the recorded request and answer, or nils if none was sent.
func (r *Result) Recorded() (request, answer *Message) {
	i := r.interaction
	if i == nil {
		return nil, nil
	}
	return &Message{i.Method + " " + i.URL, i.Header, i.Body}, &Message{statusLine(i.Status), i.Answer, i.Result}
}

func statusLine(code int) string {
	return strings.TrimSpace(strconv.Itoa(code) + " " + http.StatusText(code))
}
