package bench

import (
	"os"
	"path/filepath"
	"slices"
	"time"
)

// disk measures what a durable commit costs on the disk of the data directories:
// one append of 4 KiB and an fdatasync, one after the other. It returns the
// median in seconds. Where the log is elsewhere there is nothing to measure.
func (r *run) disk() (float64, error) {
	if !r.Stores.disk() {
		return 0, nil
	}
	f, err := os.Create(filepath.Join(r.root, "fdatasync"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var took []time.Duration
	block := make([]byte, 4096)
	began := time.Now()
	for time.Since(began) < min(r.Duration/4, time.Second) {
		at := time.Now()
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		if err := dataSync(f); err != nil {
			return 0, err
		}
		took = append(took, time.Since(at))
	}
	rate := float64(len(took)) / time.Since(began).Seconds()
	slices.Sort(took)
	row := r.report.row("fdatasync", 1)
	row.add("rate", "/s", rate)
	row.add("p50", "ms", milliseconds(percentile(took, 0.50)))
	row.add("p99", "ms", milliseconds(percentile(took, 0.99)))
	return percentile(took, 0.50).Seconds(), nil
}
