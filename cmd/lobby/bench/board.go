package bench

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/post"
)

// board is a landlord with tenants, who each lease one of the properties, and what
// the landlord has posted for them. On each post are two comments, which the
// landlord has seen. The tenants have seen nothing yet.
type board struct {
	landlord int
	first    int // the tenants are this person and the next ones
	tenants  int
	posts    int
	text     int // bytes of a comment, on average
}

const (
	properties  = 20 // of a landlord
	pinnedPosts = 3
	comments    = 2 // on a post
)

func (b *board) name() string { return domain.StreamOf("board", personID(b.landlord)) }

func (b *board) tenant(i int) int { return b.first + i%b.tenants }

func (b *board) property(i int) uuid.UUID {
	return uuid.NewSHA1(personID(b.landlord), fmt.Appendf(nil, "property %d", i%properties))
}

func (b *board) post(p int) uuid.UUID {
	return uuid.NewSHA1(personID(b.landlord), fmt.Appendf(nil, "post %d", p))
}

func (b *board) postName(p int) string { return post.Stream(b.post(p)) }

// audience is all tenants for nine posts of ten, and else those of one property.
func (b *board) audience(p int) post.Audience {
	if p%10 == 9 {
		return post.Audience{Properties: []uuid.UUID{b.property(p / 10)}}
	}
	return post.Audience{All: true}
}

// visible is how many posts the tenant sees.
func (b *board) visible(tenant int) (n int) {
	for p := range b.posts {
		if b.audience(p).Covers([]uuid.UUID{b.property(tenant)}) {
			n++
		}
	}
	return n
}

// streams are the people, then their leases, then the posts.
func (b *board) streams() (groups [3][]*stream) {
	groups[0] = append(groups[0], registered(b.landlord))
	for i := range b.tenants {
		groups[0] = append(groups[0], registered(b.tenant(i)))
		groups[1] = append(groups[1], b.lease(i))
	}
	for p := range b.posts {
		groups[2] = append(groups[2], b.posted(p))
	}
	return groups
}

// lease is the connection of the landlord with a tenant.
func (b *board) lease(i int) *stream {
	landlord, tenant := personID(b.landlord), personID(b.tenant(i))
	id := connection.Between(landlord, tenant)
	of := func(actor uuid.UUID, e connection.Event) (fact, error) { return factOf(connection.Facts, actor, e) }
	return &stream{name: connection.Stream(id), length: 3, after: atOnce, event: func(n int) (fact, error) {
		switch n {
		case 0:
			return of(landlord, connection.InvitationSent{
				From: connection.Party{Person: landlord, Role: role(b.landlord)},
				To:   connection.Party{Person: tenant, Role: role(b.tenant(i))},
			})
		case 1:
			return of(tenant, connection.InvitationAccepted{By: tenant, Other: landlord})
		}
		return of(landlord, connection.LeaseShared{By: landlord, Tenant: tenant, Lease: connection.Lease{
			ID: uuid.NewSHA1(id, []byte("lease")), Property: b.property(i), Name: fmt.Sprintf("House %d", i%properties),
			Start: "2020-01-01", End: "2199-12-31",
		}})
	}}
}

func atOnce(i int) time.Duration { return time.Duration(i) * time.Second }

// posted is a post with its comments. The posts are spread over the time that the
// seed goes back, the oldest ones are pinned.
func (b *board) posted(p int) *stream {
	landlord, id := personID(b.landlord), b.post(p)
	s := &stream{name: post.Stream(id), length: comments + 2, after: func(i int) time.Duration {
		return seededFor*time.Duration(p)/time.Duration(b.posts) + atOnce(i)
	}}
	if p < pinnedPosts {
		s.length++
	}
	of := func(actor uuid.UUID, e post.Event) (fact, error) { return factOf(post.Facts, actor, e) }
	comment := func(i int) uuid.UUID { return uuid.NewSHA1(commandOf(s.name, i), []byte("new")) }
	s.event = func(i int) (fact, error) {
		switch {
		case i == 0:
			words := newProse(p)
			return of(landlord, post.Published{
				Post: id, Landlord: landlord, Category: post.Categories[p%len(post.Categories)],
				Title: words.write(6), Body: words.write(60), Audience: b.audience(p), CommentsOpen: true,
			})
		case i <= comments:
			by := personID(b.tenant(b.reader(p, i)))
			return of(by, post.CommentAdded{Post: id, Landlord: landlord, Comment: comment(i), By: by, Text: someText(p+i, b.text)})
		case i == comments+1:
			seen := make([]uuid.UUID, comments)
			for n := range seen {
				seen[n] = comment(n + 1)
			}
			return of(landlord, post.CommentsSeen{Post: id, By: landlord, Comments: seen})
		}
		return of(landlord, post.Pinned{Post: id, Landlord: landlord})
	}
	return s
}

// reader is one of the tenants who see the post.
func (b *board) reader(p, n int) int {
	if p%10 == 9 {
		return p / 10 % properties % b.tenants
	}
	return (p + n) % b.tenants
}

// prose is text in a made-up language of some thousand words that are as frequent
// as those of a real one: a few stand everywhere, most in few texts.
type prose struct{ zipf *rand.Zipf }

const vocabulary = 5000

func newProse(seed int) prose {
	return prose{rand.NewZipf(rand.New(rand.NewPCG(uint64(seed), 1)), 1.1, 8, vocabulary-1)}
}

func (p prose) write(words int) string {
	var b strings.Builder
	for i := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word(int(p.zipf.Uint64())))
	}
	return b.String()
}

// word is one of the language, the frequent ones first: two or three syllables.
func word(n int) string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	var b []byte
	for range 2 {
		b = append(b, consonants[n%len(consonants)], vowels[n/len(consonants)%len(vowels)])
		n /= len(consonants) * len(vowels)
	}
	if n > 0 {
		b = append(b, consonants[n%len(consonants)])
	}
	return string(b)
}
