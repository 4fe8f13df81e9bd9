package maintenance

import "slices"

// Status is how far a request has come.
type Status string

const (
	Absent     Status = "" // there is no such request
	New        Status = "new"
	InProgress Status = "in_progress"
	InReview   Status = "in_review"
	Resolved   Status = "resolved"
	Canceled   Status = "canceled"
	Archived   Status = "archived"
)

// steps are the statuses that may follow each (rule 4). What is archived stays so.
var steps = map[Status][]Status{
	New:        {InProgress, InReview, Resolved, Canceled},
	InProgress: {InReview, Resolved, Canceled},
	InReview:   {InProgress, Resolved, Canceled},
	Resolved:   {InProgress, Archived},
	Canceled:   {Archived},
	Archived:   nil,
}

// Open reports whether the participants write (rule 5).
func (s Status) Open() bool { return s.known() && s != Canceled && s != Archived }

func (s Status) known() bool {
	_, ok := steps[s]
	return ok
}

func (s Status) leadsTo(next Status) bool { return slices.Contains(steps[s], next) }
