package projections_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel"
)

// process is one life of a program that has the log and the disk in common with
// others, until it is killed or stopped.
type process struct {
	s     *simulation
	name  string
	newer bool // knows every kind
	log   faultyLog
	disk  faultyEngine
	dead  chan struct{}

	mu     sync.Mutex
	drawn  map[string]int
	told   eventlog.Position // by OnCommit
	epoch  int               // restores of the log when it began
	killed bool
}

func (s *simulation) process(name string, newer bool) *process {
	p := &process{s: s, name: name, newer: newer, dead: make(chan struct{}), drawn: map[string]int{}}
	p.log, p.disk = faultyLog{s.log, p}, faultyEngine{&memoryEngine{disk: s.disk}, p}
	_, p.epoch = s.history.head()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alive = append(s.alive, p)
	return p
}

// source draws for one thing that happens in one process, whatever happens in others.
func (p *process) source(what string) *rand.Rand {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drawn[what]++
	return p.s.source(fmt.Sprint(p.name, " ", what, " ", p.drawn[what]))
}

func (p *process) say(format string, args ...any) {
	if !p.isDead() {
		p.s.say(p.name, format, args...)
	}
}

func (p *process) isDead() bool {
	select {
	case <-p.dead:
		return true
	default:
		return false
	}
}

// kill ends what the process does at once: nothing that it began is finished.
func (p *process) kill(how string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.killed {
		p.s.say(p.name, "%s", how)
		p.killed = true
		close(p.dead)
		p.disk.Close()
	}
}

// Handle makes a line of the trace of what the runner says.
func (p *process) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += fmt.Sprint(", ", a); return true })
	p.say("says: %s", text)
	return nil
}
func (p *process) Enabled(context.Context, slog.Level) bool { return true }
func (p *process) WithAttrs([]slog.Attr) slog.Handler       { return p }
func (p *process) WithGroup(string) slog.Handler            { return p }

func (p *process) start(rebuild bool) (*projections.Runner, error) {
	p.say("starts, of the %s version, rebuild %v", map[bool]string{true: "newer", false: "older"}[p.newer], rebuild)
	r, err := projections.Start(context.Background(), p.log, p.disk, projections.Options{Rebuild: rebuild, Logger: slog.New(p), OnCommit: func(c projections.Commit) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if c.Position.Compare(p.told) < 0 && p.s.restored() == p.epoch {
			p.s.fail("%s is told of %s after %s", p.name, short(c.Position), short(p.told))
		}
		p.told = c.Position
	}})
	if err != nil {
		p.say("does not start: %v", err)
		p.disk.Close()
	}
	if errors.Is(err, projections.ErrCheckpoint) && p.s.restored() == 0 {
		p.s.fail("%s was refused a checkpoint of a log that nobody restored: %v", p.name, err)
	}
	return r, err
}

// read is what people see of a process: what they waited for is there, and nothing
// ever goes back.
func (p *process) read(ctx context.Context, r *projections.Runner) {
	src := p.source("readers")
	var before eventlog.Position
	for {
		select {
		case <-time.After(time.Duration(src.IntN(int(800 * time.Millisecond)))):
		case <-p.dead:
			return
		case <-ctx.Done():
			return
		}
		head, restores := p.s.history.head()
		var waited eventlog.Position
		if src.IntN(2) == 0 {
			bounded, cancel := context.WithTimeout(ctx, time.Duration(src.IntN(int(20*time.Second))))
			switch err := r.Wait(bounded, head); {
			case err == nil:
				waited = head
			case errors.Is(err, context.DeadlineExceeded) && r.Status().Position.Compare(head) >= 0:
				p.s.fail("%s lets people wait for %s, which is there", p.name, short(head))
			}
			cancel()
		}
		p.mu.Lock()
		told := p.told
		p.mu.Unlock()
		var rows *memoryRows
		checkpoint, err := r.View(ctx, func(q readmodel.Query) error {
			rows = q.(memoryQuery).rows
			return nil
		})
		if err != nil || p.isDead() {
			continue
		}
		at, _ := eventlog.ParsePosition(checkpoint.Position)
		if wrong := p.s.history.check(rows); wrong != "" {
			p.s.fail("%s shows what is wrong: %s", p.name, wrong)
		}
		if p.s.owners > 1 { // what another wrote into a build that is being replaced here
			before = eventlog.Position{}
		}
		if least := max(before.Commit(), told.Commit(), waited.Commit()); at.Commit() < least && p.s.restored() == restores && restores == p.epoch {
			p.s.fail("%s shows %s, where %s was shown, %s was told and %s was waited for", p.name, short(at), short(before), short(told), short(waited))
		}
		before = at
	}
}

// settles waits until the process shows all there is. One that has stopped for good
// has to have a reason.
func (p *process) settles(r *projections.Runner) {
	src := p.source("settling")
	for range 600 {
		time.Sleep(time.Duration(1 + src.IntN(int(2*time.Second))))
		head, restores := p.s.history.head()
		status := r.Status()
		_, unreadable := p.s.history.passed(readmodel.Checkpoint{}, readmodel.Checkpoint{Position: head.String()})
		switch {
		case p.isDead():
			return
		case status.Failed != nil && unreadable && !p.newer:
			return
		case status.Failed != nil && restores > p.epoch: // building anew is always right
			err := r.Rebuild(context.Background())
			p.say("has rebuilt, since the log was restored: %v", err)
		case errors.Is(status.Failed, errGone) && p.s.owners > 1:
			return
		case status.Ready() && status.Position.Compare(head) >= 0:
			return
		}
	}
	head, _ := p.s.history.head()
	p.s.fail("%s does not come to %s within ten minutes: %+v", p.name, short(head), r.Status())
}
