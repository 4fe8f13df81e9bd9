// Package httpapi is what every route of the product shares: who is calling,
// how a request is read, how an error is answered, and how pages, cursors,
// idempotency keys and ETags are written.
//
// It promises that every refused request is answered with a problem document
// (RFC 9457) whose code is stable, that no route registered through Register is
// reached without a valid token unless it says so, and that an answer never
// carries the cause of an internal error. It never decides what a caller may do
// with a thing, never reads or writes the log or a read model, and never logs a
// request that went well.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Options of an API.
type Options struct {
	Version string       // of the API, as the OpenAPI document names it
	Tokens  *Verifier    // who is believed; without one every token is refused
	Log     *slog.Logger // where internal errors go; slog.Default() when nil
}

// API is one set of routes on one mux. Routes are added before the first
// request is served, and never after.
type API struct {
	mux    *http.ServeMux
	huma   huma.API
	tokens *Verifier
	log    *slog.Logger
}

// New makes an API with its OpenAPI document at /openapi.json and a page that
// shows it at /docs, and no other route.
func New(options Options) *API {
	if options.Log == nil {
		options.Log = slog.Default()
	}
	mux := http.NewServeMux()
	config := huma.DefaultConfig("Lobby", options.Version)
	// The document and its page are ours (see docs.go); the create hooks would
	// put $schema links into every body.
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil
	config.Formats = map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat}
	config.RejectUnknownQueryParameters = true
	config.Security = []map[string][]string{{"bearer": {}}}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT"},
	}
	describeIDs(config.Components.Schemas)
	config.Components.Responses = map[string]*huma.Response{"Problem": describeProblem(config.Components.Schemas)}

	a := &API{mux: mux, huma: humago.New(mux, config), tokens: options.Tokens, log: options.Log}
	a.serveDocs()
	mux.HandleFunc("/", a.noRoute)
	return a
}

// Handle adds a route that is no operation of the API, such as a health check
// or the reference client. Its pattern is one of http.ServeMux. It asks for no
// token.
func (a *API) Handle(pattern string, handler http.Handler) { a.mux.Handle(pattern, handler) }

// Handler serves every route.
func (a *API) Handler() http.Handler { return http.HandlerFunc(a.serve) }

// Server is an http.Server for the handler with limits for slow and careless
// clients. Writes have no deadline, because live streams stay open: a stream
// sets its own for each write.
func (a *API) Server() *http.Server {
	return &http.Server{
		Handler:           a.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
}

// Header values that every answer shares: assigning them costs no allocation.
var (
	noSniff = []string{"nosniff"}
	noStore = []string{"no-store"}
)

func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header["X-Content-Type-Options"] = noSniff
	header["Cache-Control"] = noStore // reads and static files say otherwise
	if problem := badURL(r.URL); problem != nil {
		problem.ServeHTTP(w, r)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// noRoute answers what no route matches: 405 where another method would have
// matched, else 404. It asks the mux again for each method, which only costs
// those who are lost.
func (a *API) noRoute(w http.ResponseWriter, r *http.Request) {
	var allowed string
	probe := r.WithContext(context.Background())
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		probe.Method = method
		if _, pattern := a.mux.Handler(probe); pattern == "" || pattern == "/" {
			continue
		}
		if allowed != "" {
			allowed += ", "
		}
		allowed += method
	}
	if allowed == "" {
		NewProblem(http.StatusNotFound, "no_such_route", "there is no such route").ServeHTTP(w, r)
		return
	}
	NewProblem(http.StatusMethodNotAllowed, "method_not_allowed", "this route does not take this method").
		WithHeader("Allow", allowed).ServeHTTP(w, r)
}
