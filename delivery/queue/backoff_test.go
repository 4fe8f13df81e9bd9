package queue

import (
	"testing"
	"time"
)

// What is said of DefaultAttempts: about six hours, between four and eight and a half.
func TestHowLongTheAttemptsTake(t *testing.T) {
	const times = 1000
	var all time.Duration
	for range times {
		var took time.Duration
		for attempt := 1; attempt < DefaultAttempts; attempt++ { // none after the last
			took += backoff(attempt)
		}
		if took < 4*time.Hour || took > 8*time.Hour+30*time.Minute {
			t.Errorf("the attempts take %s", took)
		}
		all += took
	}
	if mean := all / times; mean < 5*time.Hour+45*time.Minute || mean > 6*time.Hour+30*time.Minute {
		t.Errorf("the attempts take %s on average", mean)
	}
}

func TestAPauseIsBounded(t *testing.T) {
	for attempt, longest := range map[int]time.Duration{
		-1: time.Second, 0: time.Second, 1: time.Second, 2: 2 * time.Second, 12: 2048 * time.Second,
		13: time.Hour, 64: time.Hour, 1 << 40: time.Hour,
	} {
		for range 100 {
			if pause := backoff(attempt); pause < longest/2 || pause > longest {
				t.Errorf("the pause after attempt %d is %s", attempt, pause)
			}
		}
	}
	if o := (SubscriberOptions{}).withDefaults(); o.MaxAttempts != DefaultAttempts {
		t.Errorf("an item has %d attempts", o.MaxAttempts)
	}
}
