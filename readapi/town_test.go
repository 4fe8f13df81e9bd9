package readapi_test

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
)

// town is what people have done, and so who may see what, by the rules as the
// design and the nouns state them. It knows no table, no query and no event, and
// keeps what it is told by whoever sends the commands.
type town struct {
	now           time.Time // of the newest command
	people        []*resident
	properties    []string
	pairs         []*pair
	notices       []*notice
	jobs          []*job
	muted, marked map[setting]bool
}

type setting struct {
	who     *resident
	channel string
}

// resident is a person of the town; key is what the site knows them by.
type resident struct {
	key, id, name, role  string
	copies, notification bool
	active               bool
}

func (r *resident) GoString() string { return r.key }

// pair is two people who have had to do with each other.
type pair struct {
	thread
	two     [2]*resident
	inviter *resident
	status  string // invited, connected, declined or disconnected
	since   time.Time
	began   bool // they have been connected at some time
	leases  []*lease
}

type lease struct {
	id, property string
	start, end   string    // its first and last day
	since        time.Time // from when on posts count
	ended        bool
}

// thread is what people write in one channel.
type thread struct {
	channel  string
	activity time.Time
	entries  []*entry
}

type entry struct {
	id, text string
	author   *resident
	at       time.Time
	revision int64
	gone     bool
	seen     []sight
}

// sight is that somebody saw something, for the first time.
type sight struct {
	by       *resident
	at       time.Time
	revision int64
}

// notice is a post on a landlord's board; its thread has the comments.
type notice struct {
	thread
	id                    string
	landlord              *resident
	category, title, body string
	all                   bool
	properties            []string
	open, pinned, removed bool
	at                    time.Time
	edited                *time.Time
	seen                  []sight
}

// job is a maintenance request.
type job struct {
	thread
	landlord, submitter     *resident
	title, property, status string
	opened, changed         time.Time
	shares                  []share
}

type share struct {
	with *resident
	from int64 // the first revision that they see
}

func (t *town) day() string { return string(domain.DateOf(t.now)) }

func channelBetween(a, b *resident) string {
	return connection.Stream(connection.Between(uuid.MustParse(a.id), uuid.MustParse(b.id)))
}

func boardOf(landlord *resident) string { return "board-" + landlord.id }

func (t *town) between(a, b *resident) *pair {
	i := slices.IndexFunc(t.pairs, func(p *pair) bool { return p.has(a) && p.has(b) })
	if i < 0 || a == b {
		return nil
	}
	return t.pairs[i]
}

func (p *pair) has(who *resident) bool { return p != nil && (p.two[0] == who || p.two[1] == who) }

func (p *pair) connected() bool { return p != nil && p.status == "connected" }

func (p *pair) other(who *resident) *resident {
	if p.two[0] == who {
		return p.two[1]
	}
	return p.two[0]
}

// leases are those by which the tenant has the landlord's board today.
func (t *town) leases(tenant, landlord *resident) (active []*lease) {
	p := t.between(tenant, landlord)
	if !p.connected() || tenant.role != "tenant" || landlord.role != "landlord" {
		return nil
	}
	for _, l := range p.leases {
		if !l.ended && l.start <= t.day() && t.day() <= l.end {
			active = append(active, l)
		}
	}
	return active
}

func (n *notice) reaches(l *lease) bool { return n.all || slices.Contains(n.properties, l.property) }

// sees: the landlord, and who has an active lease that the post is addressed to,
// until it is removed.
func (t *town) sees(who *resident, n *notice) bool {
	return !n.removed && (n.landlord == who || slices.ContainsFunc(t.leases(who, n.landlord), n.reaches))
}

// waits: older posts are there and count for nobody.
func (t *town) waits(who *resident, n *notice) bool {
	return !n.removed && n.landlord != who && sightOf(n.seen, who) == nil &&
		slices.ContainsFunc(t.leases(who, n.landlord), func(l *lease) bool { return n.reaches(l) && !l.since.After(n.at) })
}

// board is the posts of a landlord that somebody sees, pinned ones first, then the
// newest; visits says that the board is there for them, be it empty.
func (t *town) board(who, landlord *resident) (posts []*notice, visits bool) {
	for _, n := range t.notices {
		if n.landlord == landlord && t.sees(who, n) {
			posts = append(posts, n)
		}
	}
	slices.SortFunc(posts, func(a, b *notice) int {
		if a.pinned != b.pinned {
			return map[bool]int{true: -1, false: 1}[a.pinned]
		}
		return newestFirst(a.at, b.at, a.channel, b.channel)
	})
	return posts, who == landlord && who.role == "landlord" || len(t.leases(who, landlord)) > 0
}

func newestFirst(a, b time.Time, ofA, ofB string) int {
	return cmp.Or(b.Compare(a), cmp.Compare(ofB, ofA))
}

// shareOf is how somebody takes part in a request today, if they do.
func (t *town) shareOf(who *resident, j *job) *share {
	if j.landlord == who {
		return &share{with: who}
	}
	i := slices.IndexFunc(j.shares, func(s share) bool { return s.with == who })
	if i < 0 || !t.between(who, j.landlord).connected() {
		return nil
	}
	return &j.shares[i]
}

func (j *job) sharedWith(who *resident) bool {
	return slices.ContainsFunc(j.shares, func(s share) bool { return s.with == who })
}

func (j *job) open() bool { return j.status != "canceled" && j.status != "archived" }

// from is the entries that are there, oldest first, from a revision on.
func (t *thread) from(revision int64) (there []*entry) {
	for _, e := range t.entries {
		if !e.gone && e.revision >= revision {
			there = append(there, e)
		}
	}
	return there
}

func (t *thread) find(id string) *entry {
	i := slices.IndexFunc(t.entries, func(e *entry) bool { return e.id == id })
	if i < 0 {
		return nil
	}
	return t.entries[i]
}

// waits: what others wrote and one has not seen. One's own never does (P03).
func (e *entry) waits(who *resident) bool {
	return !e.gone && e.author != who && sightOf(e.seen, who) == nil
}

func sightOf(seen []sight, who *resident) *sight {
	i := slices.IndexFunc(seen, func(s sight) bool { return s.by == who })
	if i < 0 {
		return nil
	}
	return &seen[i]
}

// deletes is what a deletion by somebody is refused with. Deleting what one has
// deleted does nothing, and gone says that it is so.
func (t *thread) deletes(who *resident, id string) (refused string, e *entry) {
	e = t.find(id)
	switch {
	case e == nil || e.gone && e.author != who:
		return "entry_not_found", nil
	case e.author != who:
		return "not_author", nil
	case !e.gone && len(e.seen) > 0:
		return "already_seen", nil
	}
	return "", e
}
