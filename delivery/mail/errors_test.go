package mail

import (
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strings"
	"testing"
)

func TestWhichAnswersAreForGood(t *testing.T) {
	for code, permanent := range map[int]bool{
		421: false, 450: false, 451: false, 452: false, // may pass by name
		500: false, 502: false, 503: false, 504: false, 521: false, 523: false, 530: false, 534: false, 535: false, 538: false, // about us
		501: true, 550: true, 551: true, 552: true, 553: true, 554: true, 555: true, 556: true,
	} {
		err := refused("RCPT", &textproto.Error{Code: code, Msg: "5.1.1 no"})
		if permanent {
			mustRefuse(t, err, CodeRefused, code)
		} else {
			mustPass(t, err)
		}
		mustPass(t, failed("MAIL", &textproto.Error{Code: code, Msg: "no"}))
		if want := fmt.Sprint(code); !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not in %v", want, err)
		}
	}
	if err := refused("RCPT", io.ErrUnexpectedEOF); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the cause is not in %v", err)
	}
}

func TestWhatAServerSaysIsShortenedAndEscaped(t *testing.T) {
	err := refused("RCPT", &textproto.Error{Code: 550, Msg: "\x1b[31mno\nü\u202e\xff" + strings.Repeat("x", 1000)})
	got := err.Error()
	if !strings.Contains(got, `550 \x1b[31mno\nü\u202e`) || strings.ContainsAny(got, "\x1b\n\u202e") || len(got) > 300 {
		t.Errorf("the error is %q", got)
	}
}
