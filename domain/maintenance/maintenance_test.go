package maintenance

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

// commandsOf is everything that can be sent about a request that is there.
func commandsOf(by Participant) []domain.Command[State] {
	return []domain.Command[State]{
		Share{Request: request, By: by, With: kim, Connected: true},
		Share{Request: request, By: by, With: kim, Connected: true, History: "some"},
		Unshare{Request: request, By: by, Person: pat.Person},
		Unshare{Request: request, By: by, Person: kim.Person},
		SetStatus{Request: request, By: by, Status: Canceled},
		SetStatus{Request: request, By: by, Status: New},
		SetStatus{Request: request, By: by, Status: "lost"},
		SendMessage{Request: request, Message: scenario.ID("hello"), By: by, Text: "hello"},
		SendMessage{Request: request, Message: scenario.ID("hello"), By: by},
		MarkSeen{Request: request, By: by, Entries: ids("description")},
		MarkSeen{Request: request, By: by},
		DeleteMessage{Request: request, Message: scenario.ID("description"), By: by},
		DeleteMessage{Request: request, Message: scenario.ID("never written"), By: by},
	}
}

func TestRule7_ForAnybodyElseThereIsNoSuchChannel(t *testing.T) {
	const code = "channel_not_found"
	past := byTom(shared(pat, All), saw(lena, "description"))
	for name, by := range map[string]Participant{
		"a stranger":                        formerly(eve),
		"someone connected, but not shared": today(kim),
		"the tenant, disconnected":          formerly(tom),
		"a service pro, disconnected":       formerly(pat),
		"nobody":                            {Connected: true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, command := range commandsOf(by) {
				given(t, past...).When(command).Refused(domain.NotFound, code)
			}
		})
	}
	t.Run("whom it was unshared from", func(t *testing.T) {
		past := byTom(shared(pat, All), wrote(pat, "hello", lena, tom), unshared(pat), unshared(tom))
		for _, command := range slices.Concat(commandsOf(today(pat)), commandsOf(today(tom))) {
			given(t, past...).When(command).Refused(domain.NotFound, code)
		}
		given(t, past...).When(takeBack(pat, "hello")).Refused(domain.NotFound, code)
	})
	t.Run("no such request", func(t *testing.T) {
		for _, command := range slices.Concat(commandsOf(today(lena)), commandsOf(Participant{}), commandsOf(today(Party{}))) {
			given(t).When(command).Refused(domain.NotFound, code)
		}
	})
}

func TestRule7_WhoConnectsAgainTakesPartAgain(t *testing.T) {
	past := byTom(shared(pat, All), wrote(tom, "one", lena, pat))
	hello := write(pat, "hello")
	given(t, past...).When(hello).Then(wrote(pat, "hello", lena, tom))
	hello.By = formerly(pat)
	given(t, past...).When(hello).Refused(domain.NotFound, "channel_not_found")
	given(t, append(past, wrote(lena, "meanwhile", tom, pat))...).When(see(pat, "one", "meanwhile")).Then(saw(pat, "one", "meanwhile"))
}

// The landlord is not connected with anyone of theirs by themselves.
func TestRule7_TheLandlordAlwaysTakesPart(t *testing.T) {
	hello := write(lena, "hello")
	hello.By = formerly(lena)
	given(t, byTom()...).When(hello).Then(wrote(lena, "hello", tom))
}

func TestParticipantsAreTheLandlordAndWhomItIsSharedWith(t *testing.T) {
	for name, c := range map[string]struct {
		past []Event
		want []uuid.UUID
	}{
		"no request": {nil, nil},
		"opened":     {byLena(), people([]Party{lena})},
		"submitted":  {byTom(), people([]Party{lena, tom})},
		"shared":     {byTom(shared(pat, All), shared(kim, FromNow)), people([]Party{lena, tom, pat, kim})},
		"unshared":   {byTom(shared(pat, All), unshared(tom)), people([]Party{lena, pat})},
		"canceled":   {byTom(shared(pat, All), wasSet(lena, New, Canceled, tom, pat)), people([]Party{lena, tom, pat})},
	} {
		s := domain.Fold(State{}, c.past...)
		if got := s.Participants(); !slices.Equal(got, c.want) {
			t.Errorf("%s: participants %v, want %v", name, got, c.want)
		}
		clear(s.Participants()) // a list of the caller's own
		if got := s.Participants(); !slices.Equal(got, c.want) {
			t.Errorf("%s: participants have changed to %v, want %v", name, got, c.want)
		}
	}
}

func TestGoldenFold(t *testing.T) {
	// No stream begins twice, but the fold has to show both beginnings.
	beginnings := slices.Concat([]Event{opened}, byTom())
	scenario.GoldenFold(t, Noun, append(beginnings,
		shared(pat, All), wrote(lena, "one", tom, pat), wrote(pat, "two", lena, tom), saw(lena, "description", "two"),
		shared(kim, FromNow), wrote(tom, "three", lena, pat, kim), wrote(kim, "four", lena, tom, pat), deleted(kim, "four", lena, tom, pat),
		wasSet(lena, New, InProgress, tom, pat, kim), unshared(pat), shared(pat, FromNow), saw(tom, "one"),
		unshared(kim), wasSet(tom, InProgress, Canceled, lena, pat), saw(lena, "three"), wasSet(lena, Canceled, Archived, tom, pat),
	)...)
}
