package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/contracts/importer"
	"github.com/afba07b5/mockserver/contracts/recorder"
	"github.com/afba07b5/mockserver/fake"
)

// importing holds the flags of import.
type importing struct {
	recording
	as   string
	date string
}

const importHelp = `Makes a case of recordings that other tools wrote: DIR/cassette.yaml and DIR/case.yaml, which
verify replays.

It reads HAR 1.2 (browsers, proxies, Polly, GET /__admin/requests/export?format=har), cassettes of
go-vcr 1 to 4, vcrpy and Ruby's VCR, simulations of Hoverfly, Postman collections with saved
responses, stub mappings of WireMock and recordings of nock. It recognises the format by content.
Several files are one conversation, in the order given.

Secrets are replaced as by record. The holders of credentials are known for those of the seed and
of MOCKSERVER_LIVE_<FAKE>_<PRINCIPAL>; --principal names the others. --as names the caller of
requests whose credential was removed before the recording was saved. What cannot be kept is
listed. So that the case replays on any day, it has the day of the recording; the last line says
where that comes from.

Exit codes: 0 imported, 2 usage error or a file in no known format, 4 nothing was kept.`

func importCommand(defs []*fake.Def) *cobra.Command {
	i := &importing{}
	cmd := &cobra.Command{
		Use: "import --fake NAME --out DIR FILE...", Short: "Make a case of recordings of other tools",
		Long: importHelp, RunE: func(cmd *cobra.Command, files []string) error { return i.run(cmd, files, defs) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&i.fake, "fake", "", "the fake of the service")
	f.StringVar(&i.out, "out", "", "folder to write; it must not exist, or be empty")
	f.StringVar(&i.upstream, "upstream", "",
		"origin of the service in the recording (default: "+
			"the vendor's host, or the one with the most known operations)")
	f.StringVar(&i.as, "as", "", "principal of the seed that sent the requests without a credential")
	f.StringSliceVar(&i.principals, "principal", nil,
		"who sends a credential that nobody knows; "+
			"once for each, in the order of first use (default: the first of the seed)")
	f.StringVar(&i.about, "about", "", "one sentence: what the case shows (default: which format it comes from)")
	f.StringVar(&i.version, "version", "not recorded", "the service's version, as the vendor names it")
	f.StringVar(&i.date, "date", "",
		"day of the recording, like 2026-11-21 (default: that of its Date headers, starts of requests or times in "+
			"answers, or of the file)")
	f.StringVar(&i.seed, "seed", "", "seed that the case starts from (default: default)")
	return cmd
}

func (i *importing) run(cmd *cobra.Command, files []string, defs []*fake.Def) error {
	def := find(defs, i.fake)
	if err := i.check(files, def, defs); err != nil {
		return &exitError{exitUsage, err}
	}
	all, format, notes, err := readRecordings(cmd.Context(), files)
	if err != nil {
		return err
	}
	origin, kept, others, err := recorder.Select(def, i.upstream, all)
	if err != nil {
		return &exitError{exitNothing, fmt.Errorf("%s: %w", format, err)}
	}
	day, from, err := i.day(files, kept)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	rec, err := recorder.New(i.options(def, origin, format, day, kept))
	if err != nil {
		return &exitError{exitUsage, err}
	}
	for _, x := range kept {
		rec.Add(x)
	}
	saved, err := rec.Save(i.out)
	if saved != nil {
		notes = slices.Concat(notes, others, saved.Notes)
	}
	return i.report(cmd, fmt.Sprintf("%s of %s (%s)", format, day.UTC().Format(time.DateOnly), from), saved, notes, err)
}

// check validates the flags.
func (i *importing) check(files []string, def *fake.Def, defs []*fake.Def) error {
	names := namesOf(defs)
	switch {
	case i.fake == "":
		return fmt.Errorf("--fake is needed; fakes: %s", strings.Join(names, ", "))
	case def == nil:
		return fmt.Errorf("no fake %q%s; fakes: %s", i.fake, fake.Hint(i.fake, names), strings.Join(names, ", "))
	case i.out == "":
		return errors.New("--out is needed: the folder to write")
	case len(files) == 0:
		return fmt.Errorf("name the files to import; formats: %s", strings.Join(importer.Formats(), ", "))
	}
	return recorder.Free(i.out)
}

// options returns the options of the recorder. The case is replayed without rate limits, since nothing says how many
// requests came before it, unless it shows one that was refused for its limit.
func (i *importing) options(
	def *fake.Def, origin, format string, day time.Time, kept []importer.Exchange,
) recorder.Options {
	o := recorder.Options{Fake: def, Upstream: origin, About: i.about, Version: i.version, Seed: i.seed,
		Principals: i.principals, As: i.as, Now: func() time.Time { return day }}
	if o.About == "" {
		o.About = "Imported from " + format + "."
	}
	limited := func(x importer.Exchange) bool { return x.Status == http.StatusTooManyRequests }
	if !slices.ContainsFunc(kept, limited) {
		o.Settings.Limits = "off"
	}
	return o
}

// day returns the day of the recording and how it is known.
func (i *importing) day(files []string, all []importer.Exchange) (day time.Time, from string, err error) {
	if i.date != "" {
		if day, err = time.Parse(time.DateOnly, i.date); err != nil {
			return day, "", fmt.Errorf("--date %s: expected a day like 2026-11-21", i.date)
		}
		return day, "--date", nil
	}
	file, err := os.Stat(files[0])
	if err != nil {
		return day, "", err
	}
	day, from = recorder.DayOf(all, file.ModTime())
	return day, from, nil
}

// readRecordings reads files as one conversation.
func readRecordings(ctx context.Context, files []string) (all []importer.Exchange, format string, notes []string,
	err error) {
	var found []string
	for _, file := range files {
		data, err := readFile(ctx, file)
		if err != nil {
			return nil, "", nil, err
		}
		r, err := importer.Decode(file, data, bodiesBeside(ctx, file))
		if err != nil {
			return nil, "", nil, err
		}
		all = append(all, r.Exchanges...)
		if !slices.Contains(found, r.Format) {
			found = append(found, r.Format)
		}
		for _, one := range r.LeftOut {
			notes = append(notes, fmt.Sprintf("left out: %s: %s: entry %s", filepath.Base(file), r.Format, one))
		}
	}
	return all, strings.Join(found, ", "), notes, nil
}

// bodiesBeside opens the body files of a format: next to the folder of the mappings, or in it.
func bodiesBeside(ctx context.Context, file string) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if !filepath.IsLocal(name) {
			return nil, fmt.Errorf("%s is outside the folder", name)
		}
		data, err := readFile(ctx, filepath.Join(filepath.Dir(file), "..", name))
		if err != nil {
			data, err = readFile(ctx, filepath.Join(filepath.Dir(file), name))
		}
		return data, err
	}
}

// report prints what was imported.
func (i *importing) report(cmd *cobra.Command, format string, saved *recorder.Saved, notes []string, err error) error {
	for _, note := range notes {
		fmt.Fprintln(cmd.ErrOrStderr(), "mockserver: note:", note)
	}
	bare := saved != nil && saved.WithoutCredential > 0 && i.as == ""
	if bare && err == nil {
		fmt.Fprintln(cmd.ErrOrStderr(),
			"mockserver: note: --as PRINCIPAL keeps the requests without a credential and names their caller")
	}
	switch {
	case errors.Is(err, recorder.ErrEmpty) && bare:
		return &exitError{exitNothing,
			fmt.Errorf("%s: nothing was kept: the requests have no credential; name the caller with --as PRINCIPAL",
				format)}
	case errors.Is(err, recorder.ErrEmpty):
		return &exitError{exitNothing, fmt.Errorf("%s: nothing was kept", format)}
	case err != nil:
		return &exitError{exitUsage, err}
	}
	fmt.Fprintf(cmd.OutOrStdout(),
		"imported %d interactions from %s in %s, %d secrets replaced; next: mockserver verify --fake %s %s\n",
		saved.Interactions, format, i.out, saved.Secrets, i.fake, i.out)
	return nil
}
