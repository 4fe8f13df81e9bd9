package readapi

import (
	"sync"

	"github.com/maypok86/otter/v2"
)

// Answers keeps answers in memory, each for as long as nothing has been committed
// that could change it. An answer names what it depends on: the person who asked,
// and the channels and boards that it is about. So it is never older than the model, and
// a right that is lost takes its answers along in the same commit.
type Answers struct {
	cache *otter.Cache[string, *answer]

	mu         sync.RWMutex
	commits    uint64            // counted
	touched    map[string]uint64 // by tag, the last commit that touched it
	everything uint64            // the last commit that touched them all
}

// answer is an encoded body, and what it depends on.
type answer struct {
	body   []byte
	etag   string
	tags   []string // the person, and the channels and boards that it is about
	commit uint64   // that was there before the answer was read
}

const (
	// answerBytes bounds the answers in memory: 32 MiB.
	answerBytes = 32 << 20
	// maxTags bounds the tags that are remembered one by one.
	maxTags = 200_000
)

// NewAnswers makes room for answers.
func NewAnswers() *Answers {
	return &Answers{
		touched: make(map[string]uint64),
		cache: otter.Must(&otter.Options[string, *answer]{
			MaximumWeight: answerBytes,
			Weigher:       func(key string, a *answer) uint32 { return uint32(len(key) + len(a.body) + 200 + 64*len(a.tags)) },
		}),
	}
}

// Committed is to be called with every commit of the model, before its position
// is made known: with the people, by id, and channels that it touched, or for all
// of them.
func (a *Answers) Committed(touched map[string]struct{}, all bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.commits++
	if all || len(a.touched) > maxTags {
		a.everything = a.commits
		clear(a.touched)
		return
	}
	for tag := range touched {
		a.touched[tag] = a.commits
	}
}

// now is the count of commits; an answer that is read afterwards is at least as new.
func (a *Answers) now() uint64 {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.commits
}

// find returns the answer under the key if it still holds.
func (a *Answers) find(key string) *answer {
	found, ok := a.cache.GetIfPresent(key)
	if !ok {
		return nil
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.everything > found.commit {
		return nil
	}
	for _, tag := range found.tags {
		if a.touched[tag] > found.commit {
			return nil
		}
	}
	return found
}

// findFor is find for a view that was opened after a commit: what it returns is
// what the view shows, as it was read at that commit or before and holds still.
func (a *Answers) findFor(key string, commit uint64) *answer {
	if found := a.find(key); found != nil && found.commit <= commit {
		return found
	}
	return nil
}

func (a *Answers) keep(key string, made *answer) { a.cache.Set(key, made) }
