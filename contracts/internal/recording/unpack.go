package recording

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/afba07b5/mockserver/contracts/compare"
)

// unpackedBound is the maximum size of a decompressed body, in bytes.
const unpackedBound = 64 << 20

// Unpack decodes the content encodings of a body. It returns a body unchanged that is not encoded
// as its header says, because some recorders decompress it and keep the header.
func Unpack(h http.Header, body string) string {
	data := []byte(body)
	codings := strings.Split(strings.ToLower(strings.Join(compare.ValuesOf(h, "Content-Encoding"), ",")), ",")
	for _, coding := range slices.Backward(codings) {
		if coding = strings.TrimSpace(coding); coding == "" || coding == "identity" {
			continue
		}
		plain, err := unpackOne(coding, data)
		if err != nil {
			return body
		}
		data = plain
	}
	return string(data)
}

func unpackOne(coding string, data []byte) ([]byte, error) {
	var r io.Reader
	var err error
	switch coding {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(bytes.NewReader(data))
	case "deflate":
		if r, err = zlib.NewReader(bytes.NewReader(data)); err != nil { // some servers omit zlib's header
			r, err = flate.NewReader(bytes.NewReader(data)), nil
		}
	case "br":
		r = brotli.NewReader(bytes.NewReader(data))
	case "zstd":
		var d *zstd.Decoder
		if d, err = zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderMaxMemory(unpackedBound)); err == nil {
			defer d.Close()
		}
		r = d
	default:
		err = fmt.Errorf("content encoding %q is not supported", coding)
	}
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(io.LimitReader(r, unpackedBound+1))
	if err == nil && len(plain) > unpackedBound {
		err = fmt.Errorf("a body of more than %d bytes", unpackedBound)
	}
	return plain, err
}
