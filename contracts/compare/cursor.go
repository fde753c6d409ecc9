package compare

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// matchCursor compares the content of cursors: the same alphabet and padding, the same text around
// the variable values. Key order and spacing inside are the server's choice and not random.
func (c *Comparison) matchCursor(rec, got scan.Token) string {
	r, in, _ := scan.DecodeCursor(rec.Plain)
	g, _, ok := scan.DecodeCursor(got.Plain)
	if !ok || in.EncodeToString([]byte(g)) != got.Plain {
		return "a cursor in another encoding"
	}
	inner := *c
	inner.inCursor, inner.Origin = true, ""
	if c.atEnd {
		r = c.displace(r)
	}
	if why := inner.Match(r, g); why != "" {
		return "the cursor says " + g + ", recorded " + r + ": " + why
	}
	return ""
}

// displace replaces the recorded record at an end of a list by the one in its position in the
// target's list.
func (c *Comparison) displace(cursor string) string {
	for _, t := range scan.Tokens(cursor) {
		if now, ok := c.displaced[t.Plain]; ok {
			return cursor[:t.Start] + now + cursor[t.End:]
		}
	}
	return cursor
}

// matchJWT compares the parts of a token that are not random: its header, and the names and types
// of its claims.
func (c *Comparison) matchJWT(rec, got string) string {
	r, g := strings.Split(rec, "."), strings.Split(got, ".")
	rh, _ := scan.DecodeSegment(r[0])
	gh, ok := scan.DecodeSegment(g[0])
	if !ok || rh != gh {
		return "another JWT header"
	}
	rc, okR := scan.DecodeSegment(r[1])
	gc, okG := scan.DecodeSegment(g[1])
	if okR != okG {
		return "another kind of JWT"
	}
	if !okR {
		return ""
	}
	rn, errR := jsontree.Parse(rc)
	gn, errG := jsontree.Parse(gc)
	if errR != nil || errG != nil {
		return "a JWT whose claims cannot be read"
	}
	return c.matchClaims(rn, gn)
}

func (c *Comparison) matchClaims(rec, got *jsontree.Node) string {
	inner := *c
	inner.Found = nil
	for i, key := range rec.Keys {
		other := got.Get(key)
		if other == nil || other.Kind != rec.Kids[i].Kind {
			return "a JWT with another claim " + key
		}
		if slices.Contains([]string{"iat", "exp", "nbf"}, key) {
			continue // seconds of the server's clock; the times of the answers are compared
		}
		if inner.Compare(rec.Kids[i], other, key); len(inner.Found) > 0 {
			return "a JWT with another claim " + key
		}
	}
	if len(rec.Keys) != len(got.Keys) {
		return "a JWT with other claims"
	}
	return ""
}

// sameFloat compares the number at the start of got with a recorded one, to 32 bits.
func sameFloat(rec, got string) (int, string) {
	n := 0
	for n < len(got) && strings.IndexByte("+-.0123456789eE", got[n]) >= 0 {
		n++
	}
	r, _ := strconv.ParseFloat(rec, 64)
	g, err := strconv.ParseFloat(got[:n], 64)
	if err != nil || float32(r) != float32(g) {
		return 0, "another number than " + rec
	}
	return n, ""
}

// Respell formats the instant got as the recorded text formats rec: same layout, zone and
// precision.
func Respell(recorded string, rec, got int64) string {
	s := strings.Replace(recorded, " ", "T", 1)
	zone := ""
	if i := strings.LastIndexAny(s, "Z+-"); i > 10 {
		zone = s[i:]
	}
	_, fraction, _ := strings.Cut(strings.TrimSuffix(s, zone), ".")
	in := time.UTC
	for _, layout := range []string{"Z07:00", "Z0700", "Z07"} {
		if t, err := time.Parse(layout, zone); err == nil && zone != "" {
			_, offset := t.Zone()
			in = time.FixedZone("", offset)
			break
		}
	}
	at := time.UnixMilli(got).In(in)
	out := at.Format("2006-01-02T15:04:05")
	if len(fraction) > 0 {
		digits := strings.TrimPrefix(at.Format(".000"), ".")
		if len(fraction) > 3 {
			digits += fraction[3:]
		}
		out += "." + digits[:min(len(digits), len(fraction))]
	}
	if recorded[10] == ' ' {
		out = strings.Replace(out, "T", " ", 1)
	}
	return out + zone
}

// LikeSpelled percent-encodes now if the recorded text was.
func LikeSpelled(raw, plain, now string) string {
	switch {
	case raw == plain:
		return now
	case raw == url.PathEscape(plain):
		return url.PathEscape(now)
	default:
		return url.QueryEscape(now)
	}
}
