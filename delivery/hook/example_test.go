package hook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"lobby.example/delivery/hook"
)

// signed is all that a receiver has to do, with nothing of ours.
func signed(header http.Header, body []byte, secret string) bool {
	sent, err := strconv.ParseInt(header.Get("Lobby-Timestamp"), 10, 64)
	if err != nil || time.Since(time.Unix(sent, 0)).Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", sent, body)
	want := "v1=" + hex.EncodeToString(mac.Sum(nil))
	return slices.ContainsFunc(strings.Fields(header.Get("Lobby-Signature")), func(got string) bool { return hmac.Equal([]byte(got), []byte(want)) })
}

func Example() {
	const secret = "a secret of more than 32 characters!"
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(http.MaxBytesReader(w, r.Body, 2<<20))
		fmt.Println(r.Header.Get("Lobby-Event"), "attempt", r.Header.Get("Lobby-Attempt"), "signed:", signed(r.Header, body, secret))
		fmt.Println("signed with something else:", signed(r.Header, body, "guessed"))
	}))
	defer receiver.Close()

	client := hook.New(hook.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	defer client.Close()
	err := client.Deliver(context.Background(), hook.Request{
		URL: receiver.URL, ID: uuid.New(), Attempt: 1, Kind: "message_sent",
		Body: []byte(`{"text":"Hello, world"}`), Secrets: []string{secret},
	})
	fmt.Println("delivered:", err == nil)
	// Output:
	// message_sent attempt 1 signed: true
	// signed with something else: false
	// delivered: true
}
