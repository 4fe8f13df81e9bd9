package sqlitelog

import (
	"fmt"
	"testing"

	"lobby.example/eventlog"
)

func TestHeadsStayExact(t *testing.T) {
	const bound = 4
	at := func(r eventlog.Revision) head { return head{stream: 1, revision: r} }
	commit := func(h *heads, stream string, r eventlog.Revision) {
		h.committed(map[string]head{stream: at(r)}, func() {})
	}
	for name, c := range map[string]struct {
		meanwhile func(*heads) // between a reader's miss and its offer of revision 5
		want      eventlog.Revision
		known     bool
	}{
		"nothing":                   {func(*heads) {}, 5, true},
		"a commit":                  {func(h *heads) { commit(h, "post", 6) }, 6, true},
		"other commits":             {func(h *heads) { commit(h, "a", 1); commit(h, "b", 1) }, 5, true},
		"a commit that became old":  {func(h *heads) { commit(h, "post", 6); others(h, bound, commit) }, 6, true},
		"a commit that was dropped": {func(h *heads) { commit(h, "post", 6); others(h, 3*bound, commit) }, 0, false},
		"a failure, after which memory is not trusted": {func(h *heads) { h.forget() }, 0, false},
	} {
		h := newHeads(bound)
		_, generation, ok := h.get("post")
		if ok {
			t.Fatal("an empty memory knows a stream")
		}
		c.meanwhile(h)
		h.offer("post", at(5), generation)
		got, _, known := h.get("post")
		if known != c.known || known && got.revision != c.want {
			t.Errorf("%s: %v, %v; want revision %d, %v", name, got, known, c.want, c.known)
		}
	}
}

func others(h *heads, n int, commit func(*heads, string, eventlog.Revision)) {
	for i := range n {
		commit(h, fmt.Sprint("other-", i), 0)
	}
}

func TestHeadsAreBoundedAndKeepWhatIsUsed(t *testing.T) {
	const bound = 100
	h := newHeads(bound)
	for i := range 10 * bound {
		h.committed(map[string]head{fmt.Sprint("post-", i): {stream: int64(i)}}, func() {})
		if got, _, ok := h.get("post-0"); !ok || got.stream != 0 {
			t.Fatalf("what is used all the time is forgotten after %d streams", i)
		}
		if n := len(h.young) + len(h.old); n > 2*bound {
			t.Fatalf("%d streams are kept", n)
		}
	}
}
