package projections_test

import (
	"fmt"
	"hash/fnv"
	"slices"
	"sync"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel"
)

// history is what the rows have to be after every event there ever was: a replay
// in the plainest way, one operation after the other, as the log is written. It has
// nothing of the runner's.
type history struct {
	mu         sync.Mutex
	now        *memoryRows
	log        []eventlog.Recorded // as it is now
	byEvent    map[string]*memoryRows
	byPosition map[string][]*memoryRows // one for each time that the log was there
	unreadable map[uuid.UUID]bool       // to a program of the older version
	hide       bool                     // the next event is one of them
	restores   int
}

func newHistory() *history {
	h := &history{now: newMemoryRows(projections.Messenger), byEvent: map[string]*memoryRows{}, byPosition: map[string][]*memoryRows{}, unreadable: map[uuid.UUID]bool{}}
	h.byPosition[""] = []*memoryRows{h.now}
	return h
}

func (h *history) appended(events []eventlog.Recorded) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range events {
		if eventlog.Category(r.Stream) != foreign {
			operations, err := projections.Digest(r)
			if err != nil {
				panic(err)
			}
			next := h.now.change()
			for _, o := range operations {
				if err := next.one(o); err != nil {
					panic(err)
				}
			}
			h.now = next.done(readmodel.Checkpoint{Position: r.Position.String(), Event: r.ID.String()})
			h.byEvent[r.ID.String()] = h.now
			if h.hide {
				h.hide, h.unreadable[r.ID] = false, true
			}
		}
		h.log = append(h.log, r)
		at := r.Position.String()
		h.byPosition[at] = append(h.byPosition[at], h.now)
	}
}

// one does an operation as it stands there.
func (c *memoryChange) one(o readmodel.Operation) error {
	if o.Upsert == nil && o.Delete == nil {
		return c.run(o.SQL, o.Values)
	}
	w := readmodel.Write{Rows: 1, Values: o.Values, Table: o.Delete}
	if o.Upsert == nil {
		return c.write(&w)
	}
	w.Table, w.Values = o.Upsert.Table, nil
	for i, column := range w.Table.Columns {
		for j, name := range o.Upsert.Columns {
			if name == column.Name {
				w.Set |= 1 << i
				w.Values = append(w.Values, o.Values[j])
			}
		}
	}
	return c.write(&w)
}

// restored is the log as it was n events after its beginning.
func (h *history) restored(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.restores++
	h.log = h.log[:n:n]
	at := h.byPosition[h.log[n-1].Position.String()]
	h.now = at[len(at)-1]
}

// head is the position of the last event of ours, and how often it was another one's.
func (h *history) head() (position eventlog.Position, restores int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	position, err := eventlog.ParsePosition(h.now.checkpoint.Position)
	if err != nil && h.now.checkpoint.Position != "" {
		panic(err)
	}
	return position, h.restores
}

// check says what is wrong with rows, which may be those of any moment.
func (h *history) check(rows *memoryRows) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	want := h.byPosition[rows.checkpoint.Position]
	if exact := h.byEvent[rows.checkpoint.Event]; exact != nil {
		want = []*memoryRows{exact}
	}
	if len(want) == 0 {
		return fmt.Sprintf("there never was a checkpoint like %v", rows.checkpoint)
	}
	for _, w := range want {
		if w.sum == rows.sum {
			return ""
		}
	}
	return fmt.Sprintf("the rows at %s are not those of a fresh replay (-replayed +there):\n%s", rows.checkpoint.Position, cmp.Diff(want[len(want)-1].text(), rows.text()))
}

// passed says which event, unreadable to the older version, stands between two
// checkpoints of the log as it is now, which has no such event where the second
// is of before the log was restored.
func (h *history) passed(from, to readmodel.Checkpoint) (eventlog.Recorded, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	after, _ := eventlog.ParsePosition(from.Position)
	through, _ := eventlog.ParsePosition(to.Position)
	if to.Event != "" && !slices.ContainsFunc(h.log, func(r eventlog.Recorded) bool { return r.ID.String() == to.Event }) {
		return eventlog.Recorded{}, false
	}
	for _, r := range h.log {
		if h.unreadable[r.ID] && r.Position.Compare(after) > 0 && r.Position.Compare(through) <= 0 {
			return r, true
		}
	}
	return eventlog.Recorded{}, false
}

func (h *history) hides(id uuid.UUID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.unreadable[id]
}

// foreign is the category of events of other programs in the same log.
const foreign = "somebodyelses"

// counted shows what the other tables hide: most of what is done to them comes out
// the same when it is done twice, and this does not. It counts only some of the
// kinds, since nothing is coalesced across a statement.
var counted = &readmodel.Table{Name: "counted", Key: 1, Columns: []readmodel.Column{{Name: "kind"}, {Name: "n", Type: readmodel.Integer}}}

const countOnce = `insert into counted (kind, n) values ($1, 1) on conflict (kind) do update set n = counted.n + 1`

func countSome(event any) []readmodel.Operation {
	kind := event.(interface{ Kind() string }).Kind()
	h := fnv.New32a()
	h.Write([]byte(kind))
	if h.Sum32()%3 > 0 {
		return nil
	}
	return []readmodel.Operation{readmodel.Statement(countOnce, kind)}
}
