package stories

import (
	"strings"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/eventlog"
	"lobby.example/readapi"
)

const expire = "Lobby ends the leases that are over"

// expireLeases does what the program does every minute.
func (s *teller) expireLeases() string {
	position, err := s.log.Head(s.t.Context())
	if err == nil {
		err = s.model.Wait(s.t.Context(), position)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	over, err := readapi.LeasesOver(s.t.Context(), s.model, domain.DateOf(s.now()))
	if err != nil {
		s.t.Fatal(err)
	}
	return s.happens(func() {
		for _, l := range over {
			_, id, err := domain.ParseStream("channel", l.Channel)
			if err == nil {
				err = s.commands.ExpireLease(s.t.Context(), id, uuid.MustParse(l.Lease), s.now())
			}
			s.must(err)
		}
	})
}

// happens tells what was written meanwhile.
func (s *teller) happens(do func()) string {
	before, err := s.log.Head(s.t.Context())
	s.must(err)
	do()
	var kinds []string
	for r, err := range s.log.ReadAll(s.t.Context(), before, eventlog.Forward, 0) {
		s.must(err)
		kinds = append(kinds, kindOf(r))
		s.after = r.Position.String()
	}
	if len(kinds) == 0 {
		return "nothing to do"
	}
	return strings.Join(kinds, ", ")
}
