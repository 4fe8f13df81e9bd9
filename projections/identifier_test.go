package projections_test

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"

	"lobby.example/domain/attachment"
	"lobby.example/domain/reader"
	"lobby.example/domain/scenario"
	"lobby.example/projections"
	"lobby.example/readmodel/readmodeltest/engines"
)

// The tables hold identifiers only, so another name stops the model as an event,
// and not as a write that is tried for ever.
func TestANameThatIsNoIdentifierIsNotDigested(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		muted := `{"person":"` + scenario.ID("Anna").String() + `","channel":"everything"}`
		bound := `{"attachment":"` + scenario.ID("photo").String() + `","stream":"post-everywhere"}`
		for stream, event := range map[string][2]string{
			"connection-elsewhere":                  {"disconnected", `{}`},
			"post-elsewhere":                        {"post_removed", `{}`},
			"maintenance-elsewhere":                 {"status_set", `{}`},
			reader.Stream(scenario.ID("Anna")):      {"channel_muted", muted},
			attachment.Stream(scenario.ID("photo")): {"attachment_bound", bound},
		} {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				log := openLog(t, filepath.Join(dir, "log.sqlite"))
				w := newWorld(t, log)
				r := served(t, log, alone{openEngine(t, filepath.Join(dir, "models"))}, projections.Options{})
				at := w.raw(stream, event[0], []byte(event[1]))
				synctest.Wait()
				var undigested *projections.UndigestedError
				if s := r.Status(); !errors.As(s.Failed, &undigested) || undigested.Position != at || undigested.Stream != stream {
					t.Errorf("%s: the status is %+v", stream, s)
				}
			})
		}
	})
}
