package readapi

// Who sees what stands here, once, as the parts that every query is made of. In
// all of them $1 is the person, and $2 the day where one has a part in it.

// each ends a subquery that is asked for each row of a query by the whole key. Where
// PostgreSQL expects many rows it would otherwise read all of the subquery's table
// into memory first, and a plan that is made once expects many in any long channel.
// And PostgreSQL 15 answers wrongly where it does that with an exists about a row that
// is two levels above it (ADR 14), so there this is needed to be right.
const each = ` limit 1 offset 0`

const (
	// connectedVia holds for a row i of inbox while the person is connected with
	// whom they see the channel through.
	connectedVia = `(i.via is null or exists (select 1 from contacts k where k.person = $1 and k.other = i.via and k.status = 'connected'))`

	// activeLease is a lease l of the person that is active on the day. The event that
	// ends it may still be on the way, so the day itself decides.
	activeLease = `l.tenant = $1 and l.ended = '' and l.first_day <= $2 and l.last_day >= $2`

	// addressed says that a post p is addressed to who has the lease l.
	addressed = `l.board = p.board and (p.all_tenants or exists (select 1 from post_properties a where a.post = p.post and a.property = l.property` + each + `))`

	// leasedPost is the permission to see a post p by a lease.
	leasedPost = `exists (select 1 from leases l where ` + activeLease + ` and ` + addressed + `)`

	// visiblePost is the permission to see a post p, by a lease or as its landlord.
	visiblePost = `(p.landlord = $1 or ` + leasedPost + `)`

	// visibleThere is visiblePost for posts p of one board, which is $3: whether the
	// person leases there at all is asked once for all posts that go to every tenant.
	visibleThere = `(p.landlord = $1
		or p.all_tenants and exists (select 1 from leases l where ` + activeLease + ` and l.board = $3)
		or not p.all_tenants and exists (select 1 from leases l where ` + activeLease + ` and l.board = $3
			and exists (select 1 from post_properties a where a.post = p.post and a.property = l.property` + each + `)))`

	// waitingPost says that a post p counts as unread: addressed to the person by a
	// lease that they had when it was published, and not seen.
	waitingPost = `exists (select 1 from leases l where ` + activeLease + ` and ` + addressed + ` and p.at >= l.since)
		and not exists (select 1 from seen s where s.channel = p.post and s.entry = p.entry and s.person = $1)`

	// boards are the channels of the boards that leases open to the person, with
	// something on them.
	boards = `
		select b.board as channel, 'board' as section, true as open, true as visited,
			(select p.at from posts p where p.board = b.board and ` + leasedPost + ` order by p.at desc limit 1) as last_activity,
			b.landlord as other, coalesce(f.muted, false) as muted, coalesce(f.marked_unread, false) as marked_unread, 0 as history_from
		from (select distinct l.board, l.landlord from leases l where ` + activeLease + `) b
		left join inbox f on f.person = $1 and f.channel = b.board
		where exists (select 1 from posts p where p.board = b.board and ` + leasedPost + `)`

	// entered are the channels of which the person has a row i in inbox.
	entered = enteredBy + `$1 and ` + connectedVia

	enteredBy = `
		select i.channel, c.section, c.open, false as visited, c.last_activity, i.other, i.muted, i.marked_unread, i.history_from
		from inbox i join channels c on c.channel = i.channel
		where i.person = `

	// mine is all channels of the person's inbox. It says listed = true, since SQLite
	// takes listed alone for no use of the index.
	mine = `(` + entered + ` and i.listed = true union all ` + boards + `)`

	// postsOf is how many posts of a row x of boards wait for the person.
	postsOf = `(select count(*) from posts p where p.board = x.channel and ` + waitingPost + `)`

	// entriesOf is how many entries of a row x of entered wait for the person.
	entriesOf = `(select count(*) from unread u where u.person = $1 and u.channel = x.channel and x.open = true)`

	// unreadOf is the number of a row x of mine.
	unreadOf = `(case when x.visited then ` + postsOf + ` else ` + entriesOf + ` end)`
)

// readableMessage is the permission to read a message m, on a row i of inbox that
// joins its channel with the person.
const readableMessage = `i.readable = true and m.revision >= i.history_from and ` + connectedVia

// readable is the permission to read the entries of a channel, which here is $2, on
// a row i of inbox. No day has a part in it.
const readable = `i.person = $1 and i.channel = $2 and i.readable = true and ` + connectedVia

// dependsOnBoards names the boards that leases open to the person among what an
// answer depends on: a post changes it for people whom its event does not know.
func (v *view) dependsOnBoards() {
	v.first(func(scan func(...any) error) error {
		var board string
		err := scan(&board)
		v.depends(board)
		return err
	}, `select distinct l.board from leases l where `+activeLease, v.person, string(v.today))
}

// dependsOnRequests names the requests that are shared with the person among what an
// answer depends on: others come and go without an event that knows everybody.
func (v *view) dependsOnRequests() {
	v.first(func(scan func(...any) error) error {
		var request string
		err := scan(&request)
		v.depends(request)
		return err
	}, `select i.channel from inbox i where i.person = $1 and i.listed = true and i.via is not null`, v.person)
}
