package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"lobby.example/delivery/mail/mailtest"
)

// demoCopies are messages that the landlord sends with a copy by email, by flat.
var demoCopies = []struct {
	flat int
	text string
}{
	{2, "The water is off on Thursday from nine to eleven. Please fill a pot in time."},
	{4, "Your parcel is with me, ring when you are home."},
}

// emailOf is an address that exists nowhere.
func emailOf(name string) string {
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	return strings.Map(func(r rune) rune {
		if r > 'z' {
			return 'i'
		}
		return r
	}, first) + "@example.org"
}

// sendCopies asks for copies by email, which go to the mail server inside the demo.
func (d *demoProperty) sendCopies(ctx context.Context) error {
	for _, c := range demoCopies {
		to := d.people[c.flat]
		answer, err := d.call(ctx, d.landlord().Token, http.MethodPost, "/channels/"+to.channel+"/messages",
			map[string]any{"text": c.text, "email_copy": true})
		if err != nil {
			return err
		}
		d.said(newTalk(to.channel, d.landlord(), to), d.landlord(), *answer.ID)
	}
	return nil
}

// showMail prints what was mailed since the nth letter, once there is something,
// and returns how many there are by then.
func showMail(ctx context.Context, w io.Writer, mails *mailtest.Server, n, atLeast int) (int, error) {
	letters, err := mails.Wait(ctx, atLeast)
	if err != nil {
		return n, err
	}
	for _, letter := range letters[n:] {
		m, err := letter.Parse()
		if err != nil {
			return n, err
		}
		fmt.Fprintf(w, "\nMailed to %s\n", letter.To)
		for _, field := range []string{"From", "Subject", "Message-ID", "List-Unsubscribe"} {
			fmt.Fprintf(w, "    %s: %s\n", field, m.Field(field))
		}
		for line := range strings.SplitSeq(strings.TrimSpace(m.Text), "\n") {
			fmt.Fprintln(w, strings.TrimRight("    "+line, " \r"))
		}
	}
	return len(letters), nil
}
