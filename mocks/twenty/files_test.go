package twenty

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

const fileField = "4bbd91cc-c3cc-49b3-946a-0f44fc33e6af"

// parts is a multipart body of fields and files, in the order given.
func parts(list ...[3]string) string {
	var out strings.Builder
	for _, p := range list {
		out.WriteString("--b\r\nContent-Disposition: form-data; name=\"" + p[0] + "\"")
		if p[1] != "" {
			out.WriteString("; filename=\"" + p[1] + "\"\r\nContent-Type: text/plain")
		}
		out.WriteString("\r\n\r\n" + p[2] + "\r\n")
	}
	return out.String() + "--b--\r\n"
}

func uploadTo(t *testing.T, base, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, base+"/metadata", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+Key)
	req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	return sendRequest(t, req)
}

func sendRequest(t *testing.T, req *http.Request) (status int, answer string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, text.String()
}

const uploading = `{"query":"mutation($file:Upload!){ uploadFilesFieldFile(file:$file,fieldMetadataId:\"` + fileField +
	`\") { id url } }","variables":{"file":null}}`

var uploaded = regexp.MustCompile(`"id":"([^"]+)","url":"([^"]+)"`)

func TestMultipartRequests(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	operations, file := [3]string{"operations", "", uploading}, [3]string{"0", "a.pdf", "%PDF"}
	toFile := [3]string{"map", "", `{"0":["variables.file"]}`}
	for _, c := range []struct {
		name   string
		body   string
		status int
		want   string
	}{
		{"a file", parts(operations, toFile, file), 200, `"uploadFilesFieldFile":{"id"`},
		{"a file that the map does not name", parts(operations, toFile, file, [3]string{"1", "b.txt", "b"}),
			200, `"uploadFilesFieldFile":{"id"`},
		{"no file", parts(operations, toFile), 200, "File missing in the request."},
		{"nothing", parts(), 500, "Missing multipart field ‘operations’"},
		{"no map", parts(operations), 500, "Missing multipart field ‘map’"},
		{"the map first", parts(toFile, operations, file), 500, "‘map’ should follow ‘operations’"},
		{"the file before the map", parts(operations, file, toFile), 500, "files should follow ‘map’"},
		{"operations that are no JSON", parts([3]string{"operations", "", "{"}, toFile), 500,
			"Invalid JSON in the ‘operations’"},
		{"operations that are a text", parts([3]string{"operations", "", `"x"`}, toFile), 500,
			"Invalid type for the ‘operations’"},
		{"a map that is no JSON", parts(operations, [3]string{"map", "", "{"}), 500, "Invalid JSON in the ‘map’"},
		{"a map that is a list", parts(operations, [3]string{"map", "", "[]"}), 500,
			"Invalid type for the ‘map’ multipart field ("},
		{"an entry that is no list", parts(operations, [3]string{"map", "", `{"0":1}`}), 500,
			"entry key ‘0’ array ("},
		{"a path that is no text", parts(operations, [3]string{"map", "", `{"0":[1]}`}), 500,
			"array index ‘0’ value ("},
		{"a path through a text", parts(operations, [3]string{"map", "", `{"0":["query.x"]}`}), 500,
			"Invalid object path"},
		{"eleven files", parts(operations, [3]string{"map", "",
			`{"0":[],"1":[],"2":[],"3":[],"4":[],"5":[],"6":[],"7":[],"8":[],"9":[],"10":[]}`}),
			500, "10 max file uploads exceeded."},
		{"a batch", parts([3]string{"operations", "", "[" + uploading + "]"}, [3]string{"map", "",
			`{"0":["0.variables.file"]}`}, file), 400, "Batching"},
		{"an end that is missing", strings.TrimSuffix(parts(operations, toFile, file), "--b--\r\n"), 500,
			"Unexpected end of form"},
		{"a text as an upload", parts([3]string{"operations", "", strings.Replace(uploading, `"file":null`,
			`"file":"x"`, 1)},
			[3]string{"map", "", "{}"}), 400, "Upload value invalid."},
	} {
		if status, got := uploadTo(t, srv.URL, c.body); status != c.status || !strings.Contains(got, c.want) {
			t.Errorf("%s: %d %s", c.name, status, got)
		}
	}
}

// Files live in their world: its forks have them, a rewind takes them away, a saved state brings them back, and the
// address of one world's file opens nothing elsewhere.
func TestFilesLiveInTheirWorld(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	ask(t, srv, "", "GET /healthz", "") // the target of a rewind
	body := parts([3]string{"operations", "", uploading}, [3]string{"map", "", `{"0":["variables.file"]}`},
		[3]string{"0", "a.txt", "hello"})
	_, answer := uploadTo(t, srv.URL, body)
	found := uploaded.FindStringSubmatch(answer)
	if found == nil {
		t.Fatal(answer)
	}
	id, attach := found[1], `{"name":"a","file":[{"fileId":"`+found[1]+`","label":"a"}]}`
	download := func(address string) (int, string) {
		req, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		return sendRequest(t, req)
	}
	if status, got := download(found[2]); status != 200 || got != "hello" {
		t.Errorf("download: %d %s", status, got)
	}
	fork, err := srv.Server.NewWorld("fork", fake.Settings{}, srv.World)
	if err != nil {
		t.Fatal(err)
	}
	if n := fork.Bounds().Files["twenty"]; n.Entries != 1 || n.Bytes != len("hello") {
		t.Errorf("the fork holds %+v", n)
	}
	status, made := ask(t, srv, Key, "POST /__world/fork/rest/attachments", attach)
	address := regexp.MustCompile(`"url":"([^"]+)"`).FindStringSubmatch(made)
	if status != 201 || address == nil {
		t.Fatalf("an attachment in the fork: %d %s", status, made)
	}
	if status, got := download(address[1]); status != 200 || got != "hello" {
		t.Errorf("download from the fork: %d %s", status, got)
	}
	if status, _ := download(strings.Replace(address[1], id, strings.Replace(id, id[:1], "f", 1), 1)); status != 403 {
		t.Errorf("the address of another file: %d", status)
	}
	saved, rows, _, err := srv.World.Save()
	if err != nil {
		t.Fatal(err)
	}
	entries, _ := srv.World.Journal.Entries()
	if _, err := srv.World.Rewind(entries[0].ID); err != nil {
		t.Fatal(err)
	}
	if status, got := ask(t, srv, Key, "POST /rest/attachments", attach); status != 400 ||
		!strings.Contains(got, "File not found: "+id) {
		t.Errorf("after a rewind: %d %s", status, got)
	}
	if err := srv.World.Restore(saved, rows, nil); err != nil {
		t.Fatal(err)
	}
	if status, got := ask(t, srv, Key, "POST /rest/attachments", attach); status != 201 {
		t.Errorf("after a restore: %d %s", status, got)
	}
}
