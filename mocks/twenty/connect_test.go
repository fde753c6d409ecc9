package twenty

import (
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// A record is connected by fields that are unique together, if all of them are given.
func TestConnectByWhatIsUniqueTogether(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const message, channel = "d0000000-0000-4000-8000-000000000001", "d0000000-0000-4000-8000-000000000002"
	const association = "d0000000-0000-4000-8000-000000000003"
	for _, made := range []string{
		`messages {"id":"` + message + `","subject":"S"}`,
		`messageChannelMessageAssociations {"id":"` + association + `","messageId":"` + message +
			`","messageChannelId":"` + channel + `"}`,
	} {
		path, body, _ := strings.Cut(made, " ")
		if status, got := ask(t, srv, Key, "POST /rest/"+path, body); status != 201 {
			t.Fatal(got)
		}
	}
	found := `"messageChannelMessageAssociationId":"` + association + `"`
	for folder, c := range map[string][2]string{
		"1": {`{"messageChannelId":"` + channel + `","message":"` + message + `"}`, found},
		"2": {`{"messageChannelId":"` + channel + `","messageId":"` + message + `"}`, found},
		"3": {`{"messageChannelId":"` + channel + `"}`, "at least one unique constraint have to be fully populated"},
	} {
		body := `{"messageFolderId":"e0000000-0000-4000-8000-00000000000` + folder +
			`","messageChannelMessageAssociation":{"connect":{"where":` + c[0] + `}}}`
		if _, got := ask(t, srv, Key, "POST /rest/messageChannelMessageAssociationMessageFolders",
			body); !strings.Contains(got, c[1]) {
			t.Errorf("%s: %s", c[0], got)
		}
	}
}
