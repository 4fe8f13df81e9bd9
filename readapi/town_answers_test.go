package readapi_test

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"lobby.example/domain"
	"lobby.example/readapi"
)

// What follows is what each query should answer a person, to the last field.

func (r *resident) party() readapi.Party {
	return readapi.Party{Person: r.id, Name: r.name, Role: r.role, Active: r.active}
}

// byName orders people as lists of them do. The names have no accents.
func byName(a, b *resident) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)), cmp.Compare(a.id, b.id))
}

func (t *town) me(who *resident) readapi.Me {
	sections, bubble := t.sections(who)
	return readapi.Me{Person: who.id, Role: who.role, Name: who.name, Email: who.id + "@example.org", Unread: bubble, Sections: sections,
		Preferences: readapi.Preferences{EmailCopies: who.copies, DesktopNotifications: who.notification}}
}

func (t *town) head(who *resident, r room) readapi.ChannelHead {
	f := setting{who, r.channel}
	head := readapi.ChannelHead{Channel: r.channel, Section: r.section, Open: r.open, LastActivity: r.activity, Unread: r.unread,
		Muted: t.muted[f], MarkedUnread: t.marked[f]}
	if r.with != nil {
		with := r.with.party()
		head.With = &with
	}
	if r.job != nil {
		head.Title, head.Status = r.job.title, r.job.status
	}
	return head
}

func (t *town) inboxLines(who *resident, section string) (lines []readapi.InboxChannel) {
	for _, r := range t.inbox(who) {
		if section == "" || r.section == section {
			lines = append(lines, readapi.InboxChannel{ChannelHead: t.head(who, r), LastMessage: r.last})
		}
	}
	return lines
}

func (t *town) unreadCounts(who *resident) readapi.Unread {
	_, bubble := t.sections(who)
	u := readapi.Unread{Total: bubble, Channels: []readapi.ChannelUnread{}}
	for _, r := range t.inbox(who) {
		f := setting{who, r.channel}
		if r.unread > 0 || t.marked[f] {
			u.Channels = append(u.Channels, readapi.ChannelUnread{Channel: r.channel, Section: r.section, Unread: r.unread, Muted: t.muted[f], MarkedUnread: t.marked[f]})
		}
	}
	slices.SortFunc(u.Channels, func(a, b readapi.ChannelUnread) int { return cmp.Compare(a.Channel, b.Channel) })
	return u
}

func (r room) messages(who *resident) (list []readapi.Message) {
	for _, e := range slices.Backward(r.entries) {
		list = append(list, readapi.Message{Message: e.id, Author: e.author.id, Text: e.text, At: e.at, Revision: e.revision,
			Unread: r.open && e.waits(who), Seen: len(e.seen) > 0, CanDelete: e.author == who && len(e.seen) == 0, Attachments: []readapi.File{}})
	}
	return list
}

func seenBy(seen []sight) (by []readapi.SeenByPerson) {
	for _, s := range seen {
		by = append(by, readapi.SeenByPerson{Person: s.by.id, Name: s.by.name, At: s.at, Revision: s.revision})
	}
	slices.SortFunc(by, func(a, b readapi.SeenByPerson) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Person, b.Person))
	})
	return by
}

func (t *town) boards(who *resident) (list []readapi.BoardHead) {
	landlords := slices.Clone(t.people)
	slices.SortFunc(landlords, byName)
	for _, landlord := range landlords {
		r, ok := t.boardRoom(who, landlord)
		if !ok {
			continue
		}
		posts, _ := t.board(who, landlord)
		f := setting{who, r.channel}
		b := readapi.BoardHead{Board: r.channel, Landlord: landlord.party(), Posts: len(posts), LastActivity: r.activity, Unread: r.unread,
			Muted: t.muted[f], MarkedUnread: t.marked[f]}
		if landlord == who {
			list = slices.Insert(list, 0, b)
		} else {
			list = append(list, b)
		}
	}
	return list
}

func (t *town) post(who *resident, n *notice) readapi.BoardPost {
	p := readapi.BoardPost{Post: n.channel, Board: boardOf(n.landlord), Author: n.landlord.party(), Category: n.category, Title: n.title, Body: n.body,
		Pinned: n.pinned, CommentsOpen: n.open, Comments: len(n.from(0)), At: n.at, EditedAt: n.edited, Unread: t.waits(who, n), Attachments: []readapi.File{}}
	if who == n.landlord {
		for _, e := range n.from(0) {
			if e.waits(who) {
				p.UnreadComments++
			}
		}
		p.Audience = &readapi.Audience{All: n.all, Properties: append([]string{}, n.properties...)}
		slices.Sort(p.Audience.Properties)
	}
	return p
}

func (n *notice) comments(who *resident) (list []readapi.Comment) {
	for _, e := range n.from(0) {
		shown := sightOf(e.seen, n.landlord) != nil
		list = append(list, readapi.Comment{Comment: e.id, Author: e.author.party(), Text: e.text, At: e.at, Revision: e.revision, SeenByLandlord: shown,
			Unread: who == n.landlord && e.waits(who), CanDelete: e.author == who && !shown, CanRemove: who == n.landlord, Attachments: []readapi.File{}})
	}
	return list
}

// jobs are the requests that somebody takes part in, the newest first.
func (t *town) jobsOf(who *resident, wanted func(*job) bool) (list []readapi.Request) {
	for _, j := range slices.Backward(t.jobs) {
		s := t.shareOf(who, j)
		if s == nil || !wanted(j) {
			continue
		}
		r := readapi.Request{Request: j.channel, Title: j.title, Property: j.property, PropertyName: "Elm Street 4", Status: j.status, StatusAt: j.changed,
			OpenedAt: j.opened, Landlord: j.landlord.party(), SharedWith: []readapi.Party{}, Unread: t.jobRoom(who, j, s).unread}
		if j.submitter != nil {
			r.Submitter = &j.submitter.id
		}
		var others []*resident
		for _, s := range j.shares {
			others = append(others, s.with)
		}
		slices.SortFunc(others, byName)
		for _, o := range others {
			r.SharedWith = append(r.SharedWith, o.party())
		}
		list = append(list, r)
	}
	return list
}

// found is what a search finds in all channels of a person, the newest first.
func (t *town) found(who *resident, text, channel string) (list []readapi.FoundMessage) {
	for _, r := range t.rooms(who) {
		for _, e := range r.entries {
			if has(e.text, text) && (channel == "" || channel == r.channel) {
				list = append(list, readapi.FoundMessage{Channel: r.channel, Message: e.id, Author: e.author.party(), Text: e.text, At: e.at, Revision: e.revision})
			}
		}
	}
	slices.SortFunc(list, func(a, b readapi.FoundMessage) int { return newestFirst(a.At, b.At, a.Channel, b.Channel) })
	return list
}

// has says that words of a text begin with all that is looked for, as far as the
// words here need it: in Chinese each character is one.
func has(text, wanted string) bool {
	split := func(text string) []string {
		return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	}
	words := split(text)
	for _, w := range split(wanted) {
		if !slices.ContainsFunc(words, func(word string) bool {
			return strings.HasPrefix(word, w) || unicode.Is(unicode.Han, []rune(w)[0]) && strings.Contains(word, w)
		}) {
			return false
		}
	}
	return true
}

func (t *town) contacts(who *resident, status string) (list []readapi.Contact) {
	people := slices.Clone(t.people)
	slices.SortFunc(people, byName)
	for _, other := range people {
		p := t.between(who, other)
		if p == nil || p.as(who) != status {
			continue
		}
		c := readapi.Contact{Party: other.party(), Channel: p.channel, Status: status, Since: p.since, Leases: []readapi.Lease{}}
		for _, l := range p.leases {
			if !l.ended && l.end >= t.day() {
				c.Leases = append(c.Leases, readapi.Lease{Lease: l.id, Property: l.property, PropertyName: "Elm Street 4",
					Start: domain.Date(l.start), End: domain.Date(l.end), Active: l.start <= t.day()})
			}
		}
		slices.SortFunc(c.Leases, func(a, b readapi.Lease) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Lease, b.Lease))
		})
		list = append(list, c)
	}
	return list
}

// as is how the other one stands to one of the two.
func (p *pair) as(who *resident) string {
	if p.status == "invited" && p.inviter == who {
		return "inviting"
	}
	return p.status
}
