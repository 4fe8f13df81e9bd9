package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A request that has begun when SIGTERM comes is finished and answered, nothing
// new is taken, and the program ends with 0.
func TestShutdownFinishesWhatHasBegun(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			data := t.TempDir()
			p := serve(t, data)
			_, greta := p.person(data, "landlord", "Greta Lindqvist")
			jonas, jonasToken := p.person(data, "tenant", "Jonas Weber")
			channel := p.connect(greta, jonasToken, jonas)

			const body = `{"text":"on the way"}`
			address := strings.TrimPrefix(p.base, "http://")
			begun, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer begun.Close()
			begun.SetDeadline(time.Now().Add(patience))
			fmt.Fprintf(begun, "POST /v1/channels/%s/messages HTTP/1.1\r\nHost: lobby\r\nAuthorization: Bearer %s\r\n"+
				"Content-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", channel, greta, len(body))
			answers := bufio.NewReader(begun)
			if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
				t.Fatalf("the server does not read the body: %q, %v", line, err)
			}
			answers.ReadString('\n')

			if err := p.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			until(t, "nothing new is taken", func() bool {
				c, err := net.Dial("tcp", address)
				if err == nil {
					c.Close()
				}
				return err != nil
			})
			fmt.Fprint(begun, body)
			answer, err := http.ReadResponse(answers, nil)
			if err != nil || answer.StatusCode != http.StatusCreated {
				t.Fatalf("%v, %v", answer, err)
			}
			if code := p.end(); code != 0 {
				t.Errorf("ended with %d\n%s", code, p.stderr)
			}

			p = serve(t, data)
			var page struct{ Messages []struct{ Text string } }
			if status := p.get(jonasToken, "/v1/channels/"+channel+"/messages?after="+answer.Header.Get("Lobby-Position"), &page); status != http.StatusOK ||
				len(page.Messages) != 1 || page.Messages[0].Text != "on the way" {
				t.Errorf("%d %v", status, page)
			}
		})
	}
}

func TestASecondServerOnADirectoryIsRefused(t *testing.T) {
	data := t.TempDir()
	p := serve(t, data)
	out, err := exec.Command("lobby", "serve", "--data", data, "--listen", "127.0.0.1:0").CombinedOutput()
	if code := err.(*exec.ExitError).ExitCode(); code != 1 {
		t.Errorf("ended with %d", code)
	}
	if text := string(out); strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "lobby: ") || !strings.Contains(text, data) || !strings.Contains(text, "another process") {
		t.Errorf("it says %q", text)
	}
	if status := p.get("", "/readyz", nil); status != http.StatusOK {
		t.Errorf("the first one is disturbed: %d", status)
	}
	if code := p.signal(syscall.SIGTERM); code != 0 {
		t.Errorf("the first one ended with %d", code)
	}
	serve(t, data)
}
