package world

import "fmt"

// Bound describes one bounded store of a world: its content, its limit and what it dropped.
type Bound struct {
	Entries int `json:"entries"`
	Bytes   int `json:"bytes"`
	Limit   int `json:"limit"`   // in bytes
	Dropped int `json:"dropped"` // older entries, or rejected files
}

// Bounds describes every bounded store of a world.
type Bounds struct {
	Journal    Bound            `json:"journal"`    // requests with their answers
	Undo       Bound            `json:"undo"`       // writes that Rewind can undo
	Deliveries map[string]Bound `json:"deliveries"` // fake → its log of webhooks
	Files      map[string]Bound `json:"files"`      // fake → uploaded files
}

// Defaults of Options.
const (
	undoBytes     = 64 << 20
	deliveryBytes = 16 << 20
	fileBytes     = 1 << 30
)

// Bounds returns the size and the limit of each bounded store of the world.
func (w *World) Bounds() Bounds {
	w.mustBuild()
	out := Bounds{Deliveries: map[string]Bound{}, Files: map[string]Bound{}}
	for s := range w.locked() {
		out.Deliveries[s.fake.Name] = Bound{Entries: s.mail.Len(), Bytes: s.mail.Untyped().Held(),
			Limit: w.worlds.options.DeliveryBytes, Dropped: s.mailDropped}
		files := Bound{Limit: w.worlds.options.FileBytes, Dropped: int(s.filesRefused.Load())}
		files.Entries, files.Bytes = s.files()
		out.Files[s.fake.Name] = files
	}
	j := &out.Journal
	j.Entries, j.Bytes, j.Dropped = w.Journal.Size()
	j.Limit = w.Journal.Limit()
	w.mu.Lock()
	defer w.mu.Unlock()
	out.Undo = w.undo
	out.Undo.Entries = len(w.history)
	return out
}

// files returns the number and the total size in bytes of the rows that report a size, webhook
// deliveries aside. Not every row of a table reports one.
func (s *State) files() (rows, bytes int) {
	for name, t := range s.tables {
		if name != s.mail.Untyped().Name() && t.Held() > 0 {
			rows, bytes = rows+t.Len(), bytes+t.Held()
		}
	}
	return rows, bytes
}

// CheckFiles returns an error if the current write makes the fake keep more bytes of uploaded files than Options allow.
func (s *State) CheckFiles() error {
	if s.tx == nil {
		return nil
	}
	_, bytes := s.files()
	limit := s.world.worlds.options.FileBytes
	if bytes <= limit || !s.tx.growsFiles(s) {
		return nil
	}
	s.filesRefused.Add(1)
	return fmt.Errorf("the uploaded files of %s in world %q would take %d bytes, the limit is %d; delete some, or "+
		"raise it with --file-bytes", s.fake.Name, s.world.Name, bytes, limit)
}

// growsFiles reports whether a change touched a table whose rows report a size.
func (c *change) growsFiles(s *State) bool {
	for t := range c.before {
		if t.Name() != s.mail.Untyped().Name() && t.Held() > 0 {
			return true
		}
	}
	return false
}
