package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// message is the body that is sent and echoed.
type message struct {
	Text      string `json:"text"`
	EmailCopy bool   `json:"email_copy,omitempty"`
}

// bodyBytes is the size of the body of a SendMessage and of an echo.
const bodyBytes = 300

// echoed is a text as long as the one of an echo.
func echoed(text string) string {
	const frame = len(`{"text":""}`)
	text += strings.Repeat(" and so on", bodyBytes/10)
	return text[:bodyBytes-frame]
}

// messageBody is a body of exactly so many bytes.
func messageBody(text string) []byte {
	body, err := json.Marshal(message{Text: echoed(text)})
	if err != nil {
		panic(err) // a string is always JSON
	}
	return body
}

// EchoServer serves what everything is compared with until the context ends: a
// bare net/http server that decodes and encodes the same JSON. It prints its
// address in a line.
func EchoServer(ctx context.Context, stdout io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		var m message
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(m)
	})
	server := &http.Server{Handler: mux}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	fmt.Fprintf(stdout, "echo serves http://%s\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// echo is a sample of the echo.
type echo struct{ sample }

// measureEcho measures the echo with so many clients, for half of a step's time.
func (r *run) measureEcho(clients int) (echo, error) {
	body := messageBody("Echo")
	operations := make([]operation, clients)
	for i := range operations {
		c := newClient(r.echo.base)
		defer c.close()
		q := c.request(http.MethodPost, "/echo", "", body)
		operations[i] = func() error {
			_, answer, err := q.send(http.StatusOK)
			if err == nil && len(answer) != len(body)+1 { // and a newline
				err = fmt.Errorf("the echo has %d bytes", len(answer))
			}
			return err
		}
	}
	s, err := r.watch(step{server: r.echo, operations: operations}, r.Duration/2)
	if err != nil {
		return echo{s}, fmt.Errorf("echo: %w", err)
	}
	r.report.row("echo", clients).load(s)
	return echo{s}, nil
}
