package listen

import (
	"bufio"
	"bytes"
	"math"
	"net/http"
	"strconv"
)

// maxRequestLine bounds how much of a head is kept to repair its request line. The limits of
// net/http are lower, so it rejects longer lines.
const maxRequestLine = 128 << 10

// framer tracks where the messages of a connection begin and end, by the rules of net/http.
type framer struct {
	state  state
	left   int64  // bytes left of a body or a chunk
	head   []byte // of an incomplete message, or a line of a chunked body
	lined  bool   // head holds the request line, which has been forwarded
	blanks int    // bytes of blank lines that net/http skips after a POST
	bodies int    // number of messages whose bodies, if any, have begun
}

// state says which part of a message comes next.
type state int

const (
	atHead    state = iota
	inBody          // left bytes
	atSize          // the line with a chunk's size
	inChunk         // left bytes and a line end
	atTrailer       // lines up to a blank one
	lost            // net/http will reject the message; the rest is forwarded unchanged
)

// passes reports whether the next n bytes are forwarded unchanged.
func (f *framer) passes(n int) bool {
	return f.state == lost || (f.state == inBody || f.state == inChunk) && f.left > int64(n)
}

// flush returns the buffered part of a request line.
func (f *framer) flush() []byte {
	if f.lined || f.state != atHead {
		return nil
	}
	kept := f.head
	f.head = nil
	return kept
}

// feed takes received bytes and returns the bytes to forward, which are those bytes if they stay as they are.
func (f *framer) feed(data []byte) []byte {
	end := f.takePlain(data)
	if end == len(data) {
		return data
	}
	out, data := append(make([]byte, 0, len(data)), data[:end]...), data[end:]
	for len(data) > 0 {
		switch f.state {
		case lost:
			return append(out, data...)
		case atHead:
			var head []byte
			head, data = f.takeHead(data)
			out = append(out, head...)
		case inBody, inChunk:
			n := int(min(f.left, int64(len(data))))
			out, data = append(out, data[:n]...), data[n:]
			f.endBody(n)
		case atSize, atTrailer:
			var line []byte
			line, data = f.takeLine(data)
			out = append(out, line...)
		}
	}
	return out
}

// takePlain takes a whole head that needs no repair, and what data has of a body of known length. It returns where they
// end, or 0 if data does not begin with such a head.
func (f *framer) takePlain(data []byte) (end int) {
	end = bytes.Index(data, []byte("\n\r\n")) + 3
	if f.state != atHead || len(f.head) > 0 || end < 3 || data[0] <= ' ' ||
		bytes.IndexByte(data[:end], '%') >= 0 || bytes.Contains(data[:end], []byte("\n\n")) {
		return 0
	}
	if f.begin(data[:end]); f.state == inBody {
		n := int(min(f.left, int64(len(data)-end)))
		f.endBody(n)
		end += n
	}
	return end
}

// takeHead buffers the request line until it is complete, repairs it, and copies the lines of the
// header.
func (f *framer) takeHead(data []byte) (out, rest []byte) {
	if len(f.head) == 0 && f.blanks > 0 && (data[0] == '\r' || data[0] == '\n') {
		f.blanks--
		return data[:1], data[1:]
	}
	f.blanks = 0
	end := bytes.IndexByte(data, '\n') + 1
	whole := end > 0
	if !whole {
		end = len(data)
	}
	f.head, out, rest = append(f.head, data[:end]...), data[:end], data[end:]
	switch {
	case !whole && len(f.head) > maxRequestLine:
		f.state = lost
		if !f.lined {
			out = f.head
		}
		return out, rest
	case !f.lined && !whole:
		return nil, rest
	case !f.lined:
		f.head, f.lined = repair(f.head), true
		return f.head, rest
	case whole && (bytes.HasSuffix(f.head, []byte("\n\n")) || bytes.HasSuffix(f.head, []byte("\n\r\n"))):
		f.begin(f.head)
		f.head, f.lined = f.head[:0], false
	case len(f.head) > maxRequestLine:
		f.state = lost
	}
	return out, rest
}

// begin determines from a head how its body ends.
func (f *framer) begin(head []byte) {
	if f.blanks = 0; bytes.HasPrefix(head, []byte("POST ")) {
		f.blanks = 4
	}
	if bytes.HasPrefix(head, []byte("CONNECT ")) { // what follows is not HTTP, or another server's
		f.state = lost
		return
	}
	length, simple := bodyLength(head)
	if !simple {
		q, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
		if err != nil {
			f.state = lost
			return
		}
		length = q.ContentLength
	}
	f.bodies++
	switch {
	case length > 0:
		f.state, f.left = inBody, length
	case length < 0:
		f.state = atSize
	}
}

// bodyLength returns the length of the body that a head declares. It is not simple if only net/http can tell the
// length.
func bodyLength(head []byte) (n int64, simple bool) {
	declared := false
	for line := range bytes.Lines(head) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		trimmed := bytes.TrimSpace(name)
		isLength := bytes.EqualFold(trimmed, []byte("Content-Length"))
		if !isLength && !bytes.EqualFold(trimmed, []byte("Transfer-Encoding")) {
			continue
		}
		number, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 10, 63)
		if !isLength || declared || len(name) != len(trimmed) || err != nil {
			return 0, false
		}
		n, declared = int64(number), true
	}
	return n, true
}

func (f *framer) endBody(n int) {
	if f.left -= int64(n); f.left == 0 {
		f.state = [...]state{inBody: atHead, inChunk: atSize}[f.state]
	}
}

// takeLine copies a line of a chunked body until it is complete.
func (f *framer) takeLine(data []byte) (out, rest []byte) {
	end := bytes.IndexByte(data, '\n') + 1
	whole := end > 0
	if !whole {
		end = len(data)
	}
	f.head = append(f.head, data[:end]...)
	switch {
	case whole:
		f.endLine(bytes.TrimRight(f.head, " \t\r\n"))
		f.head = f.head[:0]
	case len(f.head) > maxRequestLine:
		f.state = lost
	}
	return data[:end], data[end:]
}

func (f *framer) endLine(line []byte) {
	if f.state == atTrailer {
		if len(line) == 0 {
			f.state = atHead
		}
		return
	}
	size, _, _ := bytes.Cut(line, []byte(";"))
	n, err := strconv.ParseUint(string(bytes.TrimRight(size, " \t")), 16, 64)
	switch {
	case err != nil || n > math.MaxInt64-2:
		f.state = lost
	case n == 0:
		f.state = atTrailer
	default:
		f.state, f.left = inChunk, int64(n)+2
	}
}
