package httpapi

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/swaggest/swgui/v5emb"
)

const docsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lobby API</title>
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

// validatorUrl is null because the default sends the document elsewhere.
const docsScript = `window.ui = SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
});
`

const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// serveDocs adds the OpenAPI document and a page that shows it. Everything the
// page needs is in the binary.
func (a *API) serveDocs() {
	document := sync.OnceValues(func() ([]byte, error) { return json.Marshal(a.huma.OpenAPI()) })
	a.mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) {
		body, err := document()
		if err != nil {
			a.problem(r.Context(), "openapi.json", err).ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Write(body)
	})
	a.serveText("GET /docs", "text/html; charset=utf-8", docsPage)
	a.serveText("GET /docs/start.js", "text/javascript; charset=utf-8", docsScript)
	assets := v5emb.New("", "", "/docs/")
	for _, name := range []string{"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"} {
		a.mux.HandleFunc("GET /docs/"+name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=3600")
			assets.ServeHTTP(w, r)
		})
	}
}

func (a *API) serveText(pattern, contentType, body string) {
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		w.Header().Set("Content-Type", contentType)
		w.Write([]byte(body))
	})
}
