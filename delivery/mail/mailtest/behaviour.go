package mailtest

import (
	"context"
	"net"

	"github.com/emersion/go-smtp"
)

// Behaviour is what the server does with letters to a recipient.
type Behaviour int

const (
	Take          Behaviour = iota // 250
	Refuse                         // 550 to RCPT: there is nobody of that name
	RefuseLetter                   // 554 after the letter
	Later                          // 451 to RCPT
	LaterLetter                    // 452 after the letter
	Stall                          // RCPT is never answered
	StallAtEnd                     // the letter is never answered, nor taken
	CloseInData                    // the connection ends in the middle of the letter
	CloseAfterDot                  // the letter is taken, and the connection ends without saying so
)

// Set says what happens to letters to a recipient from now on.
func (s *Server) Set(to string, b Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always[to] = b
}

// Next says what happens to the next letters to a recipient, one after another.
// Those after them meet what Set says.
func (s *Server) Next(to string, b ...Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next[to] = append(s.next[to], b...)
}

// WaitStalled returns when n connections hang because of the recipient.
func (s *Server) WaitStalled(ctx context.Context, to string, n int) error {
	return s.wait(ctx, func() bool { return s.stalled[to] >= n })
}

// behaviour is what the letter that now begins meets.
func (s *Server) behaviour(to string) Behaviour {
	s.mu.Lock()
	defer s.mu.Unlock()
	if next := s.next[to]; len(next) > 0 {
		s.next[to] = next[1:]
		return next[0]
	}
	return s.always[to]
}

// stall holds a connection until the server ends. It sees no client go away, as
// a server that hangs does not.
func (s *Server) stall(to string) error {
	s.mu.Lock()
	s.stalled[to]++
	s.change()
	s.mu.Unlock()
	<-s.done
	return net.ErrClosed
}

var (
	errNobody   = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "There is nobody of that name"}
	errUnwanted = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "This letter is not wanted"}
	errLater    = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	errFull     = &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "The mailbox is full"}
	errEnough   = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "Enough letters on this connection"}
	errNested   = &smtp.SMTPError{Code: 503, EnhancedCode: smtp.EnhancedCode{5, 5, 1}, Message: "Nested MAIL command"}
	errWho      = &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
)
