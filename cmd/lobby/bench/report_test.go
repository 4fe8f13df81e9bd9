package bench

import (
	"strings"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(i+1))
	}
	for _, c := range []struct {
		sorted []time.Duration
		p      float64
		want   time.Duration
	}{
		{hundred, 0.50, 50}, {hundred, 0.99, 99}, {hundred, 1, 100}, {hundred, 0, 1},
		{hundred[:1], 0.99, 1}, {hundred[:2], 0.5, 1}, {hundred[:3], 0.5, 2}, {hundred[:10], 0.99, 10},
	} {
		if got := percentile(c.sorted, c.p); got != c.want {
			t.Errorf("percentile %v of %d durations is %d, want %d", c.p, len(c.sorted), got, c.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{9, 1}, 5}, {[]float64{5, 9, 1}, 5}, {[]float64{4, 1, 9, 2}, 3}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.values, got, c.want)
		}
	}
}

func TestShortNumbers(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0.00", 0.284: "0.28", -0.77: "-0.77", 9.994: "9.99", 12.34: "12.3", 417.4: "417",
		999: "999", 1234: "1,234", 1234567: "1,234,567", -1234: "-1,234",
	} {
		if got := short(x); got != want {
			t.Errorf("%v is written %q, want %q", x, got, want)
		}
	}
}

const reportText = `lobby bench on a machine: medians of 3 rounds of 2 s a step, in 0 s

  step  clients  rate /s  p50 ms  p99 ms  cpu us/op  peak MiB  rate x echo  cpu x echo  generator us/op  others
  send       64    5,000    2.00    4.00        150      10.0         0.25        4.00             50.0    0.50

cpu is the server's alone; others is how many processors were busy with neither server nor generator

figure                 median       min to max
send by 64: ratio      0.25 x echo  0.20 to 0.30  bar: at least 0.28, NOT MET
send by 64: cpu ratio  4.00 x echo  4.00 to 4.00  bar: at most 5.00, met
startup: until ready   0.50 s       0.50 to 0.50  bar: at most 1.00, met
startup: memory        64.0 MiB     64.0 to 64.0

2 of 3 bars met
`

func TestReportAsText(t *testing.T) {
	r := newReport(Options{Rounds: 3, Duration: 2 * time.Second})
	r.Machine = "a machine"
	row := r.row("send", 64)
	for _, ratio := range []float64{0.30, 0.20, 0.25} {
		row.load(sample{
			took:    []time.Duration{2 * time.Millisecond, 2 * time.Millisecond, 4 * time.Millisecond, 4 * time.Millisecond},
			elapsed: 800 * time.Microsecond,
			server:  600 * time.Microsecond, own: 200 * time.Microsecond, peak: 10 << 20, others: 0.5, known: true,
		})
		row.add("ratio", "x echo", ratio)
		row.add("cpu ratio", "x echo", 4)
	}
	r.row("startup", 0).add("until ready", "s", 0.5)
	r.row("startup", 0).add("memory", "MiB", 64)
	r.finish(bars)
	r.Took = 0
	var out strings.Builder
	if err := r.Text(&out); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(out.String()) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	if got := strings.Join(lines, "\n") + "\n"; got != reportText {
		t.Errorf("got:\n%s\nwant:\n%s", got, reportText)
	}
}

// A cost below zero, as noise can make it, is not above a bar.
func TestBars(t *testing.T) {
	for _, c := range []struct {
		step, figure string
		clients      int
		median       float64
		met          bool
	}{
		{"send", "over echo and fdatasync", 1, -0.1, true},
		{"send", "over echo and fdatasync", 1, 0.6, false},
		{"unread", "ratio", 64, 0.45, true},
		{"unread", "ratio", 64, 0.44, false},
	} {
		b := barOf(bars, &Row{Step: c.step, Clients: c.clients}, &Figure{Name: c.figure, Median: c.median})
		if b == nil || b.Met != c.met {
			t.Errorf("%s: %v of %v: %v", c.step, c.median, c.figure, b)
		}
	}
	if b := barOf(bars, &Row{Step: "unread", Clients: 8}, &Figure{Name: "ratio"}); b != nil {
		t.Errorf("with 8 clients there is no bar, but %v", b)
	}
}
