package bench

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/post"
	"lobby.example/eventlog"
)

// A seeded board is what commands would have written: comments by tenants who see
// the post, none of them waiting any more, and leases that are active.
func TestSeededBoardIsOfValidStreams(t *testing.T) {
	b := &board{landlord: landlords, first: 1, tenants: 30, posts: 40, text: 80}
	groups := b.streams()
	log := emptyLog(t)
	if err := seed(t.Context(), log, groups[:]...); err != nil {
		t.Fatal(err)
	}
	leased := map[uuid.UUID][]uuid.UUID{}
	for i := range b.tenants {
		tenant := personID(b.tenant(i))
		state := folded(t, log, connection.Facts, b.lease(i).name)
		for _, l := range state.LeasesOf(tenant, domain.DateOf(time.Now())) {
			leased[tenant] = append(leased[tenant], l.Property)
		}
		if len(leased[tenant]) != 1 {
			t.Errorf("tenant %d has the leases %+v", i, state.Leases)
		}
	}
	seen := map[int]int{}
	for p := range b.posts {
		state := folded(t, log, post.Facts, b.postName(p))
		if !state.Published || !state.CommentsOpen || len(state.Thread.Waiting) > 0 || state.Pinned != (p < pinnedPosts) {
			t.Errorf("post %d is %+v", p, state)
		}
		for i := 1; i <= comments; i++ {
			if by := personID(b.tenant(b.reader(p, i))); !state.Audience.Covers(leased[by]) {
				t.Errorf("comment %d of post %d is by somebody who does not see it", i, p)
			}
		}
		for i := range b.tenants {
			if state.Audience.Covers(leased[personID(b.tenant(i))]) {
				seen[i]++
			}
		}
	}
	for i := range b.tenants {
		if n := b.visible(i); n != seen[i] {
			t.Errorf("tenant %d sees %d posts, not %d", i, seen[i], n)
		}
	}
}

func folded[S any](t *testing.T, log eventlog.Log, facts domain.Facts[S], name string) (state S) {
	for r, err := range log.ReadStream(t.Context(), name, 0, eventlog.Forward, 0) {
		if err != nil {
			t.Fatal(err)
		}
		event, err := facts.Decode(r.Kind, r.Data)
		if err != nil {
			t.Fatal(err)
		}
		state = domain.Fold(state, event)
	}
	return state
}

// A search for a word of the language finds that word only.
func TestWordsDiffer(t *testing.T) {
	seen := map[string]int{}
	for n := range vocabulary {
		if before, ok := seen[word(n)]; ok {
			t.Fatalf("words %d and %d are both %q", before, n, word(n))
		}
		seen[word(n)] = n
	}
}
