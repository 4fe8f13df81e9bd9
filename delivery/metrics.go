package delivery

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what an operator watches.
type metrics struct {
	outcomes *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics() metrics {
	return metrics{
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lobby_deliveries_total",
			Help: "attempts to deliver, by topic and what became of them: sent, again, parked, gone, or dropped and why",
		}, []string{"topic", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "lobby_delivery_attempt_seconds",
			Help:    "time that an attempt to deliver took, by topic",
			Buckets: []float64{.001, .005, .01, .05, .1, .5, 1, 5, 10, 30},
		}, []string{"topic"}),
	}
}

func (m metrics) count(topic string, o outcome) {
	m.outcomes.WithLabelValues(topic, string(o)).Inc()
}

func (m metrics) took(topic string, t time.Duration) {
	m.seconds.WithLabelValues(topic).Observe(t.Seconds())
}

func (m metrics) register(registry prometheus.Registerer, d *Delivery) {
	registry.MustRegister(m.outcomes, m.seconds, waiting{d})
}

// waiting collects what is in the queue when it is asked for.
type waiting struct{ *Delivery }

var (
	running = prometheus.NewDesc("lobby_delivery_running", "1 while this process is the one who delivers", nil, nil)
	items   = prometheus.NewDesc("lobby_delivery_items", "what waits to be delivered, by topic, and whether it is parked", []string{"topic", "parked"}, nil)
	parked  = prometheus.NewDesc("lobby_delivery_parked_recipients", "recipients to whom nothing goes until an operator acts, by topic", []string{"topic"}, nil)
)

func (w waiting) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- running
	descriptions <- items
	descriptions <- parked
}

func (w waiting) Collect(figures chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		figures <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	one := 0.0
	if w.Running() {
		one = 1
	}
	gauge(running, one)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	counts, err := w.Store.Counts(ctx)
	if err != nil {
		w.Logger.Warn("deliveries not counted", "error", err)
		return
	}
	for topic, c := range counts {
		gauge(items, float64(c.Items-c.ParkedItems), topic, "false")
		gauge(items, float64(c.ParkedItems), topic, "true")
		gauge(parked, float64(c.ParkedRecipients), topic)
	}
}
