package stories

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/google/uuid"

	"lobby.example/commands"
	"lobby.example/domain"
)

// aboutPrograms is who else is told.
var aboutPrograms = []sentence{
	{says: "creates webhook NEW at PROGRAM for KINDS with the secret SECRET", route: "POST /webhooks", body: `{"url": {PROGRAM}, "kinds": {KINDS}, "secret": {SECRET}}`},
	{says: "signs THING with the secret SECRET", route: "PUT /webhooks/{THING}/secret", body: `{"secret": {SECRET}}`},
	{says: "deletes webhook THING", route: "DELETE /webhooks/{THING}"},
	{says: "looks at the webhooks", route: "GET /webhooks", shows: `
{{range .webhooks}}{{program .url}}: {{range $i, $k := .kinds}}{{if $i}}, {{end}}{{$k}}{{end}}, since {{time .created_at}}
{{- with index . "rotated_at"}}; another secret since {{time .}}{{end}}{{with index . "ended_at"}}; ended {{time .}}{{end}}{{with index . "reason"}} ({{.}}){{end}}
{{end}}`},
}

// programs is where other programs listen, and what the commands need of delivery:
// a target is reached over the network, and a secret is kept in memory.
type programs struct {
	server  *httptest.Server
	mu      sync.Mutex
	secrets map[uuid.UUID]string
}

func (p *programs) Reach(ctx context.Context, target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return domain.Bad("url", "target_unreachable", "The target cannot be reached.")
	}
	return connection.Close()
}

func (p *programs) KeepSecret(_ context.Context, id, _ uuid.UUID, secret string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before, ok := p.secrets[id]; ok && before != secret {
		return commands.ErrOtherSecret
	}
	p.secrets[id] = secret
	return nil
}

// at is the URL of a program, and called its name.
func (p *programs) at(name string) string { return p.server.URL + "/" + name }

func (p *programs) called(url string) string { return strings.TrimPrefix(url, p.server.URL+"/") }

var gone = regexp.MustCompile(`^Lobby ends (#\w+), whose program is gone$`)

// endWebhook does what the program does when a target answers that it is gone.
func (s *teller) endWebhook(id string) string {
	return s.happens(func() { s.must(s.commands.EndWebhook(s.t.Context(), uuid.MustParse(id), s.now())) })
}

var (
	link = regexp.MustCompile(`^(\p{Lu}\p{L}*) (opens|confirms) the link in an email$`)
	tags = regexp.MustCompile(`(?s)<head>.*</head>|<[^>]*>`)
)

// follow opens a person's link to end email copies, or presses its button, and tells
// the page. There is no token but the link.
func (s *teller) follow(who, how string) string {
	method := map[string]string{"opens": http.MethodGet, "confirms": http.MethodPost}[how]
	w := httptest.NewRecorder()
	written := s.happens(func() {
		s.handler.ServeHTTP(w, httptest.NewRequest(method, "/unsubscribe/"+s.id(who).String(), nil))
	})
	var page []string
	for line := range strings.SplitSeq(tags.ReplaceAllString(w.Body.String(), ""), "\n") {
		if line != "" {
			page = append(page, line)
		}
	}
	return written + "\n" + strings.Join(page, "\n")
}

// whoseLink takes a person's id for the token of their link, where the program has
// one that nobody can guess.
func whoseLink(_ context.Context, token string) (uuid.UUID, bool) {
	id, err := uuid.Parse(token)
	return id, err == nil
}
