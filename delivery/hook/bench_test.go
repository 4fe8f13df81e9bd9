package hook

import (
	"net/http/httptest"
	"testing"
)

// BenchmarkDeliver is deliveries one after another to a receiver that takes them.
func BenchmarkDeliver(b *testing.B) {
	for name, start := range map[string]func(*httptest.Server){
		"HTTP/1.1": (*httptest.Server).Start,
		"HTTP/2":   func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() },
	} {
		b.Run(name, func(b *testing.B) {
			to := receive(b, start, nil)
			c := client(b)
			if to.TLS != nil {
				c = client(b, trusting(to.Server))
			}
			r := request(to.URL)
			for b.Loop() {
				if err := c.Deliver(b.Context(), r); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
		})
	}
}
