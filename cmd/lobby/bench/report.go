package bench

import (
	"slices"
	"time"
)

// Report is what a run measured.
type Report struct {
	Machine  string    `json:"machine"`
	Began    time.Time `json:"began"`
	Took     float64   `json:"took_seconds"`
	Rounds   int       `json:"rounds"`
	Duration float64   `json:"step_seconds"` // of one step in one round
	Quick    bool      `json:"quick,omitempty"`
	Notes    []string  `json:"notes,omitempty"` // how it differs from one over the embedded stores
	Seed     Seed      `json:"seed"`
	Rows     []*Row    `json:"rows"`
}

// Row is one step with one number of clients; 0 where clients make no sense.
type Row struct {
	Step    string    `json:"step"`
	Clients int       `json:"clients,omitempty"`
	Figures []*Figure `json:"figures"`
}

// Figure is what was measured once in each round.
type Figure struct {
	Name   string  `json:"name"`
	Unit   string  `json:"unit,omitempty"`
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	Bar    *Bar    `json:"bar,omitempty"`

	values []float64
}

// Bar is what a median should be.
type Bar struct {
	AtLeast float64 `json:"at_least,omitempty"`
	AtMost  float64 `json:"at_most,omitempty"`
	Met     bool    `json:"met"`
}

func newReport(o Options) *Report {
	return &Report{Machine: machine(), Began: time.Now().UTC(), Rounds: o.Rounds, Duration: o.Duration.Seconds(), Quick: o.Quick,
		Notes: o.Stores.notes(), Seed: o.Seed}
}

// row finds a row, or adds it.
func (r *Report) row(step string, clients int) *Row {
	row := r.find(step, clients)
	if row == nil {
		row = &Row{Step: step, Clients: clients}
		r.Rows = append(r.Rows, row)
	}
	return row
}

func (r *Report) find(step string, clients int) *Row {
	i := slices.IndexFunc(r.Rows, func(row *Row) bool { return row.Step == step && row.Clients == clients })
	if i < 0 {
		return nil
	}
	return r.Rows[i]
}

// figure finds a figure, which may be absent: not every system tells everything.
func (row *Row) figure(name string) *Figure {
	i := slices.IndexFunc(row.Figures, func(f *Figure) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return row.Figures[i]
}

// add takes up the value of one round.
func (row *Row) add(name, unit string, value float64) {
	f := row.figure(name)
	if f == nil {
		f = &Figure{Name: name, Unit: unit}
		row.Figures = append(row.Figures, f)
	}
	f.values = append(f.values, value)
}

// load adds what driving measured.
func (row *Row) load(s sample) {
	row.add("rate", "/s", s.rate())
	row.add("p50", "ms", milliseconds(percentile(s.took, 0.50)))
	row.add("p99", "ms", milliseconds(percentile(s.took, 0.99)))
	if s.known {
		row.add("cpu", "us/op", s.each(s.server)*1e6)
		row.add("generator", "us/op", s.each(s.own)*1e6)
		row.add("peak", "MiB", mebibytes(s.peak))
		row.add("others", "processors", s.others)
	}
}

// finish summarises all rounds and holds them against the bars.
func (r *Report) finish(bars []bar) {
	r.Took = time.Since(r.Began).Seconds()
	for _, row := range r.Rows {
		for _, f := range row.Figures {
			f.Median, f.Min, f.Max = median(f.values), slices.Min(f.values), slices.Max(f.values)
			f.Bar = barOf(bars, row, f)
		}
	}
}
