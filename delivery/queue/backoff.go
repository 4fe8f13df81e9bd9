package queue

import (
	"math/rand/v2"
	"time"
)

// DefaultAttempts is how often an item is tried before it is parked. With the pauses
// between them that takes about six hours, four at least and eight and a half at
// most: who stumbles in the night is mended in the morning.
const DefaultAttempts = 20

const longestPause = time.Hour

// backoff is the pause after an attempt, half of it by chance.
func backoff(attempt int) time.Duration {
	pause := longestPause
	if attempt <= 12 { // a second doubled twelve times is more
		pause = min(pause, time.Second<<max(attempt-1, 0))
	}
	return pause/2 + rand.N(pause/2+1)
}
