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
	for _, l := range over {
		_, id, err := domain.ParseStream("channel", l.Channel)
		if err == nil {
			err = s.commands.ExpireLease(s.t.Context(), id, uuid.MustParse(l.Lease), s.now())
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	if len(over) == 0 {
		return "nothing to do"
	}
	var kinds []string
	for r, err := range s.log.ReadAll(s.t.Context(), position, eventlog.Forward, 0) {
		if err != nil {
			s.t.Fatal(err)
		}
		kinds = append(kinds, kindOf(r))
		s.after = r.Position.String()
	}
	return strings.Join(kinds, ", ")
}
