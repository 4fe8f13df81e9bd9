package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"lobby.example/projections"
)

// requests counts what was answered, by route and status.
var requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
	Name:    "lobby_http_request_seconds",
	Help:    "time to answer a request, by route and status",
	Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
}, []string{"route", "status"})

// observe adds the routes by which a program is watched: /healthz says that it
// runs, /readyz that queries are answered and how far behind they are, /metrics
// the figures for Prometheus.
func observe(p *program) {
	p.api.Handle("GET /healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("ok\n"))
	}))
	p.api.Handle("GET /readyz", http.HandlerFunc(p.ready))

	registry := prometheus.NewRegistry()
	registry.MustRegister(requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "lobby_read_model_behind_seconds",
			Help: "for how long events have been waiting to be visible",
		}, func() float64 { return p.model.Status().Behind }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "lobby_read_model_ready",
			Help: "1 while queries are answered from the read model",
		}, func() float64 {
			if p.model.Status().Ready() {
				return 1
			}
			return 0
		}))
	if p.delivery != nil {
		p.delivery.Collect(registry)
	}
	p.api.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
}

// readiness is the body of /readyz.
type readiness struct {
	Ready    bool     `json:"ready"`
	Build    string   `json:"build,omitempty"`    // of the read model that serves
	Position string   `json:"position,omitempty"` // that it shows
	Behind   float64  `json:"behind_seconds"`
	Building *float64 `json:"building,omitempty"` // how much of another build is done, from 0 to 1
	Failed   string   `json:"failed,omitempty"`   // the event that stopped the read model
}

func (p *program) ready(w http.ResponseWriter, _ *http.Request) {
	s := p.model.Status()
	r := readiness{Ready: s.Ready(), Position: s.Position.String(), Behind: s.Behind}
	if s.Build.Version > 0 {
		r.Build = "v" + strconv.Itoa(s.Build.Version) + "-b" + strconv.Itoa(s.Build.Number)
	}
	if s.Building {
		r.Building = &s.Progress
	}
	if s.Failed != nil {
		r.Failed = "the read model was not built; the server's log says why"
		if undigested, ok := errors.AsType[*projections.UndigestedError](s.Failed); ok {
			r.Failed = fmt.Sprintf("cannot digest %s, revision %d of %s, at position %s", undigested.Kind, undigested.Revision, undigested.Stream, undigested.Position)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if !r.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	json.NewEncoder(w).Encode(r)
}

// measured counts and times requests by the pattern of their route.
func (p *program) measured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(status, r)
		requests.WithLabelValues(r.Pattern, strconv.Itoa(status.status)).Observe(time.Since(began).Seconds())
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController through.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
