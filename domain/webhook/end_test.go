package webhook

import (
	"testing"

	"lobby.example/domain"
)

func TestRule5_AWebhookEndsOnce(t *testing.T) {
	given(t, created).When(End{Webhook: books, Reason: Deleted}).Then(deleted).Again().Nothing()
	given(t, created, rotated).When(End{Webhook: books, Reason: Gone}).Then(Ended{Webhook: books, Reason: Gone}).Again().Nothing()
	given(t, created, deleted).When(End{Webhook: books, Reason: Gone}).Nothing()
	given(t).When(End{Webhook: books, Reason: Deleted}).Refused(domain.NotFound, "webhook_not_found")
}

func TestRule5_NothingHappensToAWebhookThatHasEnded(t *testing.T) {
	given(t, created, deleted).When(create()).Refused(domain.Conflict, "webhook_ended")
	given(t, created, deleted).When(RotateSecret{Webhook: books, Secret: newer, At: noon}).Refused(domain.Conflict, "webhook_ended")
}

func TestRule5_AReasonIsOneOfTwo(t *testing.T) {
	for _, reason := range []Reason{"", "boredom"} {
		given(t, created).When(End{Webhook: books, Reason: reason}).Refused(domain.Invalid, "unknown_reason")
	}
}
