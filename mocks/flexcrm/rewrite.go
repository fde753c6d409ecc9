package flexcrm

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// route is an operation with an unpublished path, and its aliases.
type route struct {
	operation string
	path      string // relative to /{site_id}/api/v1/
	aliases   []string
}

// inferredRoutes is the list of guessed paths. When a path becomes known, correct it here and in
// the document; a test keeps the two in step.
var inferredRoutes = []route{
	{"updateRecord", "flexdb/{table_id}/{record_id}", nil},
	{"updateRecordByKey", "flexdb/{table_id}/pkey/{key_value}", nil},
	{"listProcesses", "flexdbProcess/{table_id}/{record_id}", []string{"flexdb/{table_id}/{record_id}/process"}},
	{"updateProcess", "flexdbProcess/{table_id}/{record_id}/{process_id}",
		[]string{"flexdb/{table_id}/{record_id}/process/{process_id}"}},
	{"uploadFile", "flexdbFile/{table_id}/{record_id}/{field_id}",
		[]string{"flexdb/{table_id}/{record_id}/file/{field_id}"}},
	{"getApplication", "workflow/{format_id}/{application_id}", nil},
	{"draftApplication", "workflow", nil},
	{"apply", "workflowApply", []string{"workflow/apply"}},
	{"reapply", "workflowReapply", []string{"workflow/reapply"}},
	{"reapplyByPost", "workflowReapply", []string{"workflow/reapply"}},
	{"listApprovals", "workflowApproval/{application_id}", []string{"workflow/approval/{application_id}"}},
	{"createUser", "user", nil},
	{"updateUser", "user/{record_id}", nil},
	{"listGroups", "group", nil},
	{"getGroup", "group/{record_id}", nil},
	{"updateGroup", "group/{record_id}", nil},
	{"listDepartments", "department", nil},
	{"createDepartment", "department", nil},
	{"getDepartment", "department/{record_id}", nil},
	{"updateDepartment", "department/{record_id}", nil},
	{"listPositions", "position", nil},
	{"getPosition", "position/{record_id}", nil},
	{"listSchedules", "schedule", nil},
	{"createSchedule", "schedule", nil},
	{"getSchedule", "schedule/{record_id}", nil},
	{"updateSchedule", "schedule/{record_id}", nil},
}

// rewrite implements Def.Rewrite: it rewrites the vendor's URL forms to the path of the document,
// /{site_id}/api/v1/.... The site of a dedicated contract is the first label of the host name.
func rewrite(r *http.Request) {
	path := r.URL.EscapedPath()
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	if site := siteOfHost(r.Host); site != "" && strings.HasPrefix(path, "/api/v1/") {
		path = "/" + site + path
	}
	parts := strings.Split(path, "/")
	if len(parts) > 4 && parts[2] == "api" && parts[3] == "v1" {
		parts = append(parts[:4:4], canonical(parts[4:])...)
	}
	path = strings.Join(parts, "/")
	plain, err := url.PathUnescape(path)
	if err != nil {
		return // net/http has rejected invalid escapes
	}
	r.URL.Path, r.URL.RawPath = plain, path
	if (&url.URL{Path: plain}).EscapedPath() == path {
		r.URL.RawPath = ""
	}
}

const domain = ".flex-crm.com"

// siteOfHost returns the first label of a dedicated contract's host name, or "" on the shared host.
func siteOfHost(host string) string {
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	site, ok := strings.CutSuffix(host, domain)
	if !ok || strings.Contains(site, ".") {
		return ""
	}
	return site
}

// canonical replaces an alias by its canonical path.
func canonical(parts []string) []string {
	for _, r := range inferredRoutes {
		for _, alias := range r.aliases {
			if found := match(alias, parts); found != nil {
				return expand(strings.Split(r.path, "/"), found)
			}
		}
	}
	return parts
}

// match returns the values of a pattern's parameters, or nil if the path does not match. The
// documented literal "pkey" is never a parameter: flexdb/t/pkey/process is the record with the key
// "process".
func match(pattern string, parts []string) map[string]string {
	if strings.Count(pattern, "/") != len(parts)-1 || slices.Contains(parts[:min(3, len(parts))], "pkey") {
		return nil
	}
	found := map[string]string{}
	for i, p := range strings.Split(pattern, "/") {
		switch {
		case strings.HasPrefix(p, "{"):
			found[p] = parts[i]
		case p != parts[i]:
			return nil
		}
	}
	return found
}

func expand(pattern []string, values map[string]string) []string {
	out := slices.Clone(pattern)
	for i, p := range out {
		if value, ok := values[p]; ok {
			out[i] = value
		}
	}
	return out
}
