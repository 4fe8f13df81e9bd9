package post

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func TestRule4_APostIsSeenByItsLandlordAndTheTenantsThatItIsFor(t *testing.T) {
	toAll := published
	toAll.Audience = Audience{All: true}
	for name, c := range map[string]struct {
		past []Event
		see  []Visitor
	}{
		"named properties": {[]Event{published}, []Visitor{lena, tom, ann}},
		"all":              {[]Event{toAll}, []Visitor{lena, tom, ann, bob}},
		"edited":           {[]Event{published, edited}, []Visitor{lena, tom, ann}},
		"closed":           {[]Event{published, closed}, []Visitor{lena, tom, ann}},
		"removed":          {[]Event{published, gonePost}, nil},
		"not there":        {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := domain.Fold(State{}, c.past...)
			for _, v := range []Visitor{lena, tom, ann, bob, eve, gone, {}} {
				want := slices.ContainsFunc(c.see, func(w Visitor) bool { return w.Person == v.Person && len(w.Properties) == len(v.Properties) })
				if s.Sees(v) != want {
					t.Errorf("%+v sees it: %t", v, !want)
				}
			}
		})
	}
}

func TestRule4_ForAnybodyElseThereIsNoSuchPost(t *testing.T) {
	for name, past := range map[string][]Event{
		"a post":         {published, commented(tom, "mine"), commented(tom, "seen"), saw("seen")},
		"a removed post": {published, commented(tom, "mine"), commented(tom, "seen"), saw("seen"), gonePost},
		"a closed post":  {published, commented(tom, "mine"), closed},
	} {
		t.Run(name, func(t *testing.T) {
			for _, who := range []Visitor{bob, eve, gone, {}} {
				for _, command := range visitorCommands(who) {
					given(t, past...).When(command).Refused(domain.NotFound, "post_not_found")
				}
			}
		})
	}
	t.Run("nor for anybody before it is published", func(t *testing.T) {
		for _, who := range []Visitor{lena, tom, {}} {
			commands := slices.Concat(landlordCommands(who), visitorCommands(who), []domain.Command[State]{Remove{Post: key, By: who.Person}, see(who, "mine")})
			for _, command := range commands {
				given(t).When(command).Refused(domain.NotFound, "post_not_found")
			}
		}
	})
}

func TestRule5_OnlyItsLandlordChangesAPost(t *testing.T) {
	past := []Event{published, commented(tom, "mine"), commented(tom, "seen"), saw("seen"), pinned}
	for _, who := range []Visitor{tom, ann, bob, eve, {}} {
		for _, command := range append(landlordCommands(who), Remove{Post: key, By: who.Person}) {
			given(t, past...).When(command).Refused(domain.NotFound, "post_not_found")
		}
	}
}

func TestRule10_ARemovedPostRefusesEverything(t *testing.T) {
	past := []Event{published, commented(lena, "mine"), commented(tom, "seen"), saw("seen"), pinned, gonePost}
	for _, command := range slices.Concat(landlordCommands(lena), visitorCommands(lena), []domain.Command[State]{publish, see(lena, "mine"), see(lena)}) {
		given(t, past...).When(command).Refused(domain.Conflict, "post_removed")
	}
	t.Run("and is not there for others", func(t *testing.T) {
		other := publish
		other.Landlord = eve.Person
		for _, who := range []Visitor{tom, ann, eve} {
			commands := slices.Concat(landlordCommands(who), visitorCommands(who), []domain.Command[State]{Remove{Post: key, By: who.Person}, see(who, "mine"), other})
			for _, command := range commands {
				given(t, past...).When(command).Refused(domain.NotFound, "post_not_found")
			}
		}
	})
}

// Two contents are told apart wherever the line between title and body is.
func TestContentsAreToldApart(t *testing.T) {
	contents := []string{
		contentOf(Job, "a", "b"), contentOf(Notice, "a", "b"), contentOf(Job, "ab", ""), contentOf(Job, "a", "\nb"),
		contentOf(Job, "b", "a"), contentOf(Job, "a", "b\n"), contentOf(Job, "a", "B"),
	}
	slices.Sort(contents)
	if len(slices.Compact(contents)) != 7 {
		t.Errorf("contents %q", contents)
	}
}

func TestGoldenFold(t *testing.T) {
	withFile := published
	withFile.Attachments = []uuid.UUID{scenario.ID("key.jpg")}
	asNotice := edited
	asNotice.Category = Notice
	scenario.GoldenFold(t, Noun,
		withFile, asNotice, pinned, unpinned, pinned,
		commented(tom, "one"), commented(lena, "two"), commented(ann, "three"), commented(tom, "four"),
		saw("one"), tookBack(ann, "three"), struck("four"), closed, opened, closed, gonePost,
	)
}
