// Package contracts replays recorded conversations against a fake, a server or the real service, and tells
// where the answers differ.
//
//	target, err := contracts.InProcess(mocks.All()...)
//	contracts.Run(t, target, os.DirFS("fixtures")) // in a Go test; <fake>/<case>/case.yaml and so on
//
// or, from a shell, `mockserver verify [PATH...]`.
//
// # Cases
//
// A case is a folder with case.yaml (what it shows, where it comes from, the state it starts in) and either
// cassette.yaml, a recording as go-vcr v3 writes it, or steps.yaml, written by hand. A cassette file alone is
// a case as well; it starts from the seed that Config names. `mockserver import` makes cases of recordings of other
// tools, which package importer decodes. Beside the cases of a fake, credentials.yaml
// says who the recorded credentials were, and rules.yaml what is known about the vendor's answers that no
// recording tells by itself. known-gaps.yaml lists accepted differences; one that is met no more fails the
// run. freshness.yaml says after how many days a recording is old: see Suite.Freshness. Fields that no one
// understands are refused in all of these files.
//
// # Replay
//
// The requests of a case are sent in order, in a world of its own. What the recorded server minted stands in
// later requests for what the target minted; the recorded origin for the target's base URL; a recorded
// credential for the one of its principal; a word that the recorder put in place of a token, for the token that the
// target issued there (rules.yaml, stand-ins). Everything else is sent as it was recorded. A difference does not
// end a case: every interaction is judged.
//
// Compared are the status, the body (decoded if it is JSON: key order of objects aside, order of arrays and
// spelling of numbers included), and the headers named in headers.go, their absence included.
//
// # Deliveries
//
// What a server sends because of a request, to a webhook for one, is compared as answers are. A replay of a case with
// deliveries starts a receiver on a loopback port; its address stands for the recorded one. After each request the
// replay waits until the target has nothing more to send, and compares what came with what was recorded: method, path,
// all headers but those of the transport and the mark of a mockserver (Mockserver-Delivery), and the whole body. An
// interaction without recorded deliveries must cause
// none. Recorded deliveries stand in deliveries.jsonl beside cassette.yaml, or in NAME.jsonl beside a bare NAME.yaml,
// one JSON object a line:
//
//	{"interaction": 2, "path": "/hook", "headers": {"Host": "127.0.0.1:20590", ...}, "rawBody": "..."}
//
// interaction is the number of the request that caused it, from 0; if a line lacks it, deliveries are compared at the
// end of the conversation only. The paths of differences begin with $deliveries[n], in random (case.yaml) too.
//
// case.yaml may say how the receiver answered, and that the deliveries of one request come in the recorded order:
//
//	deliveries:
//	  order: arrival                        # default: in any order
//	  answers:
//	    /500: {status: 500}
//	    /302: {status: 302, headers: {Location: "{{receiver}}/after"}}
//
// rules.yaml says how a vendor signs: deliveries.signature names the header, its value with {hex}, the signed text with
// {body} and {Header-Name}, and the JSON keys under which requests and answers have a receiver's address and secret.
// The signature of every delivery must be one of its own body. deliveries.clocks lists headers with the time of
// sending in milliseconds. In steps.yaml a step has deliveries, in their order, and {{receiver}} is the address:
//
//   - request: {method: POST, url: /things, body: {name: lamp}}
//     response: {status: 201, body: {id: "{{lamp:uuid}}"}}
//     deliveries:
//   - {path: /hook, headers: {X-Nonce: "{{nonce:hex}}"}, body: {event: thing.created, id: "{{lamp}}"}}
//
// Suite.Drift replays each case twice, against a fake and against the real service, and says of each
// difference who moved. Package report, below this one, writes what either of them showed as files.
//
// # Binding
//
// Two answers are equal when they are the same up to one consistent, one-to-one renaming of what the server
// minted. A renaming removes randomness and nothing else. The rules stand beside the code that keeps them:
//
//   - bind.go: what may be renamed (UUIDs, times of the recording's day, long hex values, JWTs; cursors are
//     opened), what is literal (what a request sent first, what the seed holds, other times), and what a
//     renamed value keeps (a UUID its version, a time its spelling);
//   - times.go: the order and equality of instants;
//   - lists.go: lists in the order of identifiers, and lists without order;
//   - cursor.go: cursors and JWTs, opened; vector.go: search vectors over an identifier;
//   - standin.go: words in place of tokens, and signed URLs; lifetime.go: times a fixed span after their request;
//   - relax.go: what a recording does not fix, named per interaction by case.yaml and counted apart.
//
// An identifier or token without a shape is renamed if case.yaml lists it under minted; it keeps its length and
// its alphabet, but for a number that was counted up. The recorder lists what it recognizes. A recording without
// that list, a bare file among them, has the numbers that answers to writes show where the fake's document says
// x-minted.
//
// principal in case.yaml, or Config.As for all, says who sent the requests without a credential, where it was taken out
// before the recording was saved. A replay adds it to each of them, but for those that were answered 401.
//
// A recording in which no request names its client is sent with the name of Go's client, which go-vcr does not see.
//
// Things that a workspace has before a conversation, its member for one, have other identifiers in other workspaces.
// In answers they are matched by what they are (rules.yaml, identities), and their stamps are those of their workspace.
// Those that requests name are listed under standing, in case.yaml or rules.yaml, with a request that finds them. This
// holds where the target is another workspace; one with identifiers that the recording shows is the recorded one, and is
// compared literally. In another workspace a page of a list in the order of identifiers has other things on it (pages,
// in lists): it is compared in outline, as is what later requests ask about those, and both count as relaxed.
//
// A real service keeps what a case does. rules.yaml, state, lists what cases change: it is read before and after a case
// that writes, what the case made is removed, and what is not as before is said; then the cases after it are skipped.
// A service that lacks what the case presupposes, or has what it creates, is an error and no difference.
//
// A header that a vendor's recorder did not keep is named in case.yaml or rules.yaml under unrecorded: that an answer
// lacks it is no evidence. A bare recording starts with the features that its answers show (rules.yaml, features).
//
// rules.yaml, answers, names headers that all answers of a kind have, with the form of their values or {weak tag}, the
// entity tag that Express gives a body. They are compared whether a recorder has kept them or a case lists them.
//
// Not covered: an identifier without a shape that nobody lists, a value derived from a
// minted one otherwise than by search vectors, and pages whose limits cut between minted identifiers.
//
// # Hand-written steps
//
//	headers:                                 # of every request; null leaves one out
//	  Authorization: Bearer {{credential:admin}}
//	host: eu.vendor.example                  # the vendor's host, where it matters
//	steps:
//	  - request: {method: POST, url: /v1/users, body: {email: ada@example.com}}
//	    response:
//	      status: 201
//	      headers: {Location: "{{base}}/v1/users/{{ada:uuid}}", Link: null}
//	      body: {id: "{{ada}}", createdAt: "{{made:time3}}", number: "{{no:number}}"}
//	  - advance: 61s                         # moves the world's clock
//	  - request: {url: "/v1/users/{{ada}}"}
//	    repeat: 30
//	    response: {status: 200, body: {id: "{{ada}}"}}
//
// A request has body (sent as JSON), form, text or base64. Of the headers of an answer those listed are
// compared, null meaning absent; whose body is JSON has to say so. body is the whole JSON body, text another
// one, neither an empty one.
//
// {{name:kind}} binds a name to what the target answers, if that has the kind's shape: uuid, time, time0,
// time3, time6 (digits of the fraction), date, number (alone in its string: a JSON number), digits, token,
// hex, jwt. Afterwards {{name}} stands for that value, in requests too. Two names never stand for the same
// value, except of kinds number, digits and date; a new time in the answer to a write is not before those of
// earlier answers.
// {{credential:principal}}, {{credential:principal:state}} and {{secret:principal}} are what the world offers
// for a principal, {{base}} is the fake's base URL, {{receiver}} that of the receiver of deliveries, {{{{ is a literal {{.
package contracts

import (
	"context"
	"io/fs"
	"path"
)

// TB is *testing.T, seen from outside of package testing, which the binary does without.
type TB[T any] interface {
	Helper()
	Parallel()
	Run(name string, do func(T)) bool
	Fatal(args ...any)
	Error(args ...any)
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
	Skip(args ...any)
}

// Run replays every case of fsys as a sub-test: its folders are named like the fakes whose cases they hold. A
// known gap is logged, anything else that differs fails the case.
func Run[T TB[T]](t T, target Target, fsys fs.FS) {
	t.Helper()
	entries, err := fs.ReadDir(fsys, ".")
	config := Config{Seed: "default"}
	for _, e := range entries {
		if e.IsDir() {
			config.Fakes = append(config.Fakes, e.Name())
		}
	}
	var suite *Suite
	if err == nil {
		suite, err = Load(fsys, config, ".")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range suite.Cases {
		t.Run(c.Name, func(t T) {
			t.Parallel()
			out := c.replay(context.Background(), target)
			for _, g := range knowing(suite.Gaps, out) {
				t.Errorf("known gap is closed; remove it from the list: %s", g)
			}
			if out.Skipped != "" {
				t.Skip(out.Skipped)
			}
			report(t, out)
		})
	}
}

// report tells a test what a case showed.
func report[T TB[T]](t T, o *Outcome) {
	t.Helper()
	if o.Err != nil {
		t.Error(o.Err)
	} else if o.sent() == 0 {
		t.Error("nothing was compared")
	}
	for n := range o.Results {
		r := &o.Results[n]
		for _, d := range r.Differences {
			if why := r.Known(d); why != "" {
				t.Logf("#%d %s: %s [known: %s]", r.Number, r.Request, d, why)
				continue
			}
			t.Errorf("%s:%d: #%d %s: %s", path.Base(o.Case.File), r.Line, r.Number, r.Request, d)
		}
	}
}
