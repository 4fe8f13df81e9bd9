package hook

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestAnswersThatAreNone may pass, and are told without what was sent.
func TestAnswersThatAreNone(t *testing.T) {
	for name, c := range map[string]struct{ answer, want string }{
		"nothing":                    {"", "EOF"},
		"another protocol":           {"220 mail.example.org ESMTP\r\n", "malformed HTTP status code"},
		"HTTP/0.9":                   {"<html>\r\n", "malformed HTTP response"},
		"no status":                  {"HTTP/1.1 OK\r\n\r\n", "malformed HTTP status code"},
		"half a head":                {"HTTP/1.1 200 OK\r\nContent-", "not HTTP"},
		"a header that is not":       {"HTTP/1.1 200 OK\r\n" + secret + "\r\n\r\n", "not HTTP"},
		"an endless header":          {"HTTP/1.1 200 OK\r\nA: " + strings.Repeat("a", 1<<20) + "\r\n\r\n", "exceeded"},
		"an echo, no HTTP":           {`{"text":"The heating is cold again, could you please have a look?"}`, "malformed"},
		"the secret, no HTTP":        {secret + "\r\n\r\n", "malformed"},
		"two lengths":                {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "Content-Length"},
		"less than nothing":          {"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "Content-Length"},
		"other encoding":             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "transfer encoding"},
		"only preliminaries":         {strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 10000), "hook: "},
		"another protocol from here": {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: any\r\nConnection: upgrade\r\n\r\n", "answers 101"},
		"a reason of its own":        {"HTTP/1.1 500 " + secret + "\r\nContent-Length: 0\r\n\r\n", "answers 500 Internal Server Error"},
		"a status of its own":        {"HTTP/1.1 999 " + secret + "\r\nContent-Length: 0\r\n\r\n", "answers 999"},
		"500, and lies about length": {"HTTP/1.1 500 No\r\nContent-Length: 500\r\n\r\nfire", `answers 500 Internal Server Error: "fire"`},
		"500, and breaks off":        {"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfire\r\nzz", `answers 500 Internal Server Error: "fire"`},
	} {
		t.Run(name, func(t *testing.T) {
			mayPass(t, client(t).Deliver(t.Context(), request("http://"+raw(t, answers(c.answer)))), c.want)
		})
	}
}

// TestTakenIsTaken whatever comes after the status.
func TestTakenIsTaken(t *testing.T) {
	for name, answer := range map[string]string{
		"lies about length": "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nok",
		"breaks off":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz",
		"until it hangs up": "HTTP/1.1 202 Accepted\r\n\r\nok",
		"preliminaries":     "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
		"not what it is in": "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
	} {
		t.Run(name, func(t *testing.T) {
			if err := client(t).Deliver(t.Context(), request("http://"+raw(t, answers(answer)))); err != nil {
				t.Error(err)
			}
		})
	}
}

// untilHungUp answers what the other side says with something, then says more
// every few milliseconds, or nothing, until the other side hangs up.
func untilHungUp(conn net.Conn, first, again string) {
	if _, err := conn.Read(make([]byte, 64<<10)); err != nil {
		return
	}
	_, _ = io.WriteString(conn, first)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, conn)
	}()
	for tick := time.Tick(5 * time.Millisecond); again != ""; {
		select {
		case <-gone:
			return
		case <-tick:
			_, _ = io.WriteString(conn, again)
		}
	}
	<-gone
}

// TestSlowAnswersEndInTime, and the connection with them.
func TestSlowAnswersEndInTime(t *testing.T) {
	for name, c := range map[string]struct {
		scheme, first, again, want string
	}{
		"silence":          {"http", "", "", "no answer within 200ms"},
		"silence in TLS":   {"https", "", "", "no answer within 200ms"},
		"dripping head":    {"http", "HTTP/1.1 200 OK\r\n", "A: b\r\n", "no answer within 200ms"},
		"preliminaries":    {"http", "", "HTTP/1.1 102 Processing\r\n\r\n", "hook: "},
		"dripping failure": {"http", "HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n", "no", `500 Internal Server Error: "nono`},
		"dripping success": {"http", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "ok", ""},
		"switching":        {"http", "HTTP/1.1 101 Up\r\nUpgrade: any\r\nConnection: upgrade\r\n\r\n", "ok", "answers 101"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hungUp := make(chan struct{})
			at, began := raw(t, func(conn net.Conn) {
				untilHungUp(conn, c.first, c.again)
				close(hungUp)
			}), time.Now()
			err := client(t, impatient).Deliver(t.Context(), request(c.scheme+"://"+at))
			if c.want != "" {
				mayPass(t, err, c.want)
			} else if err != nil {
				t.Error(err)
			}
			<-hungUp
			if took := time.Since(began); took > 10*time.Second { // the busiest machine included
				t.Errorf("took %s", took)
			}
		})
	}
}

// TestALongAnswerIsCutOff: the receiver cannot get rid of all of it.
func TestALongAnswerIsCutOff(t *testing.T) {
	for _, status := range []int{200, 500} {
		for name, start := range map[string]func(*httptest.Server){
			"HTTP/1.1": (*httptest.Server).Start,
			"HTTP/2":   func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() },
		} {
			t.Run(name+" "+http.StatusText(status), func(t *testing.T) {
				wrote := make(chan int, 1)
				to := receive(t, start, func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(status)
					sum := 0
					for piece := make([]byte, 1<<16); sum < 1<<30; sum += len(piece) {
						if _, err := w.Write(piece); err != nil {
							break
						}
					}
					wrote <- sum
				})
				c := client(t)
				if to.TLS != nil {
					c = client(t, trusting(to.Server))
				}
				if err := c.Deliver(t.Context(), request(to.URL)); (err == nil) != (status == 200) {
					t.Error(err)
				}
				if sum := <-wrote; sum > 64<<20 { // the buffers between us hold some
					t.Errorf("%d bytes were taken", sum)
				}
			})
		}
	}
}

// TestMaxResponseIsAllThatIsRead of an answer, and of what may be quoted.
func TestMaxResponseIsAllThatIsRead(t *testing.T) {
	to := receive(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "0123456789")
	})
	c := client(t, func(o *Options) { o.MaxResponse = 4 })
	mayPass(t, c.Deliver(t.Context(), request(to.URL)), `502 Bad Gateway: "0123"`)
}

// TestConnectionsAreUsedAgain after answers of every form, unless the receiver
// closes them.
func TestConnectionsAreUsedAgain(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"empty":  func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) },
		"short":  func(w http.ResponseWriter) { _, _ = io.WriteString(w, "taken") },
		"long":   func(w http.ResponseWriter) { _, _ = w.Write(make([]byte, 60<<10)) },
		"failed": func(w http.ResponseWriter) { http.Error(w, "busy", http.StatusServiceUnavailable) },
		"closed": func(w http.ResponseWriter) { w.Header().Set("Connection", "close") },
	} {
		t.Run(name, func(t *testing.T) {
			to := receive(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) { answer(w) })
			c, from := client(t), map[string]bool{}
			for range 10 {
				if err := c.Deliver(t.Context(), request(to.URL)); (err != nil) != (name == "failed") {
					t.Fatal(err)
				}
			}
			for _, q := range to.arrived() {
				from[q.RemoteAddr] = true
			}
			if n := len(to.arrived()); n != 10 || len(from) != map[bool]int{true: 10, false: 1}[name == "closed"] {
				t.Errorf("%d deliveries on %d connections", n, len(from))
			}
		})
	}
}

// TestWhatIsSaidUnasked is logged by the library, by its first characters alone.
func TestWhatIsSaidUnasked(t *testing.T) {
	var logged strings.Builder
	before := log.Writer()
	log.SetOutput(&logged)
	r := request("")
	hungUp := make(chan struct{})
	r.URL = "http://" + raw(t, func(conn net.Conn) {
		untilHungUp(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"+string(r.Body), "")
		close(hungUp)
	})
	err := client(t).Deliver(t.Context(), r)
	<-hungUp
	log.SetOutput(before)
	if err != nil || !strings.Contains(logged.String(), "starting with") || strings.Contains(logged.String(), "heating") {
		t.Errorf("%v, logged %q", err, &logged)
	}
}
