package projections_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"lobby.example/domain/catalogue"
	"lobby.example/projections"
)

// simulation is one run, in a time of its own.
type simulation struct {
	t       *testing.T
	seed    uint64
	log     *memoryLog
	disk    *memoryDisk
	history *history
	owners  int
	busy    bool          // people write one thing after the other
	written chan struct{} // closed when the last event is, and nothing fails any more
	began   time.Time

	mu    sync.Mutex
	alive []*process
	trace []string
	wrong []string
}

// simulate runs one seed, and answers with what was wrong and what happened.
func simulate(t *testing.T, seed uint64) (wrong, trace []string) {
	synctest.Test(t, func(t *testing.T) {
		s := &simulation{t: t, seed: seed, disk: newMemoryDisk(), history: newHistory(), written: make(chan struct{}), began: time.Now()}
		src := s.source("simulation")
		step := []uint64{1, 1, 113}[src.IntN(3)]
		s.log = openMemoryLog(newMemoryEvents("simulated", step), catalogue.Categories()...)
		s.log.appended = s.history.appended
		s.owners, s.busy = 1+src.IntN(2), src.IntN(2) == 0
		var lives sync.WaitGroup
		for _, name := range []string{"A", "B"}[:s.owners] {
			lives.Go(func() { s.live(name) })
		}
		s.write(src)
		time.Sleep(time.Duration(1 + src.IntN(int(time.Second)))) // whoever sees the last event draws before
		close(s.written)
		lives.Wait()
		s.judge()
		wrong, trace = s.wrong, s.trace
	})
	return wrong, trace
}

// source gives what is drawn for one thing, and depends on the seed and its name only.
func (s *simulation) source(name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(s.seed, h.Sum64()))
}

func (s *simulation) calm() bool {
	select {
	case <-s.written:
		return true
	default:
		return false
	}
}

func (s *simulation) restored() int {
	_, restores := s.history.head()
	return restores
}

func (s *simulation) say(who, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trace = append(s.trace, fmt.Sprintf("%14.9f  %-4s %s", time.Since(s.began).Seconds(), who, fmt.Sprintf(format, args...)))
}

func (s *simulation) fail(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.say("!!!!", "%s", firstLine(text))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, text)
}

// write is what people do meanwhile, and what is done to the log.
func (s *simulation) write(src *rand.Rand) {
	rapid.Custom(func(rt *rapid.T) bool {
		w := newWorld(s.t, s.log)
		p := newPlay(rt, w)
		base, steps := len(s.log.all), 10+src.IntN(30)
		restore := src.IntN(3 * steps) // at that step, or mostly not at all
		for step := range steps {
			gap := []time.Duration{5 * time.Millisecond, 100 * time.Millisecond, time.Second, 10 * time.Second}[src.IntN(4)]
			if s.busy && src.IntN(10) > 0 {
				gap = 8 * time.Millisecond
			}
			time.Sleep(time.Duration(1 + src.IntN(int(gap))))
			switch src.IntN(30) {
			case 0, 1, 2:
				w.raw(foreign+"-1", "happened", []byte(`{}`))
			case 3:
				s.history.mu.Lock()
				s.history.hide = true
				s.history.mu.Unlock()
				s.say("town", "writes an event next that the older version cannot digest")
			}
			if step == restore {
				s.restore(src, base)
			}
			before := len(s.log.all)
			p.commands(1 + src.IntN(4))
			s.say("town", "has written %d events, the head is %s", len(s.log.all)-before, short(s.log.all[len(s.log.all)-1].Position))
		}
		return true
	}).Example(int(s.seed))
}

// restore puts an older copy of the log in its place, while everybody is there or
// after everybody was stopped.
func (s *simulation) restore(src *rand.Rand, least int) {
	if src.IntN(2) == 0 {
		s.killAll("is killed, since the log is to be restored")
	}
	n := least + src.IntN(len(s.log.all)-least+1)
	s.say("town", "restores the log from a copy of %d events, where it had %d", n, len(s.log.all))
	s.log.restore(n)
	s.history.restored(n)
}

func (s *simulation) killAll(how string) {
	s.mu.Lock()
	alive := slices.Clone(s.alive)
	s.mu.Unlock()
	for _, p := range alive {
		p.kill(how)
	}
}

// judge starts a program that knows everything on what is left, and compares.
func (s *simulation) judge() {
	p := s.process("Z", true)
	r, err := p.start(false)
	if err != nil {
		p = s.process("Z2", true)
		if r, err = p.start(true); err != nil {
			s.fail("nothing starts any more: %v", err)
			return
		}
	}
	defer r.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	select {
	case <-r.Serving():
	case <-ctx.Done():
		s.fail("nothing serves ten minutes after the last start: %+v", r.Status())
		return
	}
	head, _ := s.history.head()
	if err := r.Wait(ctx, head); err != nil {
		s.fail("%s is not there ten minutes after the last start: %v", short(head), err)
	}
	time.Sleep(time.Minute) // what a rebuild replaced is dropped after it
	build := r.Status().Build
	rows := s.disk.builds[projections.Messenger.Name][build].rows
	if wrong := s.history.check(rows); wrong != "" {
		s.fail("in the end %s", wrong)
	}
	if got := rows.checkpoint.Position; got != head.String() && !slices.ContainsFunc(s.history.byPosition[got], func(r *memoryRows) bool { return r == s.history.now }) {
		s.fail("in the end the rows are those of %s, and the log is at %s", got, short(head))
	}
	if builds, err := p.disk.memoryEngine.Builds(ctx, projections.Messenger.Name); err != nil || len(builds) != 1 || builds[0] != build {
		s.fail("in the end there are builds %v (%v), and %v serves", builds, err, build)
	}
}
