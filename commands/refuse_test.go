package commands

import (
	"strings"
	"testing"

	"lobby.example/httpapi"
)

type refusal struct {
	name         string
	caller       httpapi.Caller
	method, path string
	body         string
	header       string // name: value
	status       int
	code         string
	field, fault string // of the first error named, where there is one
}

// refuse sends what must be refused, and looks that nothing was written.
func (a *api) refuse(t *testing.T, tests []refusal) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			head := a.head()
			name, value, _ := strings.Cut(test.header, ": ")
			headers := []string{name, value}
			if test.header == "" {
				headers = nil
			}
			got := a.do(test.caller, test.method, test.path, test.body, headers...)
			if got.status != test.status || got.Code != test.code || got.Status != test.status || got.Detail == "" || got.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s %s: %d %.300s, want %d %s", test.method, test.path, got.status, got.text, test.status, test.code)
			}
			if test.field != "" && (len(got.Errors) == 0 || got.Errors[0].Field != test.field || got.Errors[0].Code != test.fault) {
				t.Errorf("%s %s: at fault %+v, want %s %s", test.method, test.path, got.Errors, test.field, test.fault)
			}
			if (got.Decided != nil) != (test.code == "already_seen") {
				t.Errorf("%s %s: decided by %+v", test.method, test.path, got.Decided)
			}
			if a.head() != head {
				t.Errorf("%s %s: something was written", test.method, test.path)
			}
		})
	}
}
