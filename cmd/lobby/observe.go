package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"lobby.example/projections"
	"lobby.example/readmodel"
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
	for _, what := range []string{forEvents, forFiles, forModel} {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name:        "lobby_no_room",
			Help:        "1 while there is no room for what is to be written",
			ConstLabels: prometheus.Labels{"for": what},
		}, func() float64 {
			if slices.Contains(p.lacking(), what) {
				return 1
			}
			return 0
		}))
	}
	if p.delivery != nil {
		p.delivery.Collect(registry)
	}
	p.api.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
}

// What there may be no room for.
const (
	forEvents = "events" // commands are refused
	forFiles  = "files"  // uploads are refused
	forModel  = "read_model"
)

// lacking is what there was no room for when it was last to be written.
func (p *program) lacking() (what []string) {
	events, files := p.commands.Lacking()
	if events {
		what = append(what, forEvents)
	}
	if files {
		what = append(what, forFiles)
	}
	if s := p.model.Status(); errors.Is(s.Broken, readmodel.ErrFull) || errors.Is(s.Failed, readmodel.ErrFull) {
		what = append(what, forModel)
	}
	return what
}

// readiness is the body of /readyz. A program that has no room is ready all the
// same, while it answers queries.
type readiness struct {
	Ready    bool     `json:"ready"`
	Build    string   `json:"build,omitempty"`    // of the read model that serves
	Position string   `json:"position,omitempty"` // that it shows
	Behind   float64  `json:"behind_seconds"`
	Building *float64 `json:"building,omitempty"` // how much of another build is done, from 0 to 1
	Failed   string   `json:"failed,omitempty"`   // the event that stopped the read model
	Broken   string   `json:"broken,omitempty"`   // the read model cannot be written for now
	NoRoom   []string `json:"no_room,omitempty"`  // for what: events, files, read_model
}

func (p *program) ready(w http.ResponseWriter, _ *http.Request) {
	s := p.model.Status()
	r := readiness{Ready: s.Ready(), Position: s.Position.String(), Behind: s.Behind, NoRoom: p.lacking()}
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
	if s.Broken != nil {
		r.Broken = "the read model could not be written, which is tried again; the server's log says why"
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
