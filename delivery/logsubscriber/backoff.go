package logsubscriber

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff bounds the pauses between attempts: about First before the second one,
// twice as long before each one after it, never more than Max. Up to half of a
// pause is left off by chance.
type Backoff struct{ First, Max time.Duration }

// followPause is before the log is asked again after a failure that may pass.
var followPause = Backoff{First: 10 * time.Millisecond, Max: 5 * time.Second}

// pause is how long to wait after the nth failure in a row.
func (b Backoff) pause(n int) time.Duration {
	longest := b.First
	for ; n > 1 && longest < b.Max; n-- {
		longest = min(2*longest, b.Max)
	}
	return longest - rand.N(longest/2+1)
}

// rest pauses, and reports whether the context is still there.
func rest(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
