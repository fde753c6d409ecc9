package flosum

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"mime"
	"strings"

	"github.com/andybalholm/brotli"
	"golang.org/x/text/encoding/unicode"

	"github.com/afba07b5/mockserver/fake"
)

// beforeRequest implements Def.Gate: it decodes a body as the framework's body parser does, before any
// handler reads it. Inferred from the framework that the vendor's answers reveal: gzip, deflate and
// br are decompressed, a byte order mark is dropped, UTF-16 becomes UTF-8, and another character
// set is an error. The vendor declares no 413 and no 415, so all errors are 400.
func beforeRequest(r *fake.Request) error {
	if len(r.Body()) == 0 {
		return nil
	}
	limit := int64(1 << 20)
	if r.Op != nil {
		limit = r.Op.BodyLimit
	}
	body, err := unpack(strings.ToLower(r.Header("Content-Encoding")), r.Body(), limit)
	if err != nil {
		return err
	}
	_, params, _ := mime.ParseMediaType(r.Header("Content-Type"))
	switch charset := strings.ToLower(params["charset"]); charset {
	case "", "utf-8", "utf8":
		body = bytes.TrimPrefix(body, []byte("\ufeff"))
	case "utf-16", "utf-16le", "utf-16be":
		order := unicode.LittleEndian
		if charset == "utf-16be" {
			order = unicode.BigEndian
		}
		if body, err = unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(body); err != nil {
			return refuse("the body is not UTF-16")
		}
	default:
		return refuse(`unsupported charset "` + strings.ToUpper(charset) + `"`)
	}
	r.SetBody(body)
	return nil
}

// unpack undoes a content encoding. It fails if the result exceeds limit bytes.
func unpack(coding string, body []byte, limit int64) (out []byte, err error) {
	var in io.Reader
	switch coding {
	case "", "identity":
		return body, nil
	case "gzip":
		in, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		in, err = zlib.NewReader(bytes.NewReader(body))
	case "br":
		in = brotli.NewReader(bytes.NewReader(body))
	default:
		return nil, refuse(`unsupported content encoding "` + coding + `"`)
	}
	if err == nil {
		out, err = io.ReadAll(io.LimitReader(in, limit+1))
	}
	switch {
	case err != nil:
		return nil, refuse("the body does not unpack as " + coding)
	case int64(len(out)) > limit:
		return nil, refuse("request entity too large")
	}
	return out, nil
}
