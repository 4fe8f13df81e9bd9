package bench

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Options say what is measured and for how long.
type Options struct {
	Program  string        // the binary that serves, and echoes as "bench echo-server"
	Layout   Layout        // of its data directory
	Stores   Stores        // of what is not there
	Data     string        // where to work; the system's directory for temporary files where empty
	Keep     bool          // what was made there is not removed
	Steps    []string      // of Steps; all where empty
	Clients  []int         // how many at once, one connection each
	Duration time.Duration // of one step in one round
	Rounds   int           // the median of which is reported
	Quick    bool          // noted in the report: the sizes are smaller than the bars ask for
	Profile  string        // directory for a CPU profile of each step; none where empty
	Seed     Seed
	Progress io.Writer // a line for each part that begins
}

// Layout names the files of a data directory that are made before the program
// starts.
type Layout struct{ Log, Models, Key string }

// Seed is how much is there before anything is measured.
type Seed struct {
	People   int // registered
	Channels int // of the busiest of them; there are as many channels as people
	Messages int // for the reads
	Events   int // for the rebuild and the start
	Cold     int // messages of a large cold channel, a fifth of them unseen in one kind
	Text     int // bytes of a message, on average
	Tenants  int // of the landlord who has many
	Posts    int // on the board that is read, searched and commented on
	Open     int // channels of who opens the app
	File     int // bytes of a file
}

// check refuses what could not be measured.
func (o *Options) check() error {
	for _, s := range o.Steps {
		if !slices.Contains(Steps, s) {
			return fmt.Errorf("bench: no step %q", s)
		}
	}
	s := o.Seed
	switch {
	case len(o.Clients) == 0 || slices.Min(o.Clients) < 1 || slices.Max(o.Clients) > 1000:
		return errors.New("bench: 1 to 1000 clients can be had")
	case o.Rounds < 1 || o.Duration < 50*time.Millisecond:
		return errors.New("bench: a run has 1 round at least, of 50 ms a step at least")
	case s.People < 10 || s.Channels < 1 || s.Channels > s.People-2 || s.Text < 1:
		return errors.New("bench: a seed has 10 people at least, and more of them than channels of the busiest")
	case s.Messages < pageRows*s.People:
		return fmt.Errorf("bench: a seed has %d messages a person at least, to fill a page", pageRows)
	case s.Events < 200*s.People:
		return errors.New("bench: a seed has 200 events a person at least")
	case s.Cold < 1000:
		return errors.New("bench: a large cold channel has 1000 messages at least")
	case s.Tenants < fewTenants || s.Posts < 4*boardRows || s.Open < 3:
		return fmt.Errorf("bench: many tenants are %d at least, a board has %d posts and who opens the app 3 channels", fewTenants, 4*boardRows)
	case s.File < 1 || s.File > 25<<20:
		return errors.New("bench: a file has 1 byte to 25 MiB")
	}
	return nil
}
