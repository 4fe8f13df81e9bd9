package sqlitelog

// arena hands out copies that share few allocations, none of which can grow into
// its neighbour.
type arena struct{ free []byte }

func (a *arena) reserve(n int) { a.free = make([]byte, 0, n) }

func (a *arena) copy(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	if cap(a.free)-len(a.free) < len(b) {
		a.reserve(max(len(b), 1<<16))
	}
	start := len(a.free)
	a.free = append(a.free, b...)
	return a.free[start:len(a.free):len(a.free)]
}
