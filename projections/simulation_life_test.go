package projections_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"lobby.example/projections"
)

// live has one process after the other, until the log is written.
func (s *simulation) live(name string) {
	src := s.source("life of " + name)
	if !s.busy {
		s.rest(src, time.Second)
	}
	rebuild := false
	for n := 1; !s.calm(); n++ {
		p := s.process(fmt.Sprint(name, n), src.IntN(3) > 0)
		r, err := p.start(rebuild || src.IntN(8) == 0)
		if rebuild = errors.Is(err, projections.ErrCheckpoint); err == nil {
			p.live(r, src)
		}
		if s.busy {
			s.rest(src, 10*time.Millisecond)
		} else {
			s.rest(src, 2*time.Second)
		}
	}
}

// rest pauses, for less when nothing happens any more.
func (s *simulation) rest(src *rand.Rand, most time.Duration) {
	select {
	case <-time.After(time.Duration(1 + src.IntN(int(most)))):
	case <-s.written:
	}
}

func (p *process) live(r *projections.Runner, src *rand.Rand) {
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { p.read(ctx, r) })
	gap := 3 * time.Second
	if p.s.busy {
		gap = 100 * time.Millisecond
	}
	for src.IntN(2) == 0 && !p.isDead() && !p.s.calm() {
		p.s.rest(src, gap)
		work.Go(func() {
			p.say("is told to rebuild")
			err := r.Rebuild(ctx)
			p.say("has rebuilt: %v", err)
		})
	}
	most := 20 * time.Second
	if src.IntN(2) == 0 {
		most = 300 * time.Millisecond
	}
	select {
	case <-time.After(time.Duration(src.IntN(int(most)))):
	case <-p.s.written:
		p.settles(r)
	case <-p.dead:
	}
	switch src.IntN(4) {
	case 0:
		p.s.killAll("is killed by a power cut")
		p.s.disk.powerCut(src.IntN(4))
	case 1:
		p.say("is stopped")
	default:
		p.kill("is killed")
	}
	cancel()
	work.Wait()
	if err := r.Close(); err != nil && !p.isDead() {
		p.s.fail("%s does not stop: %v", p.name, err)
	}
	p.kill("is no more")
}
