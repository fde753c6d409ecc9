package fake

import "github.com/afba07b5/mockserver/audit"

// Audit returns what clients did wrong in a world although they got their answers; see package
// audit.
func (s *Server) Audit(w *World, o audit.Options) (*audit.Report, error) {
	fakes := map[string]audit.Fake{}
	issued, err := w.IssuedCredentials()
	for use := range w.Journal.Uses() {
		f := s.fakes[use.Fake]
		if _, known := fakes[use.Fake]; known || f == nil || err != nil {
			continue
		}
		var state *State
		if state, err = w.State(use.Fake); err != nil {
			break
		}
		one := audit.Fake{Spec: f.def.Spec, Credential: f.def.Credential, Principals: map[string]string{},
			Deliveries: state.Deliveries()}
		all, _ := issued[use.Fake].([]Credential)
		if f.def.Known != nil {
			state.View(func() { all = append(all, f.def.Known(state)...) })
		}
		for _, c := range all {
			one.Principals[c.Value] = c.Principal
		}
		fakes[use.Fake] = one
	}
	if err != nil {
		return nil, err
	}
	return audit.Run(w.Journal, fakes, o)
}

// ProbeWebhooks sends each receiver of signed webhooks one with a wrong signature, and returns how
// many it queued; see audit.Probe.
func (s *Server) ProbeWebhooks(w *World) (sent int, err error) {
	for _, def := range s.Defs() {
		state, err := w.State(def.Name)
		if err != nil {
			return sent, err
		}
		n, err := audit.Probe(def.Spec, state)
		if sent += n; err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// Audit fails the test with what the clients did wrong although they got their answers: the rule,
// the requests and the source of each finding. A silence suppresses a rule and needs a reason.
func (t *TestServer) Audit(tb TB, silences ...audit.Silence) {
	tb.Helper()
	report, err := t.Server.Audit(t.World, audit.Options{Silences: silences})
	if err != nil {
		tb.Fatalf("%v", err)
	}
	for _, f := range report.Findings {
		tb.Errorf("audit: %v", f)
	}
}

// ProbeWebhooks sends each receiver of signed webhooks one with a wrong signature and waits for the
// answers. Audit then reports receivers that answered with success.
func (t *TestServer) ProbeWebhooks(tb TB) {
	tb.Helper()
	_, err := t.Server.ProbeWebhooks(t.World)
	if err == nil {
		err = t.Settle()
	}
	if err != nil {
		tb.Fatalf("%v", err)
	}
}
