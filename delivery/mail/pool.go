package mail

import (
	"slices"
	"sync"
	"time"
)

// take is a connection that is open and free, nil if there is none. The one used
// last comes first, so that those which are not needed end.
func (s *Sender) take() *connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) == 0 {
		return nil
	}
	c := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	c.timer.Stop()
	c.ended = false
	return c
}

// keep takes back a connection that is good for another letter.
func (s *Sender) keep(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, c)
	c.timer = time.AfterFunc(s.idle, func() { s.expire(c) })
}

// expire ends a connection that was free for too long.
func (s *Sender) expire(c *connection) {
	s.mu.Lock()
	i := slices.Index(s.free, c)
	if i < 0 {
		s.mu.Unlock() // it was taken at the last moment, or Close has it
		return
	}
	s.free = slices.Delete(s.free, i, i+1)
	s.quits.Add(1)
	s.mu.Unlock()
	defer s.quits.Done()
	c.quit()
}

// Close waits for the letters that are on their way, which takes the timeout at
// most, ends the connections, and returns when they are gone. Letters that wait
// for a connection are refused with ErrClosed, as are those that come later.
func (s *Sender) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
		s.quits.Go(s.end)
	}
	s.mu.Unlock()
	s.quits.Wait()
	return nil
}

func (s *Sender) end() {
	for range cap(s.slots) {
		s.slots <- struct{}{} // never given back
	}
	s.mu.Lock()
	free := s.free
	s.free = nil
	s.mu.Unlock()
	var quits sync.WaitGroup
	for _, c := range free {
		c.timer.Stop()
		quits.Go(c.quit)
	}
	quits.Wait()
}
