package sqlitemodel
import ("testing";"time";"slices";"context";"os";"strconv")
func TestLat(t *testing.T) {
	if os.Getenv("LAT")=="" { t.Skip() }
	s := openBench(t); from := newSource()
	fill(t, s, from, 100_000, 10_000)
	s.Finish(context.Background())
	at, _ := s.Checkpoint(context.Background())
	n, _ := strconv.Atoi(os.Getenv("LAT"))
	var d []time.Duration
	for i := 0; i < 30000/n; i++ { ops := from.operations(n); t0 := time.Now(); at = apply(t, s, at, ops); d = append(d, time.Since(t0)) }
	slices.Sort(d)
	t.Log(d[len(d)/2], d[len(d)*9/10], d[len(d)*99/100], d[len(d)*999/1000], d[len(d)-1])
}
