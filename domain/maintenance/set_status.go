package maintenance

import (
	"github.com/google/uuid"

	"lobby.example/domain"
)

// SetStatus says how far the request has come (rule 4). Setting the status that
// it has does nothing.
type SetStatus struct {
	Request uuid.UUID
	By      Participant
	Status  Status
}

func (c SetStatus) Stream() string { return Stream(c.Request) }

func (c SetStatus) Decide(s State) ([]Event, error) {
	switch {
	case !s.Has(c.By):
		return nil, NotFound
	case !c.Status.known():
		return nil, domain.Bad("status", "unknown_status", "A status is new, in_progress, in_review, resolved, canceled or archived.")
	case c.By.Person != s.Landlord && (c.By.Person != s.Submitter || c.Status != Canceled):
		return nil, notLandlord
	case c.Status == s.Status:
		return nil, nil
	case !s.Status.leadsTo(c.Status):
		return nil, domain.Refuse(domain.Conflict, "status_change", "The status of the request does not change like this.")
	}
	return []Event{StatusSet{
		Request: c.Request,
		By:      c.By.Person,
		Status:  c.Status,
		Before:  s.Status,
		To:      s.others(c.By.Person),
	}}, nil
}

// StatusSet: the request has another status, of which all other participants hear.
type StatusSet struct {
	Request uuid.UUID   `json:"request"`
	By      uuid.UUID   `json:"by"`
	Status  Status      `json:"status"`
	Before  Status      `json:"before"`
	To      []uuid.UUID `json:"to,omitempty"` // nobody where it is not shared
}

func (StatusSet) Kind() string { return "status_set" }

func (e StatusSet) Evolve(s State) State {
	s.Status = e.Status
	return s
}
