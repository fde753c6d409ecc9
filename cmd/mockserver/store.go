package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/spf13/pflag"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/world"
	"github.com/afba07b5/mockserver/store"
)

const (
	storeTimeout = time.Minute     // how long a start waits for the store
	storeNotice  = 2 * time.Second // after so long it says that it waits

	defaultPrefix = "mockserver"
)

// registerStore registers what keeps the worlds: a file or a store.
func registerStore(f *pflag.FlagSet, s *settings) {
	f.StringVar(&s.state, "state", "",
		"file with all worlds to start from, if it exists; saved within a second of each change")
	o := &s.store
	f.StringVar(&o.URL, "store", "",
		"NATS servers with JetStream that keep the worlds, nats://host:4222 or tls://host:4222, several with commas; "+
			"see docs/scale.md")
	f.StringVar(&o.Prefix, "store-prefix", defaultPrefix, "name of the stream and prefix of its subjects")
	f.IntVar(&o.Replicas, "store-replicas", 1, "copies of the stream in a NATS cluster: 1, 3 or 5; for a new stream")
	f.StringVar(&o.Credentials, "store-credentials", "", "file with the credentials of a NATS user")
	f.StringVar(&o.CA, "store-ca", "", "PEM file with the certificate authorities of the NATS servers")
	f.StringVar(&o.Cert, "store-cert", "", "PEM file with a client certificate for the NATS servers")
	f.StringVar(&o.Key, "store-key", "", "PEM file with the key of --store-cert")
}

// checkStore returns an error for flags of the store that cannot work.
func (s *settings) checkStore() error {
	if s.store.URL == "" {
		return s.checkNoStore()
	}
	if s.state != "" {
		return errors.New("--store keeps the worlds, and so does --state: choose one")
	}
	if (s.store.Cert == "") != (s.store.Key == "") {
		return errors.New("--store-cert and --store-key go together")
	}
	if err := s.store.Check(); err != nil {
		return fmt.Errorf("--store: %w", err)
	}
	return nil
}

// checkNoStore returns an error for a flag that would have no effect without --store.
func (s *settings) checkNoStore() error {
	o := s.store
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"prefix", o.Prefix != "" && o.Prefix != defaultPrefix}, {"replicas", o.Replicas > 1 || o.Replicas < 0},
		{"credentials", o.Credentials != ""}, {"ca", o.CA != ""}, {"cert", o.Cert != ""}, {"key", o.Key != ""},
	} {
		if f.given {
			return fmt.Errorf("--store-%s needs --store, the NATS servers that keep the worlds", f.name)
		}
	}
	return nil
}

// openStore loads the default world from the store, or stores it, and keeps all worlds there.
func (h *app) openStore(flags fake.Settings) error {
	if h.settings.store.URL == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	o := h.settings.store
	o.Bug = h.srv.ReportBug
	slow := time.AfterFunc(storeNotice, func() {
		fmt.Fprintf(h.settings.stderr, "waiting for the servers of --store, %d seconds at most\n",
			storeTimeout/time.Second)
	})
	kept, err := store.Open(ctx, o)
	if err == nil {
		err = kept.Attach(ctx, h.srv.Worlds)
	}
	slow.Stop()
	if err != nil {
		return &exitError{exitUnreachable, fmt.Errorf("--store %s: %s", o.Redacted(), oneLine(err))}
	}
	h.store = kept
	merged := withFlags(h.world.Settings(), flags)
	if same(merged, h.world.Settings()) {
		return nil
	}
	for {
		err := h.world.Use(&world.Turn{Writes: true, Do: func() { h.world.Change(merged) }})
		if err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(time.Second / 10) // the store may be electing a leader
	}
}

// same reports whether settings are equal, whether empty maps are nil or not.
func same(a, b fake.Settings) bool {
	one, _ := json.Marshal(a) // plain data
	other, _ := json.Marshal(withFlags(b, fake.Settings{}))
	return reflect.DeepEqual(one, other)
}

// nodes is the store as the control plane uses it.
type nodes struct{ *store.Store }

// Ask implements control.Store.
func (n nodes) Ask(q control.Question) (answers []control.Answer, silent []string, err error) {
	all, silent, err := n.Store.Ask(store.Question(q))
	for _, a := range all {
		answers = append(answers, control.Answer(a))
	}
	return answers, silent, err
}

// controlStore returns the store for the control plane, nil without one.
func (h *app) controlStore() control.Store {
	if h.store == nil {
		return nil
	}
	return nodes{h.store}
}
