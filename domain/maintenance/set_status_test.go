package maintenance

import (
	"strings"
	"testing"

	"lobby.example/domain"
)

// pairs says of every status (a row) whether each status (a column) may follow:
// yes, no, or same where there is nothing to do.
const pairs = `
             new   in_progress  in_review  resolved  canceled  archived
new          same  yes          yes        yes       yes       no
in_progress  no    same         yes        yes       yes       no
in_review    no    yes          same       yes       yes       no
resolved     no    yes          no         same      no        yes
canceled     no    no           no         no        same      yes
archived     no    no           no         no        no        same
`

// ways is how a request of Tom's that Pat shares comes to each status.
var ways = map[Status][]Event{
	New:        byTom(shared(pat, All)),
	InProgress: byTom(shared(pat, All), wasSet(lena, New, InProgress, tom, pat)),
	InReview:   byTom(shared(pat, All), wasSet(lena, New, InReview, tom, pat)),
	Resolved:   byTom(shared(pat, All), wasSet(lena, New, Resolved, tom, pat)),
	Canceled:   byTom(shared(pat, All), wasSet(lena, New, Canceled, tom, pat)),
	Archived:   byTom(shared(pat, All), wasSet(lena, New, Resolved, tom, pat), wasSet(lena, Resolved, Archived, tom, pat)),
}

// eachPair calls f with every cell of pairs.
func eachPair(t *testing.T, f func(t *testing.T, before, status Status, may string)) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(pairs), "\n")
	columns, cells := strings.Fields(lines[0]), 0
	for _, line := range lines[1:] {
		row := strings.Fields(line)
		for i, may := range row[1:] {
			cells++
			t.Run(row[0]+" to "+columns[i], func(t *testing.T) { f(t, Status(row[0]), Status(columns[i]), may) })
		}
	}
	if want := len(ways) * len(ways); cells != want {
		t.Errorf("%d pairs, want %d", cells, want)
	}
}

func TestRule4_TheLandlordSetsAStatusThatMakesSense(t *testing.T) {
	eachPair(t, func(t *testing.T, before, status Status, may string) {
		answer := given(t, ways[before]...).When(set(lena, status))
		switch may {
		case "yes":
			answer.Then(wasSet(lena, before, status, tom, pat)).Again().Nothing()
		case "same":
			answer.Nothing()
		default:
			answer.Refused(domain.Conflict, "status_change")
		}
	})
}

func TestRule4_TheTenantWhoSubmittedMayCancelAndNothingElse(t *testing.T) {
	eachPair(t, func(t *testing.T, before, status Status, may string) {
		answer := given(t, ways[before]...).When(set(tom, status))
		switch {
		case status != Canceled:
			answer.Refused(domain.Forbidden, "not_the_landlord")
		case may == "yes":
			answer.Then(wasSet(tom, before, Canceled, lena, pat)).Again().Nothing()
		case may == "same":
			answer.Nothing()
		default:
			answer.Refused(domain.Conflict, "status_change")
		}
	})
}

func TestRule4_OtherParticipantsSetNoStatus(t *testing.T) {
	eachPair(t, func(t *testing.T, before, status Status, _ string) {
		given(t, ways[before]...).When(set(pat, status)).Refused(domain.Forbidden, "not_the_landlord")
	})
	t.Run("a tenant whom the landlord's request is shared with", func(t *testing.T) {
		given(t, byLena(shared(tom, All))...).When(set(tom, Canceled)).Refused(domain.Forbidden, "not_the_landlord")
	})
	t.Run("another tenant", func(t *testing.T) {
		given(t, byTom(shared(kim, All))...).When(set(kim, Canceled)).Refused(domain.Forbidden, "not_the_landlord")
	})
}

func TestRule4_WhoSubmittedCancelsWhileTheyShareIt(t *testing.T) {
	past := byTom(shared(pat, All), unshared(tom))
	given(t, past...).When(set(tom, Canceled)).Refused(domain.NotFound, "channel_not_found")
	given(t, append(past, shared(tom, FromNow))...).When(set(tom, Canceled)).Then(wasSet(tom, New, Canceled, lena, pat))
}

func TestRule4_AStatusIsOneOfSix(t *testing.T) {
	for before := range ways {
		for _, status := range []Status{"", "lost", "New"} {
			for _, by := range []Party{lena, tom, pat} {
				if r := given(t, ways[before]...).When(set(by, status)).Refused(domain.Invalid, "unknown_status"); r.Field != "status" {
					t.Errorf("field %q", r.Field)
				}
			}
		}
	}
}
