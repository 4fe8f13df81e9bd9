package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"unicode"
)

// ErrClosed answers everything asked of a sender after it was closed.
var ErrClosed = errors.New("mail: closed")

// The codes of a PermanentError.
const (
	CodeNotAnAddress        = "not_an_address"        // the recipient's is none
	CodeAddressNotSupported = "address_not_supported" // the server takes no address like that
	CodeRefused             = "refused"               // the server said no, for good
)

// PermanentError says that a letter to a recipient will never be taken, so that
// there is no use in trying again.
type PermanentError struct {
	Code   string // one of those above
	Status int    // what the server answered, 0 if it was not asked
	Reason string // for whoever operates this; no longer than a line
}

func (e *PermanentError) Error() string { return "mail: refused for good: " + e.Reason }

// failed is an error that may pass. What the server said of it is shortened and
// its control characters are escaped, since it goes to logs and terminals.
func failed(step string, err error) error {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return fmt.Errorf("mail: %s", said(step, answer))
	}
	return fmt.Errorf("mail: %s: %w", step, err)
}

// refused is failed for steps that are about the letter or its recipient: a final
// no is then one for good. Some of the codes are about the connection all the
// same: commands that are not known or come out of turn, and authentication or
// encryption that is missing.
func refused(step string, err error) error {
	var answer *textproto.Error
	if errors.As(err, &answer) && answer.Code >= 500 && answer.Code <= 599 {
		switch answer.Code {
		case 500, 502, 503, 504, 521, 523, 530, 534, 535, 538:
		default:
			return &PermanentError{Code: CodeRefused, Status: answer.Code, Reason: said(step, answer)}
		}
	}
	return failed(step, err)
}

func said(step string, answer *textproto.Error) string {
	var b strings.Builder
	for i, r := range []rune(answer.Msg) {
		switch {
		case i == 200:
			b.WriteString("…")
			return fmt.Sprintf("%s was answered with %d %s", step, answer.Code, b.String())
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(fmt.Sprintf("%q", r), "'"))
		}
	}
	return fmt.Sprintf("%s was answered with %d %s", step, answer.Code, b.String())
}

// codeOf is what the server answered, 0 if it did not.
func codeOf(err error) int {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return answer.Code
	}
	return 0
}
