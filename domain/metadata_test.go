package domain_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func TestMetadataIsStoredLikeThis(t *testing.T) {
	m := domain.Metadata{
		Command: scenario.ID("command"), Actor: scenario.ID("actor"),
		Correlation: scenario.ID("root"), Causation: scenario.ID("cause"),
		OccurredAt: domain.MomentOf(time.Date(2026, 11, 22, 10, 30, 0, 1999, time.FixedZone("CET", 60*60))),
		Content:    "e3b0c442", Schema: domain.MetadataSchema,
	}
	const want = `{"command":"60e772f8-e6d6-546b-a667-e1f4947996bd","actor":"f13f0723-26bb-5d93-8ac9-687f2dde89a3","$correlationId":"d0417efd-ab0c-5a01-88fb-ebc0ddfd1b01","$causationId":"8194f5fa-3cd8-5825-a09e-966858960fdf",` +
		`"occurred_at":"2026-11-22T09:30:00.000001Z","content":"e3b0c442","schema":1}`
	got, err := json.Marshal(m)
	if err != nil || string(got) != want {
		t.Fatalf("stored as\n%s, %v, want\n%s", got, err, want)
	}
	var read domain.Metadata
	if err := json.Unmarshal(got, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, read); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func TestAMomentIsWrittenInOneForm(t *testing.T) {
	for want, moment := range map[string]time.Time{
		"2026-11-22T09:30:00.000000Z": time.Date(2026, 11, 22, 9, 30, 0, 999, time.UTC),
		"2026-11-22T23:30:00.100000Z": time.Date(2026, 11, 23, 1, 30, 0, 100_000_000, time.FixedZone("EET", 2*60*60)),
		"0001-01-01T00:00:00.000000Z": {},
	} {
		m := domain.MomentOf(moment)
		if text, err := m.MarshalText(); string(text) != want || err != nil {
			t.Errorf("%v is written %s, %v; want %s", moment, text, err, want)
		}
		var read domain.Moment
		if err := read.UnmarshalText([]byte(want)); err != nil || !read.Equal(m.Time) {
			t.Errorf("%s is read as %v, %v", want, read, err)
		}
	}
}

func TestOccurredAtReadsWhatWasStored(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 30, 0, 123456000, time.UTC)
	stored, err := json.Marshal(domain.Metadata{OccurredAt: domain.MomentOf(at)})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(stored), `{ "occurred_at" : "2026-11-22T10:30:00.123456+01:00" }`} {
		if got, err := domain.OccurredAt([]byte(text)); err != nil || !got.Equal(at) {
			t.Errorf("%s occurred at %v, %v", text, got, err)
		}
	}
	for _, text := range []string{``, `{"occurred_at":"soon"}`, `{"occurred_at":"2026-11-22T09:30:00.123456Z`} {
		if got, err := domain.OccurredAt([]byte(text)); err == nil {
			t.Errorf("%s occurred at %v", text, got)
		}
	}
}
