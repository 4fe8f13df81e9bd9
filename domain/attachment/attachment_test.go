package attachment

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

// Tom has uploaded a photo of the tap, and writes to Lena. Eve is nobody to them.
var (
	tom   = scenario.ID("tom")
	eve   = scenario.ID("eve")
	photo = scenario.ID("photo")
	file  = File{Name: "tap.png", Size: 2048, Type: "image/png", SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}

	channel = "connection-" + scenario.ID("lena and tom").String()
	other   = "maintenance-" + scenario.ID("the tap").String()
	noon    = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

	uploaded = Uploaded{Attachment: photo, Owner: tom, File: file}
	bound    = boundTo(channel, "hello", noon)
	removed  = Removed{Attachment: photo, Reason: NeverBound}
)

func given(t *testing.T, events ...Event) *scenario.Past[State] {
	return scenario.Given(t, Noun, events...)
}

func boundTo(stream, entry string, at time.Time) Bound {
	return Bound{Attachment: photo, By: tom, Stream: stream, Entry: scenario.ID(entry), At: domain.MomentOf(at)}
}

func bind(by uuid.UUID, stream, entry string, at time.Time) Bind {
	return Bind{Attachment: photo, By: by, In: stream, Entry: scenario.ID(entry), At: at}
}

// lapsed is the same command from an edge that did not find the entry.
func (c Bind) lapsed() Bind {
	c.Lapsed = true
	return c
}

// binding is what the state makes of the event.
func (e Bound) binding() Binding { return e.Evolve(State{}).Bound }

func TestGoldenFold(t *testing.T) {
	scenario.GoldenFold(t, Noun, uploaded, bound, boundTo(other, "drip", noon.Add(time.Hour)), removed)
}
