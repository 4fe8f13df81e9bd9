package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain/connection"
	"lobby.example/domain/person"
	"lobby.example/domain/scenario"
)

// From the append to a letter at the server's, through plan, queue and 8
// connections, to 100 recipients: letters a second.
func BenchmarkCopies(b *testing.B) {
	w := newWorld(b)
	tenants := neighbours(w, 100)
	w.start()
	b.ResetTimer()
	for n := range b.N {
		w.send(tenants[n%len(tenants)], "The keys are with the caretaker.")
	}
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute)
	defer cancel()
	if _, err := w.mails.Wait(ctx, b.N); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}

// The same for calls of 10 webhooks: calls a second.
func BenchmarkCalls(b *testing.B) {
	w := newWorld(b)
	w.start()
	receivers := make([]*receiver, 10)
	for i := range receivers {
		receivers[i] = newReceiver(b)
		w.subscribe(receivers[i].URL, "message_sent")
	}
	b.ResetTimer()
	for range b.N/len(receivers) + 1 {
		w.write(channel(jonas), connection.MessageSent{Message: uuid.New(), From: greta, To: jonas, Text: "Hello."})
	}
	w.until("all calls came", func() bool {
		for _, r := range receivers {
			if len(r.called()) < b.N/len(receivers)+1 {
				return false
			}
		}
		return true
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// neighbours are people with an address who are connected with greta.
func neighbours(w *world, n int) (tenants []uuid.UUID) {
	for i := range n {
		id := scenario.ID(fmt.Sprintf("tenant %d", i))
		w.write(person.Stream(id), person.Registered{Person: id, Role: person.Tenant, Profile: person.Profile{Name: "Tenant", Email: fmt.Sprintf("tenant%d@example.org", i)}})
		w.write(channel(id), connection.InvitationSent{From: connection.Party{Person: greta, Role: "landlord"}, To: connection.Party{Person: id, Role: "tenant"}})
		w.write(channel(id), connection.InvitationAccepted{By: id, Other: greta})
		tenants = append(tenants, id)
	}
	return tenants
}
