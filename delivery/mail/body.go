package mail

import (
	"fmt"
	"html/template"
	"strings"
)

// body is what both parts of a letter say.
type body struct {
	Service     string // what recipients know this service by
	Sender      string // who wrote, or empty
	Lines       []string
	Files       []File // names are lines
	Link        string
	Unsubscribe string
}

func (s *Sender) body(l Letter) body {
	b := body{
		Service: s.from.Name, Sender: line(l.SenderName, 100), Lines: lines(l.Text),
		Link: l.Link, Unsubscribe: l.Unsubscribe,
	}
	for _, f := range l.Files {
		b.Files = append(b.Files, File{Name: line(f.Name, 200), Size: f.Size, Link: f.Link})
	}
	return b
}

// Opening, Closing and Stop are the words around the message.
func (b body) Opening() string {
	if b.Sender == "" {
		return "You have a message on " + b.Service + ":"
	}
	return b.Sender + " wrote to you on " + b.Service + ":"
}

func (b body) Closing() string {
	return "This is a copy of the message, which counts as unseen until you open it on " + b.Service + ". Nobody reads answers to this email."
}

func (b body) Stop() string { return "Stop these copies" }

// size is a file's, as people say it.
func (f File) size() string {
	size, unit := float64(f.Size), "B"
	for _, next := range []string{"kB", "MB", "GB"} {
		if size < 999.5 {
			break
		}
		size, unit = size/1000, next
	}
	if unit == "B" || size >= 9.95 {
		return fmt.Sprintf("%.0f %s", size, unit)
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}

// plain is the part for those who read no HTML.
func (b body) plain() string {
	var w strings.Builder
	fmt.Fprintf(&w, "%s\n\n%s\n", b.Opening(), strings.Join(b.Lines, "\n"))
	if len(b.Files) > 0 {
		w.WriteString("\nFiles:\n")
	}
	for _, f := range b.Files {
		fmt.Fprintf(&w, "- %s (%s)\n", f.Name, f.size())
		if f.Link != "" {
			fmt.Fprintf(&w, "  %s\n", f.Link)
		}
	}
	if b.Link != "" {
		fmt.Fprintf(&w, "\nOpen the conversation: %s\n", b.Link)
	}
	fmt.Fprintf(&w, "\n-- \n%s\n", b.Closing())
	if b.Unsubscribe != "" {
		fmt.Fprintf(&w, "%s: %s\n", b.Stop(), b.Unsubscribe)
	}
	return w.String()
}

// htmlPart is the part in HTML. It works without styles and fetches nothing, and
// what a person wrote is never a link. Each line has the direction of its own
// writing.
var htmlPart = template.Must(template.New("letter").Funcs(template.FuncMap{"size": File.size}).Parse(`<!doctype html>
<html>
<head><meta charset="utf-8"></head>
<body>
<p dir="auto">{{.Opening}}</p>
<blockquote>
{{range .Lines}}<div dir="auto" style="white-space: pre-wrap">{{if .}}{{.}}{{else}}<br>{{end}}</div>
{{end}}</blockquote>
{{with .Files}}<p>Files:</p>
<ul>
{{range .}}<li><span dir="auto">{{if .Link}}<a href="{{.Link}}">{{.Name}}</a>{{else}}{{.Name}}{{end}}</span> ({{size .}})</li>
{{end}}</ul>
{{end}}{{with .Link}}<p><a href="{{.}}">Open the conversation</a></p>
{{end}}<hr>
<p><small>{{.Closing}}{{with .Unsubscribe}} <a href="{{.}}">{{$.Stop}}</a>{{end}}</small></p>
</body>
</html>
`))
