package bench

import (
	"fmt"
	"slices"

	"lobby.example/httpapi"
)

const (
	// fewTenants is how many the landlord has that the one with many is compared with.
	fewTenants = 10
	// tenantsEach is how many tenants share a client of the board that is read, searched and commented on.
	tenantsEach = 8
)

// boards measures what is done with a landlord's board: publishing on one with few
// readers and on one with many, and on a third one, which is full of posts,
// reading, searching and commenting as its tenants.
func (r *run) boards() (err error) {
	few := &board{landlord: landlords, first: 1, tenants: fewTenants, posts: 10, text: r.Seed.Text}
	many := &board{landlord: landlords + 1, first: few.first + few.tenants, tenants: r.Seed.Tenants, posts: 10, text: r.Seed.Text}
	full := &board{landlord: landlords + 2, first: many.first + many.tenants, tenants: tenantsEach * r.most(), posts: r.Seed.Posts, text: r.Seed.Text}
	r.say("seed a board with %d tenants and one with %d posts", many.tenants, full.posts)
	at, server, err := r.seeded(boardStreams(few, many, full)...)
	if err != nil {
		return err
	}
	defer r.discard(at)
	defer func() { err = stopped(server, err) }()
	mint, err := r.tokens(at)
	if err != nil {
		return err
	}
	a := asked{server, func(person int) string { return mint(httpapi.Caller{Person: personID(person)}) }}
	published, commented := map[*board]int{}, 0
	for round := range r.Rounds {
		r.say("round %d of %d: boards", round+1, r.Rounds)
		if r.wants("publish") {
			if err := r.publish(a, []*board{few, many}, round, published); err != nil {
				return err
			}
		}
		for _, name := range []string{"board", "search"} {
			if !r.wants(name) {
				continue
			}
			if err := r.readBoard(a, full, name); err != nil {
				return err
			}
		}
		if r.wants("comment") {
			n, err := r.comment(a, full)
			if err != nil {
				return err
			}
			commented += n
		}
	}
	for _, b := range []*board{few, many, full} {
		if err := a.check(b, published[b], map[*board]int{full: commented}[b]); err != nil {
			return err
		}
	}
	return nil
}

// boardStreams are those of some boards, one group after the other.
func boardStreams(boards ...*board) [][]*stream {
	groups := make([][]*stream, 3)
	for _, b := range boards {
		for i, group := range b.streams() {
			groups[i] = append(groups[i], group...)
		}
	}
	return groups
}

// publish measures PublishPost with few readers and with many, in turns: nothing
// that is done for one post may be done for each reader.
func (r *run) publish(a asked, boards []*board, round int, published map[*board]int) error {
	names := []string{"publish to few tenants", "publish to many"}
	samples := make([]sample, len(boards))
	order := []int{0, 1}
	if round%2 == 1 {
		slices.Reverse(order)
	}
	for _, i := range order {
		b := boards[i]
		s := newSenders(a.server)
		token := a.token(b.landlord)
		for range r.most() {
			s.add([]command{{path: "/v1/posts", token: token, body: encoded(map[string]any{
				"category": "notice", "title": "The water is off tomorrow", "body": echoed("From nine to noon"), "audience": map[string]any{"all": true},
			})}}, nil)
		}
		_, m, err := r.measure(step{names[i], a.server, s.operations, func() error { return s.settle(token) }})
		if err != nil {
			return err
		}
		published[b] += s.close()
		samples[i] = m
	}
	few, many := samples[0], samples[1]
	if few.known && many.known {
		r.report.row(names[0], r.most()).add("written", "KiB/op", few.eachWritten())
		row := r.report.row(names[1], r.most())
		row.add("written", "KiB/op", many.eachWritten())
		row.add("cpu, of few", "x", many.each(many.server)/few.each(few.server))
		row.add("written, of few", "x", many.eachWritten()/few.eachWritten())
	}
	return nil
}

// eachWritten is how much the server wrote for one operation, in KiB: into the
// log and the read model, where every row is some of it, and as the answer.
func (s sample) eachWritten() float64 { return float64(s.written) / float64(len(s.took)) / 1024 }

// comment measures AddComment: each client is some tenants in turn, each of whom
// comments on many posts.
func (r *run) comment(a asked, b *board) (int, error) {
	s := newSenders(a.server)
	body := encoded(map[string]any{"text": echoed("I can help")})
	for c := range r.most() {
		var commands []command
		for i := range 2 * tenantsEach {
			p := (c*2*tenantsEach + i) * 7 % b.posts
			if len(b.audience(p).Properties) > 0 { // not everybody's
				p--
			}
			commands = append(commands, command{"/v1/posts/" + b.postName(p) + "/comments", a.token(b.tenant(c*tenantsEach + i%tenantsEach)), body})
		}
		s.add(commands, nil)
	}
	_, _, err := r.measure(step{"comment", a.server, s.operations, func() error { return s.settle(a.token(b.landlord)) }})
	return s.close(), err
}

// asked is a server and the tokens of those who ask it.
type asked struct {
	server *child
	token  func(person int) string
}

// check looks whether landlord and tenants see what was published and commented.
func (a asked) check(b *board, published, commented int) error {
	for _, who := range []int{b.landlord, b.tenant(0), b.tenant(b.tenants - 1)} {
		posts, unread := b.posts+published, commented
		if who != b.landlord {
			posts = b.visible(who-b.first) + published
			unread = posts
		}
		var list struct {
			Boards []struct {
				Posts  int `json:"posts"`
				Unread int `json:"unread"`
			} `json:"boards"`
		}
		c := newClient(a.server.base)
		defer c.close()
		if err := c.get("/v1/boards", a.token(who)).read(&list, 200); err != nil {
			return err
		}
		if len(list.Boards) != 1 || list.Boards[0].Posts != posts || list.Boards[0].Unread != unread {
			return fmt.Errorf("person %d has the boards %+v, not one with %d posts and %d unread", who, list.Boards, posts, unread)
		}
	}
	return nil
}
