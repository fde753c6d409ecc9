package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/licenses"
)

// component is an entry of a CycloneDX list.
type component struct {
	Type     string        `json:"type"`
	Name     string        `json:"name"`
	Version  string        `json:"version"`
	PURL     string        `json:"purl"`
	Hashes   []hash        `json:"hashes,omitempty"`
	Licenses []licenceList `json:"licenses,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type licenceList struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

// components lists the modules in a binary, as CycloneDX 1.5. The hashes are those of go.sum. The
// serial number, a UUID, is derived from the binary, so that the same binary gives the same list.
func components(binary, version string, date time.Time) ([]byte, error) {
	text, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	families := licenses.Families()
	golang := strings.TrimPrefix(info.GoVersion, "go")
	list := []component{withLicence(component{Type: "framework", Name: "std", Version: golang,
		PURL: "pkg:golang/std@" + golang}, families["Go"])}
	for _, m := range info.Deps {
		c := component{Type: "library", Name: m.Path, Version: m.Version,
			PURL: "pkg:golang/" + m.Path + "@" + m.Version}
		if sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:")); err == nil && m.Sum != "" {
			c.Hashes = []hash{{"SHA-256", hex.EncodeToString(sum)}}
		}
		list = append(list, withLicence(c, families[m.Path]))
	}
	self := withLicence(component{Type: "application", Name: "mockserver", Version: version,
		PURL: "pkg:golang/" + info.Main.Path + "@v" + version}, "Apache-2.0")
	return json.MarshalIndent(map[string]any{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
		"serialNumber": serialNumber(text), "components": list,
		"metadata": map[string]any{"component": self, "timestamp": date.Format(time.RFC3339)}}, "", "  ")
}

// serialNumber returns a URN with a UUID of version 8 from the hash of a text.
func serialNumber(text []byte) string {
	sum := sha256.Sum256(text)
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func withLicence(c component, id string) component {
	if id != "" {
		var l licenceList
		l.License.ID = id
		c.Licenses = []licenceList{l}
	}
	return c
}
