package esdbserver_test

import (
	"fmt"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"pgregory.net/rapid"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

// Whatever a client reads is what the log has there, from any place, in both
// directions, however much it asks for.
func TestAnyReadAgreesWithTheLog(t *testing.T) {
	s := esdbtest.Start(t)
	for i := range 40 {
		write(t, s.Log, fmt.Sprintf("post-%d", i%3), some("post_published", 1+i*7%5)...)
	}
	everything := logged(t, s.Log)
	client := connect(t, s.URL)
	rapid.Check(t, func(r *rapid.T) {
		options := esdb.ReadStreamOptions{Direction: rapid.SampledFrom([]esdb.Direction{esdb.Forwards, esdb.Backwards}).Draw(r, "direction")}
		stream := rapid.SampledFrom([]string{"$all", "post-0", "post-1", "post-2"}).Draw(r, "stream")
		place := rapid.IntRange(0, len(everything)+3).Draw(r, "place")
		count := rapid.IntRange(0, len(everything)+3).Draw(r, "count")

		var want []eventlog.Recorded
		includes := func(e eventlog.Recorded) bool {
			switch {
			case stream != "$all" && options.Direction == esdb.Forwards:
				return e.Stream == stream && int(e.Revision) >= place
			case stream != "$all":
				return e.Stream == stream && int(e.Revision) <= place
			case options.Direction == esdb.Forwards:
				return int(e.Position.Commit()) >= place
			}
			return int(e.Position.Commit()) < place
		}
		if want = only(everything, includes); options.Direction == esdb.Backwards {
			want = backward(want)
		}
		want = want[:min(count, len(want))]

		var got *esdb.ReadStream
		var err error
		if stream == "$all" {
			at := esdb.Position{Commit: uint64(place), Prepare: uint64(place)}
			got, err = client.ReadAll(within(t), esdb.ReadAllOptions{Direction: options.Direction, From: at}, uint64(count))
		} else {
			options.From = esdb.Revision(uint64(place))
			got, err = client.ReadStream(within(t), stream, options, uint64(count))
		}
		same(t, drain(t, got, err), want)
	})
}
