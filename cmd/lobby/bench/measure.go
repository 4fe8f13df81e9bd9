package bench

import (
	"fmt"
	"math"
	"os"
	"slices"
	"time"
)

// step is one thing to measure with a number of clients.
type step struct {
	name       string
	server     *child
	operations []operation
	settle     func() error // what the server must have done before its time is taken; may be nil
}

// measure measures a step right after an echo with as many clients, and reports
// both. It returns the two samples.
func (r *run) measure(s step) (echo, sample, error) {
	e, err := r.measureEcho(len(s.operations))
	if err != nil {
		return e, sample{}, err
	}
	measured, err := r.watch(s, r.Duration)
	if err != nil {
		return e, measured, fmt.Errorf("%s with %d clients: %w", s.name, len(s.operations), err)
	}
	row := r.report.row(s.name, len(s.operations))
	row.load(measured)
	row.add("ratio", "x echo", measured.rate()/e.rate())
	if measured.known && e.server > 0 {
		row.add("cpu ratio", "x echo", measured.each(measured.server)/e.each(e.server))
	}
	return e, measured, r.profile(s)
}

// watch warms up, then drives the step and looks at what the server used.
func (r *run) watch(s step, d time.Duration) (sample, error) {
	if _, err := drive(r.ctx, s.operations, d/10); err != nil {
		return sample{}, err
	}
	if s.settle != nil {
		if err := s.settle(); err != nil {
			return sample{}, err
		}
	}
	resetPeak(s.server.pid()) // what cannot be known is left out below
	before, known := times(s.server)
	m, err := drive(r.ctx, s.operations, d)
	if err == nil && s.settle != nil {
		err = s.settle()
	}
	if err != nil {
		return m, err
	}
	after, _ := times(s.server)
	m.server, m.own = after.server-before.server, after.own-before.own
	m.others = (after.machine - before.machine - m.server - m.own).Seconds() / after.at.Sub(before.at).Seconds()
	m.written = after.written - before.written
	var peakErr error
	m.peak, peakErr = memory(s.server.pid(), "VmHWM")
	m.known = known && peakErr == nil
	return m, nil
}

type spent struct {
	at                   time.Time
	server, own, machine time.Duration
	written              int64
}

func times(c *child) (s spent, known bool) {
	var err [4]error
	s.at = time.Now()
	s.server, err[0] = processorTime(c.pid())
	s.own, err[1] = processorTime(os.Getpid())
	s.machine, err[2] = machineTime()
	s.written, err[3] = bytesWritten(c.pid())
	return s, err == [4]error{}
}

// percentile is the smallest of the sorted durations that is not below a share p
// of them.
func percentile(sorted []time.Duration, p float64) time.Duration {
	i := int(math.Ceil(p*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// median is the middle of the values, or between the two in the middle.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }
