package readapi_test

import (
	"slices"
	"time"

	"lobby.example/readapi"
)

// room is a channel as one person has it.
type room struct {
	channel, section string
	with             *resident
	job              *job
	open, listed     bool
	activity         time.Time
	unread           int
	entries          []*entry // that the person sees, oldest first
	last             *readapi.LastMessage
}

// rooms are all channels that are there for a person.
func (t *town) rooms(who *resident) (rooms []room) {
	for _, p := range t.pairs {
		if p.has(who) {
			rooms = append(rooms, t.pairRoom(who, p))
		}
	}
	for _, j := range t.jobs {
		if s := t.shareOf(who, j); s != nil {
			rooms = append(rooms, t.jobRoom(who, j, s))
		}
	}
	for _, landlord := range t.people {
		if r, ok := t.boardRoom(who, landlord); ok {
			rooms = append(rooms, r)
		}
	}
	return rooms
}

func (t *town) room(who *resident, channel string) (room, bool) {
	rooms := t.rooms(who)
	i := slices.IndexFunc(rooms, func(r room) bool { return r.channel == channel })
	if i < 0 {
		return room{}, false
	}
	return rooms[i], true
}

// fill counts what waits and finds the preview. A channel that is not open counts
// nothing (P16, P22), and the preview is of what the person sees (P19).
func (r *room) fill(who *resident) {
	for _, e := range r.entries {
		if r.open && e.waits(who) {
			r.unread++
		}
		r.last = &readapi.LastMessage{Message: e.id, Author: e.author.id, Text: e.text, At: e.at}
	}
}

// pairRoom: the conversation of two stays readable to both.
func (t *town) pairRoom(who *resident, p *pair) room {
	r := room{channel: p.channel, section: "messages", with: p.other(who), open: p.connected(), listed: p.began,
		activity: p.activity, entries: p.from(0)}
	r.fill(who)
	return r
}

// jobRoom: a closed request is readable and counts nothing.
func (t *town) jobRoom(who *resident, j *job, s *share) room {
	r := room{channel: j.channel, section: "maintenance", with: j.landlord, job: j, open: j.open(), listed: true,
		activity: j.activity, entries: j.from(s.from)}
	if who == j.landlord {
		r.with = j.submitter
	}
	r.fill(who)
	return r
}

// boardRoom: for a tenant it is there from the first visible post on, for its
// landlord from the first one that was ever published.
func (t *town) boardRoom(who, landlord *resident) (room, bool) {
	r := room{channel: boardOf(landlord), section: "board", with: landlord, open: true, listed: true}
	if who == landlord {
		r.with = nil
	}
	posts, _ := t.board(who, landlord)
	var newest *notice
	for _, n := range posts {
		if newest == nil || newestFirst(n.at, newest.at, n.channel, newest.channel) < 0 {
			newest = n
		}
		if t.waits(who, n) {
			r.unread++
		}
		for _, e := range n.from(0) {
			if who == landlord && e.waits(who) {
				r.unread++
			}
		}
	}
	if newest != nil {
		r.last = &readapi.LastMessage{Message: newest.id, Author: landlord.id, Text: newest.title, At: newest.at}
		r.activity = newest.at
	}
	if who != landlord {
		return r, newest != nil
	}
	published := false
	for _, n := range t.notices {
		if n.landlord == landlord {
			published = true
			r.activity = latest(r.activity, n.at, n.activity)
		}
	}
	return r, published
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// inbox is the listed channels, by last activity.
func (t *town) inbox(who *resident) []room {
	rooms := slices.DeleteFunc(t.rooms(who), func(r room) bool { return !r.listed })
	slices.SortFunc(rooms, func(a, b room) int { return newestFirst(a.activity, b.activity, a.channel, b.channel) })
	return rooms
}

// sections are those with a channel in them; the bubble is their sum (P06).
func (t *town) sections(who *resident) (sections []readapi.Section, bubble int) {
	sections = []readapi.Section{}
	for _, name := range []string{"messages", "board", "maintenance"} {
		s, there := readapi.Section{Section: name}, false
		for _, r := range t.inbox(who) {
			if r.section == name {
				there = true
				if !t.muted[setting{who, r.channel}] {
					s.Unread += r.unread
				}
			}
		}
		if there {
			sections = append(sections, s)
			bubble += s.Unread
		}
	}
	return sections, bubble
}
