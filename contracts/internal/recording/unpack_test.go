package recording

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

func TestUnpack(t *testing.T) {
	t.Parallel()
	packed := func(make func(io.Writer) io.WriteCloser, text string) string {
		var b bytes.Buffer
		w := make(&b)
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	gz := func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
	br := func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) }
	const text = `{"name":"lamp"}`
	for _, test := range []struct{ coding, body, want string }{
		{"gzip", packed(gz, text), text},
		{"GZIP", packed(gz, text), text},
		{"x-gzip", packed(gz, text), text},
		{"deflate", packed(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, text), text},
		{"deflate", packed(func(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, -1); return f }, text), text},
		{"br", packed(br, text), text},
		{"zstd", packed(func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z }, text), text},
		{"br, gzip", packed(gz, packed(br, text)), text},
		{"identity", text, text},
		{"", text, text},
		{"gzip", text, text}, // decompressed by its recorder
		{"lzw", "xyz", "xyz"},
		{"gzip", packed(gz, text)[:15], packed(gz, text)[:15]},
	} {
		if got := Unpack(http.Header{"content-encoding": {test.coding}}, test.body); got != test.want {
			t.Errorf("%s: %q, want %q", test.coding, got, test.want)
		}
	}
}
