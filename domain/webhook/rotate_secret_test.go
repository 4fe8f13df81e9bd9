package webhook

import (
	"testing"
	"time"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func TestRule4_ANewSecretTakesThePlaceOfTheOneBefore(t *testing.T) {
	given(t, created).When(RotateSecret{Webhook: books, Secret: newer, At: noon}).Then(rotated).Again().Nothing()
	given(t, created, rotated).When(RotateSecret{Webhook: books, Secret: newest, At: noon}).Then(rotatedTo(newest, noon))

	t.Run("and the time is stored to the microsecond", func(t *testing.T) {
		at := noon.Add(999 * time.Nanosecond).In(time.FixedZone("UTC+1", 3600))
		given(t, created).When(RotateSecret{Webhook: books, Secret: newer, At: at}).Then(rotated)
	})
	t.Run("of a webhook that there is", func(t *testing.T) {
		given(t).When(RotateSecret{Webhook: scenario.ID("no webhook"), Secret: newer, At: noon}).Refused(domain.NotFound, "webhook_not_found")
	})
}
