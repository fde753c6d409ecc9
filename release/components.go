package main

import (
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"

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

// components lists the modules in a binary, as CycloneDX 1.5. The hashes are those of go.sum.
func components(binary, version string) ([]byte, error) {
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
		"metadata": map[string]any{"component": self}, "components": list}, "", "  ")
}

func withLicence(c component, id string) component {
	if id != "" {
		var l licenceList
		l.License.ID = id
		c.Licenses = []licenceList{l}
	}
	return c
}
