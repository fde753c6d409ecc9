package twenty

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/andybalholm/brotli"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// bodyLimit is the server's limit for bodies, compressed and decompressed. Observed: 11 MB are
// rejected; the figure is from the vendor's public source.
const bodyLimit = 10 << 20

// The content types that Express's body parsers take.
const (
	jsonMedia = "application/json"
	formMedia = "application/x-www-form-urlencoded"
	textMedia = "text/plain"
)

// decodeBody does what Express's body parsers do before a handler runs: it decompresses the body,
// decodes its character set and parses it into r.Decoded. Bodies of other types stay unchanged, and are undefined to
// handlers.
func decodeBody(r *fake.Request) error {
	r.Decoded = js.Undefined{}
	media, charset := contentType(r)
	if media != jsonMedia && media != formMedia && media != textMedia {
		return nil
	}
	decoder, err := charsetDecoder(media, charset)
	if err != nil {
		return err
	}
	if r.TooLong() {
		return tooLarge()
	}
	body, err := unpack(r.Header("Content-Encoding"), r.Body())
	if err != nil {
		return err
	}
	if body, err = decoder.Bytes(body); err != nil {
		return parserFault(err.Error())
	}
	r.SetBody(body)
	if r.Decoded, err = parseBody(media, string(body), r.HTTP.Body != nil); err != nil {
		return nest(http.StatusBadRequest, "Bad Request", err.Error())
	}
	return nil
}

// parseBody parses a body of a content type: JSON, a form, or a text, which may be empty if there is a body
// (kind_entrance_bodies 2).
func parseBody(media, body string, there bool) (any, error) {
	switch {
	case media == textMedia && there:
		return body, nil
	case media == jsonMedia && body == "":
		return &js.Object{}, nil
	case body == "":
		return js.Undefined{}, nil
	case media == jsonMedia:
		return js.ParseBody(body)
	}
	return formObject(body), nil
}

// contentType returns the media type of a request and its character set, UTF-8 if it names none.
func contentType(r *fake.Request) (media, charset string) {
	media, parameters, err := mime.ParseMediaType(r.Header("Content-Type"))
	if err != nil {
		media, _, _ = strings.Cut(r.Header("Content-Type"), ";")
		media = strings.ToLower(strings.TrimSpace(media))
	}
	if charset = strings.ToLower(parameters["charset"]); charset == "" {
		charset = "utf-8"
	}
	return media, charset
}

// charsets are the character sets that the parsers decode. A byte order mark is dropped.
var charsets = map[string]encoding.Encoding{
	"utf-8":      unicode.UTF8BOM,
	"utf-16":     unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16le":   unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16be":   unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"utf-32":     utf32.UTF32(utf32.LittleEndian, utf32.UseBOM),
	"utf-32le":   utf32.UTF32(utf32.LittleEndian, utf32.UseBOM),
	"utf-32be":   utf32.UTF32(utf32.BigEndian, utf32.UseBOM),
	"iso-8859-1": charmap.ISO8859_1,
}

// charsetDecoder rejects a character set that the parser of a type does not accept: JSON must be
// some UTF, forms UTF-8 or Latin 1. kind_entrance_bodies 18; the rest is known from the public
// source of body-parser.
func charsetDecoder(media, charset string) (*encoding.Decoder, error) {
	found, known := charsets[charset]
	switch media {
	case jsonMedia:
		known = known && strings.HasPrefix(charset, "utf-")
	case formMedia:
		known = charset == "utf-8" || charset == "iso-8859-1"
	}
	if !known {
		return nil, parserFault(`unsupported charset "` + strings.ToUpper(charset) + `"`)
	}
	return found.NewDecoder(), nil
}

// unpack undoes a content encoding.
func unpack(coding string, body []byte) ([]byte, error) {
	var in io.Reader
	var err error
	switch coding = strings.ToLower(coding); coding {
	case "", "identity":
		return body, nil
	case "gzip":
		in, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		in, err = zlib.NewReader(bytes.NewReader(body))
	case "br":
		in = brotli.NewReader(bytes.NewReader(body))
	default:
		return nil, parserFault(`unsupported content encoding "` + coding + `"`)
	}
	var out []byte
	if err == nil {
		out, err = io.ReadAll(io.LimitReader(in, bodyLimit+1))
	}
	switch {
	case err != nil:
		return nil, parserFault(unpackingFault(coding, err))
	case len(out) > bodyLimit:
		return nil, tooLarge()
	}
	return out, nil
}

// unpackingFault is what Node says about a body that does not unpack. Observed for the header alone.
func unpackingFault(coding string, err error) string {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "unexpected end of file"
	case coding == "br":
		return "Decompression failed"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zlib.ErrChecksum):
		return "incorrect data check"
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, zlib.ErrHeader):
		return "incorrect header check"
	}
	return "invalid stored block lengths"
}

// parserFault is an error of the framework's body parsers. The server answers all of them with status 500 and
// the bare message, a JSON string: reference file of the observed entrance.
func parserFault(message string) *fake.Error {
	return bare(&fake.Error{Status: http.StatusInternalServerError, Message: message,
		Rule: "the body parser does not take the body"}, message)
}

// tooLarge returns the error for a body over the limit.
func tooLarge() *fake.Error { return parserFault("request entity too large") }
