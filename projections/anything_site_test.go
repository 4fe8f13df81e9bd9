package projections_test

import (
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"lobby.example/domain/attachment"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/post"
	"lobby.example/domain/scenario"
	"lobby.example/domain/webhook"
)

// visitor is somebody who mostly sees a post, participant who shares a request,
// and landlord whose a request is.
func (p *play) visitor(who string, on uuid.UUID) string {
	state, _ := load(p.w, post.Noun, post.Stream(on))
	return p.whoMay(who, func(who string) bool { return state.Sees(p.w.visitor(who, on)) })
}

func (p *play) participant(who string, request uuid.UUID) string {
	state, _ := load(p.w, maintenance.Noun, maintenance.Stream(request))
	return p.whoMay(who, func(who string) bool { return state.Has(p.w.participant(who, request)) })
}

func (p *play) landlord(who string, request uuid.UUID) string {
	state, _ := load(p.w, maintenance.Noun, maintenance.Stream(request))
	return p.whoMay(who, func(who string) bool { return state.Landlord == scenario.ID(who) })
}

// board is what a landlord does with posts, or another who only tries.
func (p *play) board(who, _ string) {
	if p.flip("landlord") {
		who = one(p, "landlord", p.landlords)
	}
	me, on := scenario.ID(who), one(p, "post", p.posts)
	state, _ := load(p.w, post.Noun, post.Stream(on))
	if p.flip("theirs") {
		me = state.Landlord
	}
	switch rapid.IntRange(0, 9).Draw(p.rt, "board") {
	case 0, 1, 2:
		to := post.Audience{All: p.flip("all")}
		if !to.All {
			to.Properties = p.properties[rapid.IntRange(0, 1).Draw(p.rt, "from"):]
		}
		kept(p, &p.posts, p.w.publish(who, to, "No water", p.attached(who)...))
	case 3:
		do(p.w, post.Noun, post.Edit{Post: on, By: me, Category: post.Announcement, Title: "Water again", Body: "It is back." + p.text()})
	case 4, 5:
		if state.Pinned {
			do(p.w, post.Noun, post.Unpin{Post: on, By: me})
		} else {
			do(p.w, post.Noun, post.Pin{Post: on, By: me})
		}
	case 6, 7, 8:
		if state.CommentsOpen {
			do(p.w, post.Noun, post.CloseComments{Post: on, By: me})
		} else {
			do(p.w, post.Noun, post.OpenComments{Post: on, By: me})
		}
	case 9:
		do(p.w, post.Noun, post.Remove{Post: on, By: me})
	}
}

func (p *play) discuss(who, _ string) {
	on, comment := one(p, "post", p.posts), one(p, "comment", p.comments)
	who = p.visitor(who, on)
	state, _ := load(p.w, post.Noun, post.Stream(comment.in))
	switch rapid.IntRange(0, 8).Draw(p.rt, "discuss") {
	case 0, 1, 2, 3:
		kept(p, &p.comments, entry{in: on, id: p.w.comment(who, on, p.text(), p.attached(who)...), author: who})
	case 4, 5:
		do(p.w, post.Noun, post.MarkCommentsSeen{Post: comment.in, By: state.Landlord, Entries: []uuid.UUID{comment.id, one(p, "comment", p.comments).id}})
	case 6:
		p.w.seePost(who, on)
	case 7:
		if comment.author != "" {
			do(p.w, post.Noun, post.DeleteComment{Post: comment.in, Comment: comment.id, By: p.w.visitor(comment.author, comment.in)})
		}
	case 8:
		do(p.w, post.Noun, post.RemoveComment{Post: comment.in, Comment: comment.id, By: state.Landlord})
	}
}

// mend is what happens to requests.
func (p *play) mend(who, other string) {
	request, landlord := one(p, "request", p.requests), one(p, "landlord", p.landlords)
	switch rapid.IntRange(0, 7).Draw(p.rt, "mend") {
	case 0:
		request = p.w.submit(who, landlord, one(p, "property", p.properties), p.text(), p.attached(who)...)
		kept(p, &p.requests, request)
		kept(p, &p.channels, maintenance.Stream(request))
	case 1:
		kept(p, &p.requests, p.w.open(landlord, one(p, "property", p.properties), p.text()))
	case 2, 3, 4:
		p.w.share(p.landlord(landlord, request), request, other, rapid.SampledFrom([]string{maintenance.All, maintenance.FromNow}).Draw(p.rt, "history"))
	case 5, 6:
		p.w.unshare(p.landlord(landlord, request), request, p.participant(other, request))
	case 7:
		p.w.status(p.participant(landlord, request), request, rapid.SampledFrom([]maintenance.Status{maintenance.InProgress, maintenance.InReview, maintenance.Resolved, maintenance.Canceled, maintenance.Archived}).Draw(p.rt, "status"))
	}
}

// report is what is said in requests.
func (p *play) report(who, other string) {
	request, message := one(p, "request", p.requests), one(p, "told", p.told)
	switch rapid.IntRange(0, 7).Draw(p.rt, "report") {
	case 0, 1, 2, 3:
		who = p.participant(who, request)
		kept(p, &p.told, entry{in: request, id: p.w.write(who, request, p.text(), p.attached(who)...), author: who})
	case 4, 5:
		if who == message.author {
			who = other
		}
		p.w.read(p.participant(who, message.in), message.in, message.id, one(p, "told", p.told).id)
	case 6, 7:
		if message.author != "" {
			p.w.takeBack(message.author, message.in, message.id)
		}
	}
}

// file is what happens to files beside the entries that they belong to.
func (p *play) file(who, _ string) {
	file := one(p, "file", p.files)
	switch rapid.IntRange(0, 2).Draw(p.rt, "file") {
	case 0:
		p.files = append(p.files, p.w.upload(who))
	case 1:
		p.w.bind(who, post.Stream(one(p, "post", p.posts)), p.w.id(), file)
	case 2:
		p.w.discard(file, rapid.SampledFrom([]attachment.Reason{attachment.NeverBound, attachment.EntryGone}).Draw(p.rt, "reason"))
	}
}

// subscribe is what happens to webhooks.
func (p *play) subscribe(_, _ string) {
	hook := one(p, "webhook", p.webhooks)
	switch rapid.IntRange(0, 3).Draw(p.rt, "subscribe") {
	case 0:
		p.webhooks = append(p.webhooks, p.w.subscribe("message_sent", "message_deleted"))
	case 1, 2:
		do(p.w, webhook.Noun, webhook.RotateSecret{Webhook: hook, Secret: p.w.id(), At: p.w.then})
	case 3:
		do(p.w, webhook.Noun, webhook.End{Webhook: hook, Reason: rapid.SampledFrom([]webhook.Reason{webhook.Deleted, webhook.Gone}).Draw(p.rt, "reason")})
	}
}
